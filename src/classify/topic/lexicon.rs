//! The curated lexicon: which words and phrases count for which concept, and how strongly. Finds them in a text;
//! [`super::tally`] adds them up. The file format is described in [`super::lexicon_file`].

use crate::classify::data::Origin;
use crate::classify::phrases::{Bits, Case, Phrases};
use crate::classify::text::{CaseStyle, Shape, Text, Token, hash_phrase, hash_word};

use super::inflection::Inflection;
use super::taxonomy::ConceptId;

/// Maximum number of words of a phrase; bounds the look-ahead at every word.
pub(super) const TERM_WORDS_MAX: usize = 6;

/// Binary logarithm of the bits kept for first words: 128 KB, which stay in the processor's cache.
const FIRST_WORDS_LOG: u32 = 20;

/// The terms of one language.
#[derive(Debug, Clone)]
pub(super) struct Lexicon {
    /// How a starred word is inflected.
    pub(super) inflection: Inflection,
    /// Phrases and beginnings of phrases, each with its place in `spans`.
    phrases: Phrases,
    /// First words, as they are kept: most words of a text begin no phrase.
    first_words: Bits,
    /// Where the terms of each phrase are; none for what only begins longer phrases.
    spans: Vec<Span>,
    terms: Vec<Term>,
}

/// A range of [`Lexicon::terms`].
#[derive(Debug, Clone, Copy, Default)]
struct Span {
    first: u32,
    count: u32,
}

/// A phrase that counts for a concept, or against it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Term {
    /// What it counts for.
    pub(super) concept: ConceptId,
    /// How strongly; below zero it counts against.
    pub(super) weight: f32,
    /// Where it was written.
    pub(super) origin: Origin,
}

/// A phrase as a lexicon file writes it, cut into folded words.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Phrase {
    pub(super) words: Vec<String>,
    pub(super) case: Case,
}

/// A phrase found in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    /// The phrase; [`Lexicon::terms`] gives what it counts for.
    pub(super) phrase: u32,
    /// Its first and last word, as places in [`Text::tokens`].
    pub(super) first: u32,
    pub(super) last: u32,
}

impl Lexicon {
    /// An empty lexicon of a language, by its primary tag.
    pub(super) fn new(language: &str) -> Self {
        Lexicon {
            inflection: Inflection::of(language),
            phrases: Phrases::with_capacity(0),
            first_words: Bits::new(FIRST_WORDS_LOG),
            spans: Vec::new(),
            terms: Vec::new(),
        }
    }

    /// Adds a term; the same phrase for the same concept replaces what was there, so that a later file overrides.
    pub(super) fn add(&mut self, phrase: &Phrase, term: Term) {
        let mut key = mark(hash_word(&phrase.words[0]), phrase.case);
        self.first_words.insert(key);
        for word in &phrase.words[1..] {
            self.span(key);
            self.phrases.insert_beginning(key);
            key = hash_phrase(key, hash_word(word));
        }
        let at = self.span(key);
        self.add_term(at, term);
    }

    fn add_term(&mut self, at: usize, term: Term) {
        let Span { first, count } = self.spans[at];
        let known = first as usize..(first + count) as usize;
        if let Some(same) = self.terms[known.clone()].iter_mut().find(|known| known.concept == term.concept) {
            *same = term;
            return;
        }
        // A phrase of several concepts moves to the end, where there is room for one more.
        let moved = self.terms.len() as u32;
        self.terms.extend_from_within(known);
        self.terms.push(term);
        self.spans[at] = Span { first: moved, count: count + 1 };
    }

    /// The place of a phrase in `spans`.
    fn span(&mut self, key: u64) -> usize {
        if let Some(at) = self.phrases.get(key) {
            return at as usize;
        }
        self.spans.push(Span::default());
        self.phrases.insert(key, self.spans.len() as u32 - 1);
        self.spans.len() - 1
    }

    /// What a phrase counts for.
    pub(super) fn terms(&self, hit: &Hit) -> &[Term] {
        let Span { first, count } = self.spans[hit.phrase as usize];
        &self.terms[first as usize..][..count as usize]
    }

    /// Every phrase between two words of a text, the longest at each place; no word is read for two phrases.
    pub(super) fn find(&self, text: &Text<'_>, from: usize, to: usize, hits: &mut Vec<Hit>) {
        let tokens = &text.tokens()[from..to];
        let mut at = 0;
        while at < tokens.len() {
            // A lower-case word is looked up in one way only, and most begin no phrase.
            if tokens[at].shape == Shape::Lower && !self.first_words.may_contain(tokens[at].hash) {
                at += 1;
                continue;
            }
            match self.longest(text, &tokens[at..]) {
                Some((phrase, words)) => {
                    let first = (from + at) as u32;
                    hits.push(Hit { phrase, first, last: first + words as u32 - 1 });
                    at += words;
                }
                None => at += 1,
            }
        }
    }

    /// The longest phrase at the start of `tokens`, and its number of words. Between equally long ones, the one that
    /// asks for capitals.
    fn longest(&self, text: &Text<'_>, tokens: &[Token]) -> Option<(u32, usize)> {
        let mut best = None;
        let cases: &[Case] = match (text.case_style(tokens[0].field), tokens[0].shape) {
            // Where case says nothing, a term that asks for capitals is not there.
            (CaseStyle::Upper | CaseStyle::Lower, _) | (_, Shape::Lower) => &[Case::Any],
            (_, Shape::Upper) => &[Case::Capitals, Case::Capital, Case::Any],
            _ => &[Case::Capital, Case::Any],
        };
        for &case in cases {
            let key = mark(tokens[0].hash, case);
            if self.first_words.may_contain(key) {
                self.phrases.walk(key, tokens, TERM_WORDS_MAX, |words, phrase| {
                    if self.spans[phrase as usize].count > 0 && best.is_none_or(|(_, most)| words > most) {
                        best = Some((phrase, words));
                    }
                });
            }
        }
        best
    }
}

/// The hash a term that asks for capitals is kept under, so that `AIDS` and `aids` are two entries.
fn mark(hash: u64, case: Case) -> u64 {
    match case {
        Case::Any => hash,
        Case::Capital => hash_phrase(hash, 1),
        Case::Capitals => hash_phrase(hash, 2),
    }
}
