//! An explanation for editors: sentences, with names instead of codes and the file and line to change.

use textwrap::Options;

use super::languages;
use crate::classify::Explanation;
use crate::classify::region::explain::{CountryExplanation, SpanExplanation};
use crate::classify::topic::{Knower, TermExplanation};
use crate::document::{Field, ItemKind};

/// Countries shown that are not listed.
const UNLISTED_MAX: usize = 2;

/// A country that is not listed and less likely than this is not shown.
const UNLISTED_CONFIDENCE_MIN: f32 = 0.01;

/// Names and terms shown of each kind; all are in the JSON.
const ROWS_MAX: usize = 40;

/// Words of the model shown.
const MODEL_WORDS_MAX: usize = 12;

/// Shown once below the names instead of with each.
const HOW_TO_CHANGE_NAMES: &str = "To change how a name is read, change its entry in the gazetteer's file and line shown \
    with it, or override or remove it in the file of classify.gazetteer_local: docs/regions.md.";

/// Shown below the terms.
const HOW_TO_CHANGE_TERMS: &str = "To change a topic, change the line named with a term, or add terms to the file of \
    classify.topic_local: docs/topics.md.";

/// An item explained, in lines of at most `width` columns.
pub(super) fn in_words(ordinal: usize, kind: ItemKind, explanation: &Explanation, width: usize) -> String {
    let mut page = Page { text: String::new(), width };
    page.heading(ordinal, kind, explanation);
    page.countries(explanation);
    page.names(&explanation.regions.spans);
    page.topics(explanation);
    page.terms(&explanation.topics.terms);
    page.text
}

struct Page {
    text: String,
    width: usize,
}

impl Page {
    fn heading(&mut self, ordinal: usize, kind: ItemKind, explanation: &Explanation) {
        let fields = &explanation.fields;
        let title = fields.title.as_deref().or(fields.body.as_deref()).unwrap_or_default();
        let title = title.lines().next().unwrap_or_default();
        self.line(0, &format!("{}. {title}", ordinal + 1));
        self.line(1, &format!("Kind: {}", kind.as_str()));
        let basis = explanation.language.basis.in_words();
        match &explanation.language.language {
            Some(language) => {
                self.line(1, &format!("Language: {}, {basis}", languages::with_code(language.code.primary())))
            }
            None => self.line(1, &format!("Language: {basis}")),
        }
        if let Some(dateline) = &fields.dateline {
            self.line(1, &format!("Dateline: {dateline}"));
        }
        if let Some(home) = &explanation.home {
            let name = home.name.as_ref().map_or_else(|| home.code.clone(), |name| format!("{name} ({})", home.code));
            self.line(1, &format!("Home of the feed: {name}"));
        }
        if !explanation.sections.is_empty() {
            self.line(1, &format!("Sections: {}", explanation.sections.join(", ")));
        }
        self.line(1, &explanation.review);
    }

    fn countries(&mut self, explanation: &Explanation) {
        self.part("Countries");
        let countries = &explanation.regions.countries;
        let listed = countries.iter().filter(|country| country.listed);
        let unlisted = countries.iter().filter(|country| !country.listed);
        let unlisted = unlisted.filter(|country| country.confidence >= UNLISTED_CONFIDENCE_MIN).take(UNLISTED_MAX);
        let mut none = true;
        for CountryExplanation { name, code, verdict, .. } in listed.chain(unlisted) {
            none = false;
            self.line(1, &format!("{name} ({code})"));
            self.line(2, verdict);
        }
        if none {
            self.line(1, "None: the item names no place that the gazetteer knows.");
        }
    }

    fn names(&mut self, spans: &[SpanExplanation]) {
        let (places, others): (Vec<_>, Vec<_>) = once_each(spans).into_iter().partition(|named| named.is_place());
        if !places.is_empty() {
            self.part("Names read as places");
            self.rows(&places, |page, named| {
                page.line(1, &named.heading());
                page.line(2, &named.span.verdict);
                page.line(2, &named.entry());
            });
        }
        if !others.is_empty() {
            self.part("Names not read as places");
            self.rows(&others, |page, named| {
                page.line(1, &named.heading());
                page.line(2, &named.span.verdict);
                page.line(2, &named.entry());
            });
        }
        if !spans.is_empty() {
            self.text.push('\n');
            self.line(1, HOW_TO_CHANGE_NAMES);
        }
    }

    fn topics(&mut self, explanation: &Explanation) {
        self.part("Topics");
        for topic in &explanation.topics.topics {
            self.line(1, &format!("{} ({})", topic.name, topic.code));
            self.line(2, &topic.verdict);
        }
        if let Some(silence) = &explanation.topics.silence {
            self.line(1, &format!("None: {}", lower_first(silence)));
        }
    }

    fn terms(&mut self, terms: &[TermExplanation]) {
        let mut of_lexicon: Vec<&TermExplanation> = Vec::new();
        for term in terms.iter().filter(|term| term.by == Knower::Lexicon) {
            if !of_lexicon.iter().any(|other| other.entry == term.entry && other.span.text == term.span.text) {
                of_lexicon.push(term);
            }
        }
        if !of_lexicon.is_empty() {
            self.part("Terms of the lexicon");
            self.rows(&of_lexicon, |page, term| {
                let side = if term.weight < 0.0 { "against" } else { "for" };
                page.line(1, &format!("“{}” counts {side} {} ({})", term.span.text, term.name, term.code));
                page.line(2, &term.entry.as_ref().map(ToString::to_string).unwrap_or_default());
            });
        }
        self.model_words(terms);
        if !terms.is_empty() {
            self.text.push('\n');
            self.line(1, HOW_TO_CHANGE_TERMS);
        }
    }

