//! What region classification promises, row by row. Every text here is made up for its row.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use super::*;
use crate::document::{Language, Role};

static CLASSIFIER: LazyLock<RegionClassifier> = LazyLock::new(RegionClassifier::builtin);

fn codes(classifier: &RegionClassifier, title: &str, body: &str, language: &str, home: Option<&str>) -> Vec<String> {
    let language = Language { code: language.parse().expect("a language tag"), confidence: 1.0 };
    let context = Context { language: Some(&language), home, sections: &[] };
    let regions = classifier.classify(&Text::new(title, "", body), &context);
    regions.into_iter().map(|region| region.code.to_string()).collect()
}

/// The countries of a headline, best first.
#[track_caller]
fn check(title: &str, expected: &[&str]) {
    assert_eq!(codes(&CLASSIFIER, title, "", "en", None), expected, "countries of {title:?}");
}

/// The first country of an article.
#[track_caller]
fn check_article(title: &str, body: &str, expected: &str) {
    let codes = codes(&CLASSIFIER, title, body, "en", None);
    assert_eq!(codes.first().map(String::as_str), Some(expected), "{codes:?} of {title:?}");
}

/// An article that names no place.
#[track_caller]
fn check_nothing(title: &str, body: &str) {
    assert_eq!(codes(&CLASSIFIER, title, body, "en", None), [""; 0], "countries of {title:?}");
}

/// The first country of a headline in another language.
#[track_caller]
fn check_language(language: &str, title: &str, expected: &str) {
    let codes = codes(&CLASSIFIER, title, "", language, None);
    assert_eq!(codes.first().map(String::as_str), Some(expected), "{codes:?} of {title:?}");
}

#[test]
fn a_headline_is_about_the_country_it_names_first() {
    check("Peru and Chile sign a fishing accord", &["PE", "CL"]);
    check("Lisbon tram drivers walk out", &["PT"]);
}

#[test]
fn nothing_is_listed_where_nothing_is_named() {
    check("Why sleep matters more than you think", &[]);
    check("Tell us what you think about it", &[]);
    check("NATO and the EU weigh new rules", &[]);
}

#[test]
fn an_office_or_a_leader_stands_for_the_country() {
    check("Kremlin dismisses the report", &["RU"]);
    check("DOJ opens an inquiry into the merger", &["US"]);
    check("Knesset votes on the budget", &["IL"]);
    check("Bundesbank holds rates", &["DE"]);
}

#[test]
fn a_state_after_a_comma_says_which_town_is_meant() {
    check("Two held after fire in Paris, Texas", &["US"]);
    check("Bridge closed in London, Ontario, after flood", &["CA"]);
    check("Church burns in Lebanon, Pa.", &["US"]);
}

#[test]
fn a_name_is_read_by_the_company_it_keeps() {
    check_article("Georgia votes", "Atlanta and Savannah saw long lines. Florida and Alabama vote next.", "US");
    check_article("Georgia votes", "Tbilisi saw long lines. Observers from Armenia and Azerbaijan were there.", "GE");
    check_article("Cambridge lab opens", "The lab near Boston will hire across Massachusetts.", "US");
    check_article(
        "Cambridge lab opens",
        "The lab will hire across Suffolk and Norfolk, the county council said.",
        "GB",
    );
}

#[test]
fn the_words_a_countrys_press_uses_tell_its_towns_from_others() {
    check_article("Lancaster pub burns", "Two lorries and the pub were damaged, the fire service said.", "GB");
    check_article("Lancaster tavern burns", "Two trucks on the sidewalk were damaged, the sheriff said.", "US");
    check("Lorries block the motorway", &[]);
}

#[test]
fn a_person_is_not_a_place() {
    check("Michael Jordan buys a boat", &[]);
    check("Paris Hilton opens a shop", &[]);
    check("Mrs Sydney Lincoln wins the quiz", &[]);
}

#[test]
fn a_town_called_like_an_ordinary_word_is_not_read_in_every_headline() {
    check("Police Headquarters opens its doors in March", &[]);
    check_nothing("Work starts in August", "The Street Theatre and the University will share the hall from May.");
    check_article("Fire at mill", "A mill burned down in March, Cambridgeshire, on Sunday.", "GB");
}

#[test]
fn a_short_word_in_capitals_in_running_text_is_not_a_town() {
    check_nothing("Siege ends", "After nine hours of talks on the phone nobody was hurt, and the SWAT team went home.");
}

#[test]
fn a_verb_of_speech_follows_a_person_more_often_than_a_town() {
    check_nothing(
        "Coach looks ahead",
        "We were slow in the first half, but Lincoln said the team would learn from it.",
    );
}

