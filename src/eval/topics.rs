//! Measuring topic classification on rows that carry media topics. See docs/topics.md for the row format and what each
//! figure means.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

use serde::{Deserialize, Serialize};

use crate::classify::Context;
use crate::classify::text::Text;
use crate::classify::topic::TopicClassifier;
use crate::document::{Language, LanguageTag, Topic};
use crate::eval::{
    Confused, Confusion, EvalError, LabelScores, Reliability, ReliabilityRow, Rows, Share, Worst, WrongRow,
};

/// One labelled item.
#[derive(Debug, Deserialize)]
pub struct TopicRow {
    /// Names the row in the list of worst errors.
    pub id: String,
    /// Figures are given for each source separately.
    #[serde(default)]
    pub source: String,
    /// The headline.
    #[serde(default)]
    pub title: String,
    /// The text.
    #[serde(default)]
    pub body: String,
    /// The top-level code the item is filed under, with or without `medtop:`.
    pub iptc: String,
    /// Further top-level codes that are right.
    #[serde(default)]
    pub also: Vec<String>,
    /// Deeper codes that are right; those above them are right too. Rows without any do not count for depth.
    #[serde(default)]
    pub deep: Vec<String>,
    /// BCP 47 language; English when absent.
    #[serde(default)]
    pub lang: Option<LanguageTag>,
    /// Section labels of the sender.
    #[serde(default)]
    pub sections: Vec<String>,
}

/// The figures, for everything and for each source.
#[derive(Debug, Serialize)]
pub struct TopicReport {
    /// All rows together.
    pub all: TopicFigures,
    /// Each source separately, by name.
    pub sources: BTreeMap<String, TopicFigures>,
    /// Recall of each top level by its code, over all rows.
    pub recall: BTreeMap<String, Share>,
    /// Right confidence for right topics, over all rows.
    pub reliability: Vec<ReliabilityRow>,
    /// The most frequent confusions.
    pub confusion: Vec<Confused>,
    /// Rows whose wrong first topic was given with the most confidence.
    pub worst: Vec<WrongRow>,
}

/// The figures of one source.
#[derive(Debug, Serialize)]
pub struct TopicFigures {
    /// Rows read.
    pub rows: u64,
    /// First topic is right; a row without a topic is wrong.
    pub accuracy: Share,
    /// A right top level is among the first two.
    pub top2: Share,
    /// Mean of the top levels' F1.
    pub macro_f1: f64,
    /// Rows for which any topic was given.
    pub coverage: Share,
    /// Accuracy of rows that have a body, by their title alone.
    pub headline: Share,
    /// Expected calibration error of the first topic's confidence.
    pub calibration_error: f64,
    /// The same by the title alone.
    pub headline_calibration_error: f64,
    /// Deeper topics given that are right.
    pub deeper: Share,
    /// Rows with a deeper code that were given a right one.
    pub deeper_recall: Share,
}

/// Classifies every row of the file, and its title alone where it has a body, and reports how well.
pub fn evaluate(classifier: &TopicClassifier, rows: Rows<impl BufRead>) -> Result<TopicReport, EvalError> {
    let mut all = TopicCounts::default();
    let mut sources: BTreeMap<String, TopicCounts> = BTreeMap::new();
    let mut recall: BTreeMap<String, Share> = BTreeMap::new();
    let mut confusion = Confusion::default();
    let mut worst = Worst::default();
    rows.read(|row: TopicRow| {
        let answer = Answer::new(classifier, &row);
        all.add(&answer);
        sources.entry(row.source.clone()).or_default().add(&answer);
        recall.entry(answer.gold[0].clone()).or_default().add(answer.right());
        confusion.add(&answer.gold[0], if answer.right() { &answer.gold[0] } else { answer.first() });
        answer.wrong(&row).into_iter().for_each(|wrong| worst.add(wrong));
    })?;
    Ok(TopicReport {
        reliability: all.reliability.rows(),
        all: all.figures(),
        sources: sources.into_iter().map(|(source, counts)| (source, counts.figures())).collect(),
        recall,
        confusion: confusion.worst(),
        worst: worst.rows(),
    })
}

/// What was right and what was given for one row.
struct Answer {
    /// Right top levels, the row's own first.
    gold: Vec<String>,
    /// Top levels given.
    given: Vec<String>,
    confidence: f64,
    /// The title alone: whether it was right and how sure, for rows with a body.
    headline: Option<(bool, Option<f64>)>,
    deeper_given: Vec<String>,
    deeper_gold: BTreeSet<String>,
}