    /// The model has no lines to change: its words are shown so that its reading can be judged.
    fn model_words(&mut self, terms: &[TermExplanation]) {
        let mut words: Vec<&TermExplanation> = terms.iter().filter(|term| term.by == Knower::Model).collect();
        let Some(topic) = words.first().map(|term| term.name.clone()) else { return };
        words.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
        let sign = |positive: bool| {
            let mut texts: Vec<String> = Vec::new();
            for term in words.iter().filter(|term| (term.weight > 0.0) == positive) {
                let text = format!("“{}”", term.span.text);
                if texts.len() < MODEL_WORDS_MAX && !texts.contains(&text) {
                    texts.push(text);
                }
            }
            texts.join(", ")
        };
        self.part("Words of the trained model");
        for (side, texts) in [("For", sign(true)), ("Against", sign(false))] {
            if !texts.is_empty() {
                self.line(1, &format!("{side} {topic}: {texts}"));
            }
        }
    }

    /// At most [`ROWS_MAX`] rows, and a word about the rest.
    fn rows<T>(&mut self, rows: &[T], mut each: impl FnMut(&mut Page, &T)) {
        for row in rows.iter().take(ROWS_MAX) {
            each(self, row);
        }
        if rows.len() > ROWS_MAX {
            self.line(1, &format!("and {} more: --json has them all", rows.len() - ROWS_MAX));
        }
    }

    fn part(&mut self, name: &str) {
        self.text.push('\n');
        self.line(0, name);
    }

    /// A paragraph, indented by this many steps; an empty one leaves no line.
    fn line(&mut self, steps: usize, text: &str) {
        if text.is_empty() {
            return;
        }
        let indent = "   ".repeat(steps);
        let hanging = format!("{indent}  ");
        let options = Options::new(self.width).initial_indent(&indent).subsequent_indent(&hanging);
        self.text.push_str(&textwrap::fill(&visible(text), options));
        self.text.push('\n');
    }
}

/// A name of the gazetteer, shown once for all its mentions that are read alike.
struct Named<'e> {
    span: &'e SpanExplanation,
    times: usize,
}

impl Named<'_> {
    fn is_place(&self) -> bool {
        let best = self.span.readings.first();
        best.is_some_and(|best| best.country.is_some() && best.probability >= self.span.not_a_place)
    }

    /// File and line of the reading that comes closest.
    fn entry(&self) -> String {
        self.span.readings.first().map(|best| format!("gazetteer, {}", best.entry)).unwrap_or_default()
    }

    fn heading(&self) -> String {
        let field = match self.span.span.field {
            Field::Title => "the title",
            Field::Dateline => "the dateline",
            Field::Body => "the body",
        };
        let times = if self.times > 1 { format!(", {} times in all", self.times) } else { String::new() };
        format!("“{}” in {field}{times}", self.span.span.text)
    }
}

fn once_each(spans: &[SpanExplanation]) -> Vec<Named<'_>> {
    let mut names: Vec<Named<'_>> = Vec::new();
    for span in spans {
        let same =
            |named: &&mut Named<'_>| named.span.span.text == span.span.text && named.span.verdict == span.verdict;
        match names.iter_mut().find(same) {
            Some(named) => named.times += 1,
            None => names.push(Named { span, times: 1 }),
        }
    }
    names
}

fn lower_first(sentence: &str) -> String {
    let mut characters = sentence.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

/// An untrusted text must not send control characters to the terminal it is shown on.
fn visible(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use textwrap::core::display_width;

    use super::*;
    use crate::classify::Classifier;
    use crate::parse::{Limits, Raw, parse};

    static CLASSIFIER: LazyLock<Classifier> = LazyLock::new(Classifier::builtin);

    fn explain(body: &str, width: usize) -> String {
        let document = parse(&Raw::new(body.as_bytes()), &Limits::default()).expect("a document");
        let explanation = CLASSIFIER.of_document(&document, Some("IE")).explain(0);
        in_words(0, document.items[0].kind, &explanation, width)
    }

    #[track_caller]
    fn check(body: &str, expected: &[&str]) {
        let text = explain(body, 100);
        let missing: Vec<_> = expected.iter().filter(|part| !text.contains(**part)).collect();
        assert!(missing.is_empty(), "{missing:?} is not in\n{text}");
    }

    const PACT: &str = "Tbilisi and Atlanta sign a trade pact after storm floods the port\n";

    #[test]
    fn an_editor_reads_names_reasons_and_where_to_change_them() {
        let parts = [
            "1. Tbilisi and Atlanta sign",
            "Kind: headline",
            "Language: English (en), detected in the item's own words",
            "Home of the feed: Ireland (IE)",
            "Georgia (GE)",
            "“Tbilisi” in the title",
            "gazetteer, names.tsv:",
            "config/topics/lexicon/en/",
            "docs/regions.md",
            "docs/topics.md",
        ];
        check(PACT, &parts);
    }

    #[test]
    fn an_item_that_says_nothing_is_said_to() {
        check("Who knows what they were thinking of\n", &["None: the item names no place that the gazetteer knows."]);
    }

    #[test]
    fn lines_fit_the_terminal() {
        for width in [60, 80, 120] {
            let text = explain(PACT, width);
            let long: Vec<&str> = text.lines().filter(|line| display_width(line) > width).collect();
            assert!(long.is_empty(), "longer than {width}: {long:#?}");
        }
    }

    #[test]
    fn a_text_cannot_steer_the_terminal() {
        assert_eq!(visible("a\u{1b}[2Jb"), "a [2Jb");
    }
}
