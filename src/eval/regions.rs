//! Measuring region classification on rows that say which countries an item is about. See docs/regions.md for the
//! row format and what each figure means.

use std::collections::BTreeMap;
use std::io::BufRead;

use serde::{Deserialize, Serialize};

use crate::classify::Context;
use crate::classify::region::RegionClassifier;
use crate::classify::region::explain::{CountryExplanation, RegionExplanation};
use crate::classify::text::Text;
use crate::document::{Language, LanguageTag, Region};
use crate::eval::{
    Confused, Confusion, EvalError, LabelScores, Reliability, ReliabilityRow, Rows, Share, Worst, WrongRow,
};

/// One labelled item.
#[derive(Debug, Deserialize)]
pub struct RegionRow {
    /// Names the row in the list of worst errors.
    pub id: String,
    /// Figures are given for each source separately.
    #[serde(default)]
    pub source: String,
    /// The headline.
    #[serde(default)]
    pub title: String,
    /// The dateline.
    #[serde(default)]
    pub dateline: String,
    /// The text.
    #[serde(default)]
    pub body: String,
    /// The country the item is about; absent where the labellers named none as the main one.
    #[serde(default)]
    pub primary: Option<String>,
    /// All countries the item is about.
    #[serde(default)]
    pub countries: Vec<String>,
    /// How the countries were found, where the data set says: sets derived from place names weigh less in training.
    #[serde(default)]
    pub gold_kind: String,
    /// BCP 47 language; English when absent.
    #[serde(default)]
    pub language: Option<LanguageTag>,
    /// Home country of the feed.
    #[serde(default)]
    pub home: Option<String>,
}

/// The figures, for everything and for each source.
#[derive(Debug, Serialize)]
pub struct RegionReport {
    /// All rows together.
    pub all: RegionFigures,
    /// Each source separately, by name.
    pub sources: BTreeMap<String, RegionFigures>,
    /// Right confidence for right labels, over all rows.
    pub reliability: Vec<ReliabilityRow>,
    /// The most frequent confusions.
    pub confusion: Vec<Confused>,
    /// Rows whose wrong first country was given with the most confidence.
    pub worst: Vec<WrongRow>,
}

/// The figures of one source.
#[derive(Debug, Serialize)]
pub struct RegionFigures {
    /// Rows read.
    pub rows: u64,
    /// First country is the main one, of the rows that have a main one.
    pub top1: Share,
    /// Main country is among the first two.
    pub top2: Share,
    /// First country is one of the row's.
    pub lenient: Share,
    /// Rows for which any country was given.
    pub coverage: Share,
    /// Set F1 over all labels.
    pub micro_f1: f64,
    /// Precision of the sets.
    pub precision: f64,
    /// Recall of the sets.
    pub recall: f64,
    /// Mean of the countries' F1.
    pub macro_f1: f64,
    /// Set F1 over the rows that are not about the United States alone.
    pub abroad_micro_f1: f64,
    /// Expected calibration error of the confidences.
    pub calibration_error: f64,
}

/// Classifies every row of the file and reports how well.
pub fn evaluate(classifier: &RegionClassifier, rows: Rows<impl BufRead>) -> Result<RegionReport, EvalError> {
    let mut all = RegionCounts::default();
    let mut sources: BTreeMap<String, RegionCounts> = BTreeMap::new();
    let mut confusion = Confusion::default();
    let mut worst = Worst::default();
    rows.read(|row: RegionRow| {
        let regions = classify(classifier, &row);
        all.add(&row, &regions);
        sources.entry(row.source.clone()).or_default().add(&row, &regions);
        let given = regions.first().map_or("", |region| region.code.as_str());
        if let Some(primary) = &row.primary {
            confusion.add(primary, given);
        }
        wrong_row(&row, &regions).into_iter().for_each(|wrong| worst.add(wrong));
    })?;
    Ok(RegionReport {
        reliability: all.reliability.rows(),
        all: all.figures(),
        sources: sources.into_iter().map(|(source, counts)| (source, counts.figures())).collect(),
        confusion: confusion.worst(),
        worst: worst.rows(),
    })
}