impl Answer {
    fn new(classifier: &TopicClassifier, row: &TopicRow) -> Answer {
        let code = |code: &String| format!("medtop:{}", code.trim_start_matches("medtop:"));
        let gold: Vec<String> = std::iter::once(&row.iptc).chain(&row.also).map(code).collect();
        let topics = classify(classifier, row, &row.body);
        let headline = (!row.title.is_empty() && !row.body.is_empty()).then(|| {
            let topics = classify(classifier, row, "");
            let first = topics.first();
            (first.is_some_and(|topic| gold.contains(&topic.path[0])), first.map(|topic| topic.confidence))
        });
        let (tops, deeper): (Vec<&Topic>, Vec<&Topic>) = topics.iter().partition(|topic| topic.path.len() == 1);
        Answer {
            given: tops.iter().map(|topic| topic.code.clone()).collect(),
            confidence: topics.first().map_or(0.0, |topic| topic.confidence),
            headline,
            deeper_given: deeper.iter().map(|topic| topic.code.clone()).collect(),
            deeper_gold: row.deep.iter().flat_map(|code| with_broader(classifier, code)).collect(),
            gold,
        }
    }

    fn first(&self) -> &str {
        self.given.first().map_or("", String::as_str)
    }

    fn right(&self) -> bool {
        self.given.first().is_some_and(|first| self.gold.contains(first))
    }

    fn wrong(&self, row: &TopicRow) -> Option<WrongRow> {
        let (gold, given) = (self.gold[0].clone(), self.given.first()?.clone());
        (!self.right()).then(|| WrongRow { id: row.id.clone(), gold, given, confidence: self.confidence })
    }
}

fn classify(classifier: &TopicClassifier, row: &TopicRow, body: &str) -> Vec<Topic> {
    let code = row.lang.as_ref().map_or(LanguageTag::ENGLISH, LanguageTag::to_primary);
    let language = Language { code, confidence: 1.0 };
    let context = Context { language: Some(&language), sections: &row.sections, ..Context::default() };
    classifier.classify(&Text::new(&row.title, "", body), &context)
}

/// A code and those above it.
fn with_broader(classifier: &TopicClassifier, code: &str) -> Vec<String> {
    let taxonomy = classifier.taxonomy();
    taxonomy.find(code).map_or_else(|| vec![code.to_owned()], |id| taxonomy.path(id))
}

#[derive(Default)]
struct TopicCounts {
    rows: u64,
    accuracy: Share,
    top2: Share,
    coverage: Share,
    headline: Share,
    deeper: Share,
    deeper_recall: Share,
    labels: LabelScores,
    reliability: Reliability,
    headline_reliability: Reliability,
}

impl TopicCounts {
    fn add(&mut self, answer: &Answer) {
        let right = answer.right();
        self.rows += 1;
        self.accuracy.add(right);
        self.top2.add(answer.given.iter().take(2).any(|given| answer.gold.contains(given)));
        self.coverage.add(!answer.given.is_empty());
        // Where several are right, the one that was given counts as the row's label.
        let label = if right { answer.first() } else { &answer.gold[0] };
        let given: &[&str] = if answer.given.is_empty() { &[] } else { &[answer.first()] };
        self.labels.add(given, &[label]);
        if !answer.given.is_empty() {
            self.reliability.add(answer.confidence, right);
        }
        if let Some((right, confidence)) = answer.headline {
            self.headline.add(right);
            confidence.into_iter().for_each(|confidence| self.headline_reliability.add(confidence, right));
        }
        self.add_deeper(answer);
    }

    fn add_deeper(&mut self, answer: &Answer) {
        if answer.deeper_gold.is_empty() {
            return;
        }
        for code in &answer.deeper_given {
            self.deeper.add(answer.deeper_gold.contains(code));
        }
        self.deeper_recall.add(answer.deeper_given.iter().any(|code| answer.deeper_gold.contains(code)));
    }

    fn figures(&self) -> TopicFigures {
        TopicFigures {
            rows: self.rows,
            accuracy: self.accuracy,
            top2: self.top2,
            macro_f1: self.labels.macro_f1(),
            coverage: self.coverage,
            headline: self.headline,
            calibration_error: self.reliability.calibration_error(),
            headline_calibration_error: self.headline_reliability.calibration_error(),
            deeper: self.deeper,
            deeper_recall: self.deeper_recall,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_with_several_right_topics_takes_any_of_them() {
        let rows = concat!(
            r#"{"id":"a","source":"s","title":"Central bank raises interest rates","iptc":"04000000"}"#,
            "\n",
            r#"{"id":"b","source":"s","title":"Airstrike kills rebel commander","iptc":"02000000","also":["16000000"]}"#,
            "\n",
            r#"{"id":"c","source":"t","title":"Zzz","iptc":"medtop:17000000"}"#,
            "\n",
        );
        let report = evaluate(&TopicClassifier::builtin(), Rows::new("rows.jsonl", rows.as_bytes()))
            .expect("the rows are well-formed");
        assert_eq!(report.all.accuracy, Share { hits: 2, of: 3 });
        assert_eq!(report.sources["t"].coverage, Share { hits: 0, of: 1 });
        assert_eq!(report.recall["medtop:02000000"], Share { hits: 1, of: 1 });
    }
}