#[test]
fn a_town_that_shares_its_name_with_a_country_is_known_by_its_state() {
    check("Peru buys corn from Ohio", &["PE", "US"]);
    check("Fire in Peru, Indiana", &["US"]);
}

#[test]
fn a_platform_that_carries_the_news_is_not_its_place() {
    check_article("Ashford ward closed", "Follow the hospital on Facebook and Twitter, the NHS trust said.", "GB");
}

#[test]
fn a_currency_sign_speaks_for_its_country_but_is_not_its_name() {
    check_article("Richmond pool to reopen", "Repairs cost £2m and took all winter.", "GB");
    check_article("Ghana port expands", "The port will cost US$90m and US$5m a year to run.", "GH");
    check("Firm fined A$4m over cables", &["AU"]);
}

#[test]
fn towns_of_one_subdivision_speak_for_each_other() {
    check_article("Richmond bridge closed", "Drivers from Burnaby, Coquitlam and Delta face delays.", "CA");
}

#[test]
fn the_wires_own_town_does_not_outweigh_what_the_report_names() {
    let report = "Rebels in Yemen have freed four hostages, officials in Sanaa said on Monday.";
    check_article("Rebels free hostages", &format!("WASHINGTON — {report}"), "YE");
    check_article("Rebels free hostages", &format!("LONDON (Reuters) - {report}"), "YE");
    check_article("Museum reopens", "LIMA, Peru — The museum of gold opened its doors again on Monday.", "PE");
}

#[test]
fn names_inside_longer_names_are_not_read_by_themselves() {
    check("Papua New Guinea counts its birds", &["PG"]);
    check("Guinea pigs calm the old", &[]);
    check("South Sudan reopens the river port", &["SS"]);
    check("Nigeria and Niger reopen the border", &["NG", "NE"]);
}

#[test]
fn case_is_used_where_it_says_something_and_not_needed_where_it_does_not() {
    check("MINISTER FLIES TO KENYA", &["KE"]);
    check("minister flies to kenya", &["KE"]);
    check("give us a break", &[]);
    check("Farmer says the roast turkey was dry", &[]);
    check("take a seat and stay safe", &[]);
    check("male voters stay at home", &[]);
}

#[test]
fn every_language_has_its_own_names() {
    check_language("de", "Frankreich und Spanien einigen sich", "FR");
    check_language("fr", "L\u{2019}Allemagne renonce au projet", "DE");
    check_language("es", "Alemania aprueba la ley", "DE");
    check_language("it", "La Germania approva la legge", "DE");
    check_language("pt", "Alemanha aprova a lei", "DE");
    check_language("ru", "В России запустили спутник", "RU");
    check_language("tr", "Almanya\u{2019}da seçim", "DE");
    check_language("ar", "الحكومة في العراق تعلن", "IQ");
    check_language("ar", "زيارة رسمية إلى الأردن", "JO");
    check_language("ar", "زيارة رسمية والعراق", "IQ");
    check_language("he", "הבחירות בצרפת", "FR");
    check_language("ja", "フランスの選挙", "FR");
    check_language("zh", "法国总统访问", "FR");
    check_language("ko", "프랑스 대통령 방문", "FR");
    check_language("th", "ประเทศฝรั่งเศส", "FR");
}

#[test]
fn the_feeds_home_settles_what_nothing_else_does() {
    let title = "Fire at a warehouse in Richmond";
    assert_eq!(codes(&CLASSIFIER, title, "", "en", Some("GB")).first().map(String::as_str), Some("GB"));
}

#[test]
fn regions_carry_their_path_roles_places_and_evidence() {
    let text = Text::new("Flood closes schools in Cork, Ireland", "", "");
    let regions = CLASSIFIER.classify(&text, &Context::default());
    let first = &regions[0];
    assert_eq!((first.code.as_str(), first.name.as_str(), first.role), ("IE", "Ireland", Role::Primary));
    assert_eq!(first.m49, ["001", "150", "154", "372"]);
    assert_eq!(first.evidence.iter().map(|span| span.text.as_str()).collect::<Vec<_>>(), ["Cork", "Ireland"]);
    assert!(first.places.iter().any(|place| place.name == "Cork" && place.geonames == Some(2_965_140)), "{first:?}");
}

