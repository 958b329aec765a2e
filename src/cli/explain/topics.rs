//! Shows why an item has the topics it has: the terms and weights that decided.

use comfy_table::{Cell, Table, presets};

use crate::classify::topic::TopicExplanation;

/// Top levels shown in the table.
const TOPS_SHOWN: usize = 5;

/// An explanation for people.
pub(super) fn tables(explanation: &TopicExplanation) -> String {
    let mut tops = table(&["topic", "name", "probability", "model", "lexicon", "sections"]);
    for top in explanation.tops.iter().take(TOPS_SHOWN) {
        let numbers =
            [top.probability as f32, top.model, top.lexicon, top.sections].map(|number| format!("{number:.2}"));
        tops.add_row([top.code.clone(), top.name.clone()].into_iter().chain(numbers).map(Cell::new));
    }
    let mut terms = table(&["term", "by", "speaks for", "weight"]);
    for term in &explanation.terms {
        let by = format!("{:?}", term.by).to_lowercase();
        terms.add_row([term.text.clone(), by, term.code.clone(), format!("{:.2}", term.weight)]);
    }
    let mut asserted = table(&["asserted", "name", "confidence"]);
    for topic in &explanation.topics {
        asserted.add_row([topic.code.clone(), topic.name.clone(), format!("{:.2}", topic.confidence)]);
    }
    let [title, body] = explanation.words;
    let known = explanation.words_known;
    format!(
        "{asserted}\n\nTop levels\n{tops}\n\nTerms ({title} words of the title and {body} of the body read, {known} known)\n{terms}"
    )
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_header(header.to_vec());
    table
}
