//! Shows why an item has the topics it has: the terms and weights that decided.

use comfy_table::Cell;

use crate::classify::topic::TopicExplanation;
use crate::cli::table;

/// Top levels shown in the table.
const TOPS_SHOWN: usize = 5;

/// An explanation for people.
pub(super) fn tables(explanation: &TopicExplanation) -> String {
    let mut tops = table::unfitted(&["topic", "name", "probability", "model", "lexicon", "sections"]);
    for top in explanation.tops.iter().take(TOPS_SHOWN) {
        let numbers =
            [top.probability as f32, top.model, top.lexicon, top.sections].map(|number| format!("{number:.2}"));
        tops.add_row([top.code.clone(), top.name.clone()].into_iter().chain(numbers).map(Cell::new));
    }
    let mut terms = table::unfitted(&["term", "by", "speaks for", "weight"]);
    for term in &explanation.terms {
        let by = format!("{:?}", term.by).to_lowercase();
        terms.add_row([term.span.text.clone(), by, term.code.clone(), format!("{:.2}", term.weight)]);
    }
    let mut asserted = table::unfitted(&["asserted", "name", "confidence"]);
    for topic in &explanation.topics {
        asserted.add_row([topic.code.clone(), topic.name.clone(), format!("{:.2}", topic.confidence)]);
    }
    let [title, body] = explanation.words;
    let known = explanation.words_known;
    format!(
        "{asserted}\n\nTop levels\n{tops}\n\nTerms ({title} words of the title and {body} of the body read, {known} known)\n{terms}"
    )
}