#[test]
fn the_explanation_adds_up_to_the_score() {
    let text = Text::new("Lagos port reopens", "", "Nigeria reopened the port of Lagos. Ghana watched.");
    let explanation = CLASSIFIER.explain(&text, &Context::default());
    for country in &explanation.countries {
        let spans = explanation.spans.iter().flat_map(|span| &span.adds);
        let own = spans.filter(|add| add.country.as_deref() == Some(&country.code));
        let sum: f32 = own.chain(&country.extras).map(|add| add.amount * add.weight).sum();
        assert!((sum - country.score).abs() < 1e-3, "{} is {} and not {sum}", country.code, country.score);
    }
    assert_eq!(explanation.countries[0].code, "NG");
}

/// What an explanation says about the span that begins with these words.
#[track_caller]
fn check_verdict(title: &str, span: &str, expected: &str) {
    let explanation = CLASSIFIER.explain(&Text::new(title, "", ""), &Context::default());
    let found = explanation.spans.iter().find(|found| found.span.text == span);
    let found = found.unwrap_or_else(|| panic!("{span:?} is not a name in {title:?}: {explanation:?}"));
    assert_eq!(found.verdict, expected, "of {span:?} in {title:?}");
}

#[test]
fn a_verdict_says_in_words_what_decided() {
    check_verdict(
        "Two held after fire in Paris, Texas",
        "Paris",
        "Read as a town in United States, US-TX (100 %): the place next to it says which one is meant.",
    );
    check_verdict(
        "Peru and Chile sign a fishing accord",
        "Chile",
        "Read as Chile (100 %): the gazetteer knows no other meaning.",
    );
    check_verdict(
        "Rain falls on Mr Jordan",
        "Jordan",
        "Not read as a place (100 %): it is also a given name; it is also a surname; a given name, a title or an \
         initial comes before it.",
    );
}

/// What a local file makes of a headline, or the error it is refused with.
fn with_local(local: &str, title: &str) -> Result<Vec<String>, String> {
    let file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    fs::write(file.path(), local).expect("it can be written");
    let paths = RegionPaths { gazetteer: None, local: Some(file.path().to_owned()) };
    let classifier = RegionClassifier::load(&paths)
        .map_err(|error| error.to_string().replace(&file.path().display().to_string(), "local"))?;
    Ok(codes(&classifier, title, "", "en", None))
}

#[test]
fn a_local_town_is_among_the_places_named() {
    let file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    let town = "[[entry]]\nnames = [\"Mirthwick\"]\nkind = \"city\"\ncountry = \"DK\"\n";
    fs::write(file.path(), town).expect("it can be written");
    let paths = RegionPaths { gazetteer: None, local: Some(file.path().to_owned()) };
    let classifier = RegionClassifier::load(&paths).expect("the file is well-formed");
    let regions = classifier.classify(&Text::new("Ferry to Mirthwick resumes", "", ""), &Context::default());
    let names: Vec<&str> = regions[0].places.iter().map(|place| place.name.as_str()).collect();
    assert_eq!(names, ["Mirthwick"]);
}

#[test]
fn an_operator_adds_changes_and_removes_entries() {
    let add = "[[entry]]\nnames = [\"Hall of Mirth\"]\nkind = \"institution\"\ncountry = \"DK\"\n";
    assert_eq!(with_local(add, "Hall of Mirth closes"), Ok(vec!["DK".to_owned()]));
    let change = "[[entry]]\nnames = [\"Kremlin\"]\nkind = \"institution\"\ncountry = \"BE\"\nnear = [\"waffles\"]\n";
    assert_eq!(with_local(change, "Kremlin serves waffles"), Ok(vec!["BE".to_owned()]));
    assert_eq!(with_local(change, "Kremlin serves tea"), Ok(vec!["RU".to_owned()]));
    assert_eq!(with_local("[[remove]]\nname = \"Kremlin\"\n", "Kremlin serves tea"), Ok(Vec::new()));
}

#[test]
fn the_example_of_a_local_file_loads() {
    let local = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/gazetteer/local.toml");
    RegionClassifier::load(&RegionPaths { gazetteer: None, local: Some(local) }).expect("the shipped example loads");
}

#[test]
fn the_tables_of_a_folder_are_the_tables_compiled_in() {
    let gazetteer = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/gazetteer");
    let paths = RegionPaths { gazetteer: Some(gazetteer), local: None };
    let loaded = RegionClassifier::load(&paths).expect("the shipped tables load");
    assert_eq!(loaded.digest(), CLASSIFIER.digest());
    assert!(loaded.digest().starts_with("sha256:"));
}

#[track_caller]
fn check_refused(local: &str, expected: &str) {
    let error = with_local(local, "").expect_err("the file is refused");
    assert!(error.starts_with(expected), "{error:?} does not begin with {expected:?}");
}

