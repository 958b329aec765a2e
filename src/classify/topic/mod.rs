//! Which subjects an item is about, in IPTC Media Topics: a trained model and a curated lexicon, ranked and with
//! evidence.
//!
//! Pure and synchronous. The data is compiled in from `config/topics` and can be replaced by path; nothing here reads
//! a configuration. English is read by model and lexicon, other languages by their lexicon and the taxonomy's labels;
//! a language without either gets no topics.

mod decide;
mod evidence;
mod explain;
mod features;
mod inflection;
mod lexicon;
mod lexicon_file;
mod load;
mod local;
mod model;
mod model_file;
mod order;
mod scale;
mod source;
mod tally;
pub mod taxonomy;

use std::path::PathBuf;

use crate::document::{Role, Topic};

use super::text::Text;
use super::{Context, DataError};

use decide::{Asserted, Verdict};
pub use explain::{Knower, TermExplanation, TopExplanation, TopicExplanation, TopicVerdict};
pub use features::TopicFeatures;
use lexicon::Lexicon;
use model::{Matches, Model};
use scale::{SIGNALS, Scales};
pub(super) use tally::SectionWeights;
use tally::Tally;
use taxonomy::Taxonomy;

/// Says which Media Topics an item is about.
#[derive(Debug)]
pub struct TopicClassifier {
    taxonomy: Taxonomy,
    /// A lexicon per language, by BCP 47 primary tag.
    lexicons: Vec<(String, Lexicon)>,
    /// Section labels of any language.
    sections: Lexicon,
    model: Model,
    /// Names of the files that terms were read from.
    files: Vec<String>,
    digest: String,
}

/// Files to use in place of the compiled-in data; `None` keeps what is compiled in.
#[derive(Debug, Clone, Default)]
pub struct TopicPaths {
    /// A directory with a folder of lexicon files per language.
    pub lexicon: Option<PathBuf>,
    /// A model file.
    pub model: Option<PathBuf>,
    /// Terms and house topics of the newsroom's own, on top of the lexicon.
    pub local: Option<PathBuf>,
}

/// Below this confidence a detected language is ignored, and the text is read as English.
const LANGUAGE_CONFIDENCE_MIN: f64 = 0.5;

/// The language that the model reads, and in which a text of unknown language is read.
const LANGUAGE_OF_MODEL: &str = "en";

impl TopicClassifier {
    /// The classifier with the data that is compiled in.
    pub fn builtin() -> TopicClassifier {
        TopicClassifier::load(&TopicPaths::default()).expect("the compiled-in data is well-formed; a test loads it")
    }

    /// The classifier with some of its data replaced.
    ///
    /// # Errors
    /// When a file cannot be read or is not well-formed, with its name and line.
    pub fn load(paths: &TopicPaths) -> Result<TopicClassifier, DataError> {
        load::load(paths)
    }

    /// The topics of an item, best first: the top levels by probability, then the deeper ones by theirs. Empty without
    /// evidence, and for a language that has no lexicon.
    pub fn classify(&self, text: &Text<'_>, context: &Context<'_>) -> Vec<Topic> {
        self.decide(text, context, &self.read_sections(context.sections)).topics()
    }

    /// Why [`classify`](Self::classify) decides so: every term that was weighed, and what each top level got.
    pub fn explain(&self, text: &Text<'_>, context: &Context<'_>) -> TopicExplanation {
        self.decide(text, context, &self.read_sections(context.sections)).explanation()
    }

