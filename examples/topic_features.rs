//! Prints what the topic classifier reads of each item, for `training/topics.py`: NDJSON `{title, body}` in, one JSON
//! object a line out. Training cuts text and weighs lexicon phrases here and nowhere else. `--hash PHRASE` prints the
//! hash a phrase is kept under in the model file.

use std::io::{self, BufRead, Write};

use dateline::classify::text::{Text, hash_phrase};
use dateline::classify::topic::TopicClassifier;

fn main() -> anyhow::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("--hash") {
        writeln!(out, "{}", hash(&arguments.next().unwrap_or_default()))?;
        return Ok(out.flush()?);
    }
    let classifier = TopicClassifier::builtin();
    for line in io::stdin().lock().lines() {
        let row: serde_json::Value = serde_json::from_str(&line?)?;
        let field = |name: &str| row[name].as_str().unwrap_or_default();
        let text = Text::new(field("title"), "", field("body"));
        serde_json::to_writer(&mut out, &classifier.features(&text))?;
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}

fn hash(phrase: &str) -> u64 {
    let text = Text::new(phrase, "", "");
    text.tokens().iter().map(|token| token.hash).reduce(hash_phrase).unwrap_or_default()
}
