//! Measuring the classifiers on rows labelled by people. Knows how to count and compare, not how anything is decided,
//! and prints nothing: `cli/eval.rs` shows the reports.

pub mod regions;
pub mod topics;

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A data set that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    /// The file cannot be opened or read.
    #[error("could not read {file}")]
    Read {
        /// The file as the caller named it.
        file: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A line is not a row of the documented format.
    #[error("{file}:{line}: not a row")]
    Row {
        /// The file as the caller named it.
        file: String,
        /// One-based line.
        line: u64,
        /// What does not fit.
        #[source]
        source: serde_json::Error,
    },
}

/// Labelled rows as JSON Lines, read one at a time: memory stays flat whatever their number.
pub struct Rows<R> {
    /// What the rows are called in messages.
    name: String,
    reader: R,
}

impl<R: BufRead> Rows<R> {
    /// The rows that `reader` gives; `name` is what messages call them.
    pub fn new(name: impl Into<String>, reader: R) -> Self {
        Rows { name: name.into(), reader }
    }

    /// Gives each row to `each`; blank lines are skipped.
    fn read<T: DeserializeOwned>(mut self, mut each: impl FnMut(T)) -> Result<(), EvalError> {
        let mut text = String::new();
        for line in 1.. {
            text.clear();
            let read = self.reader.read_line(&mut text);
            if read.map_err(|source| EvalError::Read { file: self.name.clone(), source })? == 0 {
                break;
            }
            if !text.trim().is_empty() {
                let row = serde_json::from_str(&text);
                each(row.map_err(|source| EvalError::Row { file: self.name.clone(), line, source })?);
            }
        }
        Ok(())
    }
}

/// A count and its total.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Those that are right.
    pub hits: u64,
    /// All that were counted.
    pub of: u64,
}

impl Share {
    /// Counts one.
    pub fn add(&mut self, hit: bool) {
        self.hits += u64::from(hit);
        self.of += 1;
    }

    /// In [0, 1]; 0 when nothing was counted.
    pub fn ratio(&self) -> f64 {
        if self.of == 0 { 0.0 } else { self.hits as f64 / self.of as f64 }
    }
}

impl Serialize for Share {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.ratio())
    }
}

/// Labels given against labels right, for one label or for all together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SetScore {
    /// Given and right.
    pub hits: u64,
    /// Given.
    pub given: u64,
    /// Right.
    pub gold: u64,
}

impl SetScore {
    /// Of those given, how many are right.
    pub fn precision(&self) -> f64 {
        Share { hits: self.hits, of: self.given }.ratio()
    }

    /// Of those right, how many were given.
    pub fn recall(&self) -> f64 {
        Share { hits: self.hits, of: self.gold }.ratio()
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        Share { hits: 2 * self.hits, of: self.given + self.gold }.ratio()
    }
}

/// Set scores label by label, summed (micro) or averaged over the labels that occur (macro).
#[derive(Debug, Default)]
pub struct LabelScores {
    labels: BTreeMap<String, SetScore>,
}

impl LabelScores {
    /// Counts the labels of one row; both lists hold each label once.
    pub fn add(&mut self, given: &[&str], gold: &[&str]) {
        for &label in given {
            let score = self.labels.entry(label.to_owned()).or_default();
            score.given += 1;
            score.hits += u64::from(gold.contains(&label));
        }
        for &label in gold {
            self.labels.entry(label.to_owned()).or_default().gold += 1;
        }
    }

    /// All labels counted together.
    pub fn micro(&self) -> SetScore {
        self.labels.values().fold(SetScore::default(), |sum, score| SetScore {
            hits: sum.hits + score.hits,
            given: sum.given + score.given,
            gold: sum.gold + score.gold,
        })
    }

    /// Mean F1 of the labels that some row should have.
    pub fn macro_f1(&self) -> f64 {
        let scores: Vec<f64> = self.labels.values().filter(|score| score.gold > 0).map(SetScore::f1).collect();
        if scores.is_empty() { 0.0 } else { scores.iter().sum::<f64>() / scores.len() as f64 }
    }

    /// Labels with their scores, most frequent in the gold first.
    pub fn by_frequency(&self) -> Vec<(&str, SetScore)> {
        let mut labels: Vec<_> = self.labels.iter().map(|(label, score)| (label.as_str(), *score)).collect();
        labels.sort_by_key(|(_, score)| std::cmp::Reverse(score.gold));
        labels
    }
}

/// Pairs of labels listed in a report.
const CONFUSED_MAX: usize = 15;

/// Which label was given in place of which, and how often.
#[derive(Debug, Default)]
pub struct Confusion {
    pairs: BTreeMap<(String, String), u64>,
}

/// One pair of a [`Confusion`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confused {
    /// The right label.
    pub gold: String,
    /// The label given, empty when none was.
    pub given: String,
    /// How often.
    pub rows: u64,
}

impl Confusion {
    /// Counts one row; agreement is not confusion and is left out.
    pub fn add(&mut self, gold: &str, given: &str) {
        if gold != given {
            *self.pairs.entry((gold.to_owned(), given.to_owned())).or_default() += 1;
        }
    }