    /// Reads a text. What is asserted and why are two views of the decision.
    pub(super) fn decide<'c>(
        &'c self,
        text: &'c Text<'_>,
        context: &'c Context<'_>,
        sections: &SectionWeights,
    ) -> Decision<'c> {
        let language = self.language(context);
        let read = self.lexicon(language).map(|(language, lexicon)| self.read(text, language, lexicon, sections));
        Decision { classifier: self, text, language, read }
    }

    /// Reads the sender's section labels; the items of one section share them.
    pub(super) fn read_sections(&self, sections: &[String]) -> SectionWeights {
        SectionWeights::new(sections, &self.sections, &self.taxonomy)
    }

    /// `sha256:` and the digest of the lexicon and model in use.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The taxonomy in use, house topics included.
    pub fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    /// What is read of an English text, for training.
    pub fn features(&self, text: &Text<'_>) -> TopicFeatures {
        let (_, lexicon) = self.lexicon(LANGUAGE_OF_MODEL).expect("an English lexicon is loaded; loading checks it");
        TopicFeatures::new(text, &Tally::new(text, lexicon, &self.taxonomy), &self.taxonomy)
    }

    fn read<'c>(
        &'c self,
        text: &Text<'_>,
        language: &str,
        lexicon: &'c Lexicon,
        sections: &SectionWeights,
    ) -> Read<'c> {
        let tally = Tally::new(text, lexicon, &self.taxonomy);
        let matches = if language == LANGUAGE_OF_MODEL { self.model.read(text) } else { Matches::default() };
        let scales = self.model.settings.scales(&signals(&matches, &tally));
        let verdict = decide::decide(&self.model, &matches, &tally, sections, &scales, &self.taxonomy);
        Read { lexicon, tally, matches, scales, verdict }
    }

    /// The language an item is read in.
    fn language<'l>(&self, context: &Context<'l>) -> &'l str {
        match context.language {
            Some(language) if language.confidence >= LANGUAGE_CONFIDENCE_MIN => language.code.primary(),
            _ => LANGUAGE_OF_MODEL,
        }
    }

    /// The lexicon of a language, by its primary tag.
    fn lexicon(&self, language: &str) -> Option<(&str, &Lexicon)> {
        let primary = language.split(['-', '_']).next().unwrap_or(language);
        let found = self.lexicons.iter().find(|(language, _)| language.eq_ignore_ascii_case(primary));
        found.map(|(language, lexicon)| (language.as_str(), lexicon))
    }
}

/// The numbers that scale the parts of a decision, the same as `signals` of `training/topics.py`.
fn signals(matches: &Matches, tally: &Tally) -> [f32; SIGNALS] {
    [
        1.0,
        (tally.words_in_all() as f32).ln_1p(),
        f32::from(u8::from(tally.words[1] > 0)),
        matches.words_known,
        matches.pairs_known,
        // Their number, not their weight: an editor's heavy term must not make all phrases of an item count less.
        (tally.hits.len() as f32).ln_1p(),
        f32::from(u8::from(tally.lower)),
    ]
}

/// The topics of one item, and all that led to them.
pub(super) struct Decision<'c> {
    classifier: &'c TopicClassifier,
    text: &'c Text<'c>,
    /// The language the item was to be read in.
    language: &'c str,
    /// What was read; none for a language without a lexicon.
    read: Option<Read<'c>>,
}

impl Decision<'_> {
    /// The topics asserted, best first.
    pub(super) fn topics(&self) -> Vec<Topic> {
        let Some(read) = &self.read else { return Vec::new() };
        let asserted = read.verdict.asserted.iter().enumerate();
        asserted.map(|(rank, asserted)| self.topic(rank, asserted, read)).collect()
    }

    fn topic(&self, rank: usize, asserted: &Asserted, read: &Read<'_>) -> Topic {
        let taxonomy = &self.classifier.taxonomy;
        let concept = taxonomy.get(asserted.concept);
        Topic {
            code: concept.qcode(),
            name: concept.name().to_owned(),
            path: taxonomy.path(asserted.concept),
            role: if rank == 0 { Role::Primary } else { Role::Mentioned },
            confidence: asserted.confidence,
            evidence: evidence::spans(asserted.concept, read, self.classifier, self.text),
        }
    }
}