/// Gives the features of every row to `each`: what `training/regions` learns the weights from.
pub fn features(
    classifier: &RegionClassifier,
    rows: Rows<impl BufRead>,
    mut each: impl FnMut(FeatureRow),
) -> Result<(), EvalError> {
    rows.read(|row: RegionRow| {
        let text = Text::new(&row.title, &row.dateline, &row.body);
        let explanation = with_context(&row, |context| classifier.explain(&text, context));
        each(FeatureRow {
            title_alone: row.body.is_empty(),
            countries: explanation.countries.iter().map(|country| country_features(country, &explanation)).collect(),
            id: row.id,
            source: row.source,
            primary: row.primary,
            gold: row.countries,
            gold_kind: row.gold_kind,
        });
    })
}

/// A row's countries as the weights see them.
#[derive(Debug, Serialize)]
pub struct FeatureRow {
    id: String,
    source: String,
    primary: Option<String>,
    gold: Vec<String>,
    gold_kind: String,
    title_alone: bool,
    countries: Vec<CountryFeatures>,
}

#[derive(Debug, Serialize)]
struct CountryFeatures {
    code: String,
    mentions: f32,
    by_name: f32,
    by_name_in_title: f32,
    facts: BTreeMap<&'static str, f32>,
    features: BTreeMap<String, f32>,
}

fn country_features(country: &CountryExplanation, explanation: &RegionExplanation) -> CountryFeatures {
    let of_spans = explanation.spans.iter().flat_map(|span| &span.adds);
    let own = of_spans.filter(|add| add.country.as_deref() == Some(&country.code));
    let mut features = BTreeMap::new();
    for add in own.chain(&country.extras) {
        *features.entry(add.feature.clone()).or_default() += add.amount;
    }
    CountryFeatures {
        code: country.code.clone(),
        mentions: country.mentions,
        by_name: country.by_name,
        by_name_in_title: country.by_name_in_title,
        facts: country.facts.clone(),
        features,
    }
}

fn classify(classifier: &RegionClassifier, row: &RegionRow) -> Vec<Region> {
    let text = Text::new(&row.title, &row.dateline, &row.body);
    with_context(row, |context| classifier.classify(&text, context))
}

fn with_context<T>(row: &RegionRow, use_it: impl FnOnce(&Context<'_>) -> T) -> T {
    let code = row.language.as_ref().map_or(LanguageTag::ENGLISH, LanguageTag::to_primary);
    let language = Language { code, confidence: 1.0 };
    use_it(&Context { language: Some(&language), home: row.home.as_deref(), sections: &[] })
}

fn wrong_row(row: &RegionRow, regions: &[Region]) -> Option<WrongRow> {
    let first = regions.first()?;
    let gold = match &row.primary {
        Some(primary) if *primary == *first.code.as_str() => return None,
        Some(primary) => primary.clone(),
        None if row.countries.iter().any(|country| *country == *first.code.as_str()) => return None,
        None => row.countries.join(" "),
    };
    Some(WrongRow { id: row.id.clone(), gold, given: first.code.to_string(), confidence: first.confidence })
}

#[derive(Debug, Default)]
struct RegionCounts {
    rows: u64,
    top1: Share,
    top2: Share,
    lenient: Share,
    coverage: Share,
    labels: LabelScores,
    abroad: LabelScores,
    reliability: Reliability,
}

impl RegionCounts {
    fn add(&mut self, row: &RegionRow, regions: &[Region]) {
        let given: Vec<&str> = regions.iter().map(|region| region.code.as_str()).collect();
        let gold: Vec<&str> = row.countries.iter().map(String::as_str).collect();
        self.rows += 1;
        self.coverage.add(!given.is_empty());
        if let Some(primary) = row.primary.as_deref() {
            self.top1.add(given.first() == Some(&primary));
            self.top2.add(given.iter().take(2).any(|&code| code == primary));
        }
        if !gold.is_empty() {
            self.lenient.add(given.first().is_some_and(|code| gold.contains(code)));
        }
        self.labels.add(&given, &gold);
        if gold != ["US"] {
            self.abroad.add(&given, &gold);
        }
        for region in regions {
            self.reliability.add(region.confidence, gold.contains(&region.code.as_str()));
        }
    }

    fn figures(&self) -> RegionFigures {
        let micro = self.labels.micro();
        RegionFigures {
            rows: self.rows,
            top1: self.top1,
            top2: self.top2,
            lenient: self.lenient,
            coverage: self.coverage,
            micro_f1: micro.f1(),
            precision: micro.precision(),
            recall: micro.recall(),
            macro_f1: self.labels.macro_f1(),
            abroad_micro_f1: self.abroad.micro().f1(),
            calibration_error: self.reliability.calibration_error(),
        }
    }
}