#[test]
fn a_contradictory_local_entry_is_refused_with_its_line() {
    let entry = |rest: &str| format!("# a house file\n[[entry]]\nnames = [\"Somewhere\"]\nkind = \"city\"\n{rest}\n");
    check_refused(&entry("country = \"QQ\""), "local:2: unknown country code \"QQ\"");
    check_refused(&entry("parent = \"nobody\""), "local:2: no entry has the id \"nobody\"");
    check_refused(&entry("id = \"a\"\nparent = \"a\""), "local:2: the parents form a circle");
    check_refused(&entry(""), "local:2: an entry needs a country or a parent");
    check_refused(&entry("contry = \"GB\""), "local:5: unknown field `contry`");
    let star = "[[entry]]\nnames = [\"*\"]\nkind = \"city\"\ncountry = \"GB\"\n";
    check_refused(star, "local:1: \"*\" would match nearly everything");
    check_refused(&star.replace('*', "a*"), "local:1: \"a*\" would match nearly everything");
    let twice = star.replace('*', "Hall of Mirth").repeat(2);
    check_refused(&twice, "local:5: duplicate name \"Hall of Mirth\" in this file");
    check_refused("[[remove]]\nname = \"Hall of Mirth\"\n", "local:1: \"Hall of Mirth\" is not in the gazetteer");
}

/// A folder of the shipped tables with one row more in one of them.
#[track_caller]
fn check_table_refused(table: &str, row: &str, expected: &str) {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/gazetteer");
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    fs::create_dir(folder.path().join("curated")).expect("a folder can be made in it");
    for file in
        fs::read_dir(&shipped).expect("it is there").chain(fs::read_dir(shipped.join("curated")).expect("it is there"))
    {
        let path = file.expect("it can be listed").path();
        if path.is_file() {
            let name = path.strip_prefix(&shipped).expect("it is in the folder");
            fs::copy(&path, folder.path().join(name)).expect("it can be copied");
        }
    }
    let file = folder.path().join(table);
    let text = fs::read_to_string(&file).expect("the table is there");
    fs::write(&file, format!("{}{row}\n", text)).expect("it can be written");
    let paths = RegionPaths { gazetteer: Some(folder.path().to_owned()), local: None };
    let error = RegionClassifier::load(&paths).expect_err("the table is refused").to_string();
    let line = text.lines().count() + 1;
    assert_eq!(error, format!("{table}:{line}: {expected}"));
}

#[test]
fn a_contradictory_table_is_refused_with_its_line() {
    check_table_refused("curated/media.tsv", "media\tQQ\ten\tThe Bugle", "unknown country code \"QQ\"");
    check_table_refused("countries.tsv", "FR\tFrance\t001", "duplicate country FR");
    check_table_refused("people.tsv", "given\tmany\tAnn", "\"many\" is not a number");
    check_table_refused("curated/media.tsv", "media GB", "column 2 is missing; columns are separated by tabs");
}

/// Linear work: four times the text may take eight times the processor, where quadratic work would take sixteen.
#[track_caller]
fn check_hostile(what: &str, piece: &str, bytes: usize) {
    let text = piece.repeat(bytes / piece.len());
    let whole = best_time(&text);
    let quarter = best_time(&piece.repeat(bytes / piece.len() / 4));
    assert!(whole < quarter * 8 + SLACK, "{what} took {whole:?}, and a quarter of it {quarter:?}");
    for region in CLASSIFIER.classify(&Text::new("", "", &text), &Context::default()) {
        assert!(region.evidence.len() <= 8 && region.places.len() <= 8, "{what}: evidence is bounded");
    }
}

/// For what takes so little time that its start is most of it.
const SLACK: Duration = Duration::from_millis(50);

/// Minimum processor time for a text, of three tries.
fn best_time(text: &str) -> Duration {
    let one = || {
        let before = processor_time();
        CLASSIFIER.classify(&Text::new("", "", text), &Context::default());
        processor_time() - before
    };
    (0..3).map(|_| one()).min().unwrap_or_default()
}

/// What this thread has had of the processor: other programs do not count.
fn processor_time() -> Duration {
    let spent = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux counts it");
    let nanoseconds = spent.split_whitespace().next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanoseconds.expect("the first number is the time on the processor"))
}

#[test]
fn hostile_texts_are_read_in_linear_time_with_bounded_evidence() {
    check_hostile("one long word", "a", 4 << 20);
    check_hostile("many words", "word and other ", 1 << 20);
    check_hostile("many place names", "Paris, Texas Lagos ", 2 << 20);
    check_hostile("the beginning of a name, over and over", "South Georgia and the ", 1 << 19);
    check_hostile("a text without spaces", "中", 1 << 20);
    check_hostile("a script with stems", "В Россиииииииии ", 1 << 19);
}