/// One item as the classifier read it.
#[derive(Debug)]
struct Read<'a> {
    lexicon: &'a Lexicon,
    tally: Tally,
    matches: Matches,
    scales: Scales,
    verdict: Verdict,
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::document::Language;

    static BUILTIN: LazyLock<TopicClassifier> = LazyLock::new(TopicClassifier::builtin);

    fn classify(title: &str, body: &str, language: Option<&str>) -> Vec<Topic> {
        let language = language.map(|code| Language { code: code.parse().expect("a language tag"), confidence: 1.0 });
        let context = Context { language: language.as_ref(), ..Context::default() };
        BUILTIN.classify(&Text::new(title, "", body), &context)
    }

    #[track_caller]
    fn check_headline(title: &str, expected: &str) {
        let topics = classify(title, "", None);
        let primary = topics.first().map_or("nothing", |topic| topic.path[0].as_str());
        assert_eq!(primary.trim_start_matches("medtop:"), expected, "{title}: {topics:?}");
    }

    #[test]
    fn a_headline_alone_has_a_topic() {
        check_headline("Shelling Kills Four in Border Village as Truce Talks Stall", "16000000");
        check_headline("Dockworkers Walk Off the Job at Three Northern Ports", "09000000");
        check_headline("Forecasters Expect Heavy Snow and Gale-Force Winds by Sunday", "17000000");
        check_headline("Ferry Capsizes Off Island, Dozens Missing", "03000000");
        check_headline("Bishops Gather for Synod on Role of Parish Priests", "12000000");
        check_headline("Jury Finds Former Banker Guilty of Fraud", "02000000");
        check_headline("Central Bank Leaves Interest Rates on Hold", "04000000");
        check_headline("Voters Go to the Polls in Snap Election", "11000000");
        check_headline("Striker Scores Twice as Rovers Reach Cup Final", "15000000");
        check_headline("Measles Outbreak Closes Two Hospitals", "07000000");
    }

    #[test]
    fn nothing_is_said_when_nothing_is_there() {
        check_headline("", "nothing");
        check_headline("Qwrt zxcv plmk", "nothing");
        check_headline("12:30", "nothing");
    }

    #[test]
    fn a_language_without_a_lexicon_gets_no_topics() {
        assert!(classify("War and peace talks", "", Some("tlh")).is_empty());
        assert!(!classify("War and peace talks", "", Some("en")).is_empty());
    }

    #[track_caller]
    fn check_in(language: &str, title: &str, expected: &str) {
        let topics = classify(title, "", Some(language));
        let primary = topics.first().map_or("nothing", |topic| topic.code.as_str());
        assert_eq!(primary.trim_start_matches("medtop:"), expected, "{title}: {topics:?}");
    }

    #[test]
    fn other_languages_are_read_by_lexicon_and_labels() {
        check_in("es", "Huelga de trabajadores del metro por los salarios", "09000000");
        check_in("fr", "Séisme : les secours cherchent des survivants", "03000000");
        check_in("de-AT", "Gewitter und Hagel: Wetterdienst warnt vor Unwetter", "17000000");
        check_in("pt", "Cessar-fogo em vigor, tropas deixam a cidade", "16000000");
        check_in("zh", "央行 下调 利率 股市 上涨", "04000000");
        check_in("ar", "الجيش يعلن هدنة", "16000000");
        check_in("es", "Nada", "nothing");
    }

    #[test]
    fn a_section_label_informs_the_topic_and_is_no_evidence() {
        let probability = |sections: &[String]| {
            let context = Context { sections, ..Context::default() };
            let text = Text::new("Rovers hold on in the rain", "", "");
            let evidence = BUILTIN.classify(&text, &context).into_iter().flat_map(|topic| topic.evidence);
            assert!(evidence.into_iter().all(|span| span.text != "Sport"));
            let explanation = BUILTIN.explain(&text, &context);
            let sport = explanation.tops.iter().find(|top| top.code == "medtop:15000000");
            sport.expect("every top level is explained").probability
        };
        assert!(probability(&["Sport".to_owned()]) > probability(&[]) + 0.1);
        assert_eq!(probability(&["World".to_owned()]), probability(&[]));
    }

    #[test]
    fn deeper_topics_are_asserted_below_their_top_level() {
        let topics = classify("Negotiators sign peace accord after month of truce talks", "", None);
        let deeper = topics.iter().find(|topic| topic.code == "medtop:20000073").expect("a peace process is there");
        assert_eq!(deeper.path, ["medtop:16000000", "medtop:20000073"]);
        assert!(deeper.confidence <= topics[0].confidence);
    }

    #[test]
    fn local_terms_and_house_topics_need_no_training() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
        let local = "[[topic]]\ncode = \"house:harbour\"\nname = \"harbour\"\nparent = \"medtop:04000000\"\n\
                     [[terms]]\ntopic = \"house:harbour\"\nweight = 9\nterms = [\"quayside crane*\"]\n";
        std::fs::write(file.path(), local).expect("it can be written");
        let paths = TopicPaths { local: Some(file.path().to_owned()), ..TopicPaths::default() };
        let classifier = TopicClassifier::load(&paths).expect("the file is well-formed");
        let topics = classifier.classify(&Text::new("Quayside cranes ordered", "", ""), &Context::default());
        let house = topics.iter().find(|topic| topic.code == "house:harbour").expect("the house topic is asserted");
        assert_eq!(house.path, ["medtop:04000000", "house:harbour"]);
        assert_ne!(classifier.digest(), BUILTIN.digest());
    }

    #[track_caller]
    fn check_repeated(piece: &str, has_topics: bool) {
        let topics = classify("", &piece.repeat(100_000), None);
        assert_eq!(!topics.is_empty(), has_topics, "{piece:?}");
        assert!(topics.iter().all(|topic| topic.evidence.len() <= evidence::SPANS_MAX), "{piece:?}");
    }

    #[test]
    fn long_and_hostile_text_is_read_to_a_bound() {
        check_repeated("war ", true);
        check_repeated("peace talks ", true);
        check_repeated("\u{301}\u{301}", false);
        check_repeated("((((", false);
        check_repeated("a.b.c.", false);
        check_repeated("\u{202e}x", false);
        check_repeated("\0", false);
    }

    #[test]
    fn an_explanation_adds_up_to_what_was_asserted() {
        let explanation = BUILTIN.explain(&Text::new("Union calls general strike", "", ""), &Context::default());
        assert_eq!(explanation.tops.len(), 17);
        assert_eq!(explanation.tops[0].code, explanation.topics[0].code);
        assert_eq!(explanation.tops[0].probability, explanation.topics[0].confidence);
        let term = explanation.terms.iter().find(|term| term.span.text == "general strike").expect("it is a term");
        assert!(term.weight > 0.0);
        assert_eq!(
            term.entry.as_ref().map(|entry| entry.file.as_str()),
            Some("config/topics/lexicon/en/09-labour.txt")
        );
    }

    #[test]
    fn evidence_is_in_reading_order_and_bounded() {
        let body = "Troops fired missiles. Soldiers returned artillery fire. Rebels, militants and insurgents fled the \
                    siege after the airstrike, the army said.";
        let topics = classify("Ceasefire collapses", body, None);
        assert_eq!((topics[0].code.as_str(), topics[0].role), ("medtop:16000000", Role::Primary));
        assert!(topics[0].evidence.len() <= evidence::SPANS_MAX && topics[0].evidence.len() > 2);
        let places: Vec<_> = topics[0].evidence.iter().map(|span| (span.field, span.start)).collect();
        assert!(places.is_sorted(), "{places:?}");
        assert!(topics.iter().all(|topic| (0.0..=1.0).contains(&topic.confidence)));
    }

    #[test]
    fn a_missing_directory_is_named() {
        let paths = TopicPaths { lexicon: Some("no/such/lexicon".into()), ..TopicPaths::default() };
        let error = TopicClassifier::load(&paths).expect_err("the directory is not there");
        assert_eq!(error.file, "no/such/lexicon");
    }

    #[test]
    fn the_section_titles_of_the_lexicon_are_the_labels_of_the_taxonomy() {
        let taxonomy = Taxonomy::media_topics();
        for source in source::lexicons(None).expect("the lexicon is compiled in") {
            for section in source.content.lines().filter_map(|line| line.strip_prefix('[')) {
                let (code, title) = section.trim_end_matches(']').split_once(' ').expect("a code and a title");
                let concept = taxonomy.get(taxonomy.find(code).expect("the code is in the taxonomy"));
                assert_eq!((concept.code.as_ref(), concept.name()), (code, title), "{}", source.file);
            }
        }
    }
}