    /// The most frequent pairs, a bounded number of them.
    pub fn worst(&self) -> Vec<Confused> {
        let pairs = self.pairs.iter();
        let mut worst: Vec<Confused> =
            pairs.map(|((gold, given), &rows)| Confused { gold: gold.clone(), given: given.clone(), rows }).collect();
        worst.sort_by_key(|pair| std::cmp::Reverse(pair.rows));
        worst.truncate(CONFUSED_MAX);
        worst
    }
}

/// Wrong rows listed in a report.
const WORST_MAX: usize = 20;

/// The wrong rows that were given with the most confidence, a bounded number of them.
#[derive(Debug, Default)]
pub struct Worst {
    rows: Vec<WrongRow>,
}

/// A row that went wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WrongRow {
    /// The row's id.
    pub id: String,
    /// The right label or labels.
    pub gold: String,
    /// The first label given.
    pub given: String,
    /// Its confidence.
    pub confidence: f64,
}

impl Worst {
    /// Keeps a row if it is among the worst so far.
    pub fn add(&mut self, row: WrongRow) {
        let place = self.rows.partition_point(|worse| worse.confidence >= row.confidence);
        if place < WORST_MAX {
            self.rows.insert(place, row);
            self.rows.truncate(WORST_MAX);
        }
    }

    /// The rows, the most confident first.
    pub fn rows(self) -> Vec<WrongRow> {
        self.rows
    }
}

/// Bins of equal width on [0, 1].
const BINS: usize = 10;

/// Whether a confidence of 0.8 is right four times out of five.
#[derive(Debug, Default)]
pub struct Reliability {
    bins: [Bin; BINS],
}

#[derive(Debug, Clone, Copy, Default)]
struct Bin {
    confidence: f64,
    share: Share,
}

/// One row of a reliability table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReliabilityRow {
    /// Lower end of the bin.
    pub from: f64,
    /// Upper end of the bin.
    pub to: f64,
    /// Labels given with a confidence in the bin.
    pub given: u64,
    /// Their mean confidence.
    pub confidence: f64,
    /// The part of them that is right.
    pub right: f64,
}

impl Reliability {
    /// Counts one label given.
    pub fn add(&mut self, confidence: f64, right: bool) {
        let bin = &mut self.bins[((confidence * BINS as f64) as usize).min(BINS - 1)];
        bin.confidence += confidence;
        bin.share.add(right);
    }

    /// Expected calibration error: the mean gap between confidence and accuracy, bins weighted by size.
    pub fn calibration_error(&self) -> f64 {
        let given: u64 = self.bins.iter().map(|bin| bin.share.of).sum();
        let gaps: f64 = self.bins.iter().map(|bin| (bin.confidence - bin.share.hits as f64).abs()).sum();
        if given == 0 { 0.0 } else { gaps / given as f64 }
    }

    /// The bins that hold anything.
    pub fn rows(&self) -> Vec<ReliabilityRow> {
        let bins = self.bins.iter().enumerate().filter(|(_, bin)| bin.share.of > 0);
        bins.map(|(i, bin)| ReliabilityRow {
            from: i as f64 / BINS as f64,
            to: (i + 1) as f64 / BINS as f64,
            given: bin.share.of,
            confidence: bin.confidence / bin.share.of as f64,
            right: bin.share.ratio(),
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_scored_label_by_label_and_together() {
        let mut scores = LabelScores::default();
        scores.add(&["FR", "DE"], &["FR"]);
        scores.add(&[], &["DE"]);
        assert_eq!(scores.micro(), SetScore { hits: 1, given: 2, gold: 2 });
        assert_eq!(scores.micro().f1(), 0.5);
        assert_eq!(scores.macro_f1(), 0.5, "France is perfect, Germany is lost");
    }

    #[test]
    fn calibration_error_is_the_gap_between_confidence_and_accuracy() {
        let mut reliability = Reliability::default();
        for right in [true, true, true, false] {
            reliability.add(0.75, right);
        }
        assert_eq!(reliability.calibration_error(), 0.0);
        reliability.add(0.95, false);
        assert!((reliability.calibration_error() - 0.95 / 5.0).abs() < 1e-12);
        assert_eq!(reliability.rows().len(), 2);
    }

    #[test]
    fn the_worst_rows_are_those_given_with_the_most_confidence() {
        let mut worst = Worst::default();
        for number in 0..100u32 {
            let confidence = f64::from(number * 37 % 100) / 100.0;
            worst.add(WrongRow { id: number.to_string(), gold: "GE".into(), given: "US".into(), confidence });
        }
        let confidences: Vec<f64> = worst.rows().iter().map(|row| row.confidence).collect();
        assert_eq!(confidences, (0..20).map(|place| f64::from(99 - place) / 100.0).collect::<Vec<_>>());
    }

    #[test]
    fn agreement_is_not_confusion() {
        let mut confusion = Confusion::default();
        confusion.add("GE", "US");
        confusion.add("GE", "US");
        confusion.add("FR", "FR");
        assert_eq!(confusion.worst(), [Confused { gold: "GE".into(), given: "US".into(), rows: 2 }]);
    }

    #[test]
    fn a_malformed_row_is_named_with_its_line() {
        let mut rows = Vec::new();
        let read = Rows::new("rows.jsonl", b"[1]\n\n[\"x\"]\n".as_slice()).read(|row: Vec<u8>| rows.push(row));
        let error = read.expect_err("a word is not a number");
        assert_eq!(rows, [[1]]);
        assert!(error.to_string().contains("rows.jsonl:3: "), "{error}");
    }
}
