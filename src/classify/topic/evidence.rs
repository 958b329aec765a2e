//! The spans of an item that are evidence for a topic. Section labels inform it and are not among them.

use crate::classify::text::Text;
use crate::document::{Evidence, Field};

use super::taxonomy::ConceptId;
use super::{Read, TopicClassifier};

/// Maximum number of spans given for one topic.
pub(super) const SPANS_MAX: usize = 5;

/// A word or pair of the model that adds less than this, in units of log odds, is not evidence alone.
const CONTRIBUTION_MIN: f32 = 0.15;

/// A span with what it added, in units of log odds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Speaking {
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) weight: f32,
}

/// The weightiest spans that count for a concept or one below it, in reading order.
pub(super) fn spans(
    concept: ConceptId,
    read: &Read<'_>,
    classifier: &TopicClassifier,
    text: &Text<'_>,
) -> Vec<Evidence> {
    let mut speaking = phrases(concept, read, classifier, text);
    speaking.extend(words(concept, read, classifier));
    speaking.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let mut kept: Vec<Speaking> = Vec::with_capacity(SPANS_MAX);
    for span in speaking {
        if kept.len() == SPANS_MAX {
            break;
        }
        if kept.iter().all(|other| span.last < other.first || other.last < span.first) {
            kept.push(span);
        }
    }
    kept.sort_by_key(|span| span.first);
    let tokens = text.tokens();
    kept.iter().map(|span| text.evidence(&tokens[span.first as usize], &tokens[span.last as usize])).collect()
}

/// Phrases of the lexicon that count for a concept or one below it.
pub(super) fn phrases(
    concept: ConceptId,
    read: &Read<'_>,
    classifier: &TopicClassifier,
    text: &Text<'_>,
) -> Vec<Speaking> {
    let taxonomy = classifier.taxonomy();
    let weigh = |hit: &super::lexicon::Hit| {
        let terms = read.lexicon.terms(hit).iter();
        let weight: f32 =
            terms.filter(|term| taxonomy.ancestry(term.concept).any(|id| id == concept)).map(|term| term.weight).sum();
        let in_title = text.tokens()[hit.first as usize].field == Field::Title;
        Speaking {
            first: hit.first,
            last: hit.last,
            weight: weight * if in_title { read.scales.title } else { read.scales.body },
        }
    };
    read.tally.hits.iter().map(weigh).filter(|span| span.weight > 0.0).collect()
}

/// Words and pairs of the model that count for a top level.
fn words(concept: ConceptId, read: &Read<'_>, classifier: &TopicClassifier) -> impl Iterator<Item = Speaking> {
    let class = classifier.taxonomy().tops().iter().position(|top| *top == concept);
    let strong =
        class.map(|class| classifier.model.contributions(class, CONTRIBUTION_MIN, &read.matches, &read.scales));
    let strong = strong.into_iter().flatten();
    strong.map(|(found, weight)| Speaking { first: found.first, last: found.last, weight })
}
