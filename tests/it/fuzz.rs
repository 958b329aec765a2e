//! Whatever is sent: our own documents cut, spliced and spoilt. What comes of each is a rejection, or events that keep
//! the contract. `tests/run --fuzz MINUTES` gives these tests new input for that long.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;

use crate::events::{check_evidence_of, documents, events_of, incoming};

static DOCUMENTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| documents().into_iter().map(|(_, body)| body).collect());

/// What formats, encodings and the words of news turn on.
const TOKENS: [&[u8]; 24] = [
    b"\n",
    b"\n\n",
    b"\r",
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b",",
    b":",
    b"\0",
    b"\x1b",
    b"\xff",
    b"\xc3",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xa8",
    b"\\ud800",
    b"1e999",
    b"U.S.",
    b" (AP) \xe2\x80\x94 ",
    b"By ",
    b"09:30",
    b"Congo",
    b"\xd8\xb3",
];

/// One thing done to a document.
#[derive(Debug, Clone)]
enum Edit {
    Keep(Index, Index),
    Repeat(Index, Index),
    Set(Index, u8),
    Insert(Index, &'static [u8]),
    Splice(Index, Index),
}

impl Edit {
    fn apply(&self, mut body: Vec<u8>) -> Vec<u8> {
        let place = |index: &Index| index.index(body.len() + 1);
        match self {
            Edit::Keep(one, other) => {
                let (start, end) = in_order(place(one), place(other));
                body[start..end].to_vec()
            }
            Edit::Repeat(one, other) => {
                let (start, end) = in_order(place(one), place(other));
                let piece = body[start..end].to_vec();
                body.splice(end..end, piece);
                body
            }
            Edit::Set(index, byte) => {
                let at = place(index);
                if let Some(changed) = body.get_mut(at) {
                    *changed = *byte;
                }
                body
            }
            Edit::Insert(index, token) => {
                let at = place(index);
                body.splice(at..at, token.iter().copied());
                body
            }
            Edit::Splice(index, document) => {
                let at = place(index);
                body.splice(at.., document.get(&DOCUMENTS).iter().skip(at).copied());
                body
            }
        }
    }
}

fn in_order(one: usize, other: usize) -> (usize, usize) {
    (one.min(other), one.max(other))
}

fn edit() -> impl Strategy<Value = Edit> {
    let index = any::<Index>;
    prop_oneof![
        (index(), index()).prop_map(|(one, other)| Edit::Keep(one, other)),
        (index(), index()).prop_map(|(one, other)| Edit::Repeat(one, other)),
        (index(), any::<u8>()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        (index(), prop::sample::select(TOKENS.to_vec())).prop_map(|(at, token)| Edit::Insert(at, token)),
        (index(), index()).prop_map(|(at, document)| Edit::Splice(at, document)),
    ]
}

/// A document of ours after some edits.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let edits = prop::collection::vec(edit(), 0..6);
    (any::<Index>(), edits).prop_map(|(document, edits)| {
        edits.iter().fold(document.get(&DOCUMENTS).clone(), |body, edit| edit.apply(body))
    })
}

fn content_type() -> impl Strategy<Value = Option<&'static str>> {
    prop::sample::select(vec![
        None,
        Some("text/plain"),
        Some("application/json"),
        Some("text/plain; charset=iso-8859-1"),
        Some("text/plain; charset=utf-16"),
        Some("text/html; charset=\"\""),
    ])
}

proptest! {
    #[test]
    fn whatever_is_sent_is_rejected_or_gives_events_that_keep_the_contract(
        body in body(),
        content_type in content_type(),
    ) {
        let mut message = incoming(&body);
        message.properties.content_type = content_type.map(str::to_owned);
        let events = events_of(&message);
        let mut ids = Vec::new();
        for outgoing in &events {
            check_evidence_of(outgoing, "a spoilt document");
            ids.push(outgoing.properties.message_id.clone());
        }
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(ids.len(), events.len(), "an id was given twice");
        message.redelivered = true;
        prop_assert!(events == events_of(&message), "a second delivery gives other events");
    }
}
