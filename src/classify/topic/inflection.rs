//! Regular endings, so that a lexicon line need not spell out every form. Some of the forms
//! made do not exist; they do no harm, since nobody writes them.

/// Endings that word formation puts on a stem such as `capsiz` or `astronom`.
const ENDINGS: [&str; 58] = [
    "", "e", "es", "ed", "er", "ers", "ing", "ings", "ion", "ions", "ation", "ations", "or", "ors", "y", "ies", "ic",
    "ics", "ical", "ically", "ist", "ists", "ism", "al", "an", "ian", "ians", "ent", "ents", "ency", "ence", "ary",
    "aries", "ive", "ives", "ise", "ised", "ises", "ising", "ize", "ized", "izes", "izing", "isation", "ization", "ia",
    "t", "ts", "tic", "cy", "cies", "led", "ling", "ler", "lers", "nt", "nts", "s",
];

/// How the words of a language are inflected. News names what it is about by nouns: a plural is enough except in
/// English, whose verbs look like its nouns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inflection {
    English,
    French,
    Portuguese,
    Spanish,
    /// No rules: a word is read as it is written.
    Unknown,
}

impl Inflection {
    /// The rules of a language, by its primary tag.
    pub(super) fn of(language: &str) -> Inflection {
        match language {
            "en" => Inflection::English,
            "es" => Inflection::Spanish,
            "fr" => Inflection::French,
            "pt" => Inflection::Portuguese,
            _ => Inflection::Unknown,
        }
    }

    /// A folded word with its regular forms.
    pub(super) fn inflect(self, word: &str) -> Vec<String> {
        let plural = match self {
            Inflection::English => return english(word),
            Inflection::French => french_plural(word),
            Inflection::Portuguese => portuguese_plural(word),
            Inflection::Spanish => spanish_plural(word),
            Inflection::Unknown => return vec![word.to_owned()],
        };
        vec![word.to_owned(), plural]
    }
}

const VOWELS: [char; 5] = ['a', 'e', 'i', 'o', 'u'];

fn french_plural(word: &str) -> String {
    match word {
        _ if word.ends_with(['s', 'x', 'z']) => word.to_owned(),
        _ if word.ends_with("eau") || word.ends_with("eu") => format!("{word}x"),
        _ => word.strip_suffix("al").map_or_else(|| format!("{word}s"), |stem| format!("{stem}aux")),
    }
}

fn portuguese_plural(word: &str) -> String {
    let replaced = [("ao", "oes"), ("l", "is"), ("m", "ns")];
    let replaced = replaced.iter().find_map(|(old, new)| Some(format!("{}{new}", word.strip_suffix(old)?)));
    replaced.unwrap_or_else(|| format!("{word}{}", if word.ends_with(VOWELS) { "s" } else { "es" }))
}

fn spanish_plural(word: &str) -> String {
    match word.strip_suffix('z') {
        Some(stem) => format!("{stem}ces"),
        None => format!("{word}{}", if word.ends_with(VOWELS) { "s" } else { "es" }),
    }
}

/// A word with its plural and verb endings.
fn english(word: &str) -> Vec<String> {
    let mut forms = vec![word.to_owned()];
    let mut push = |stem: &str, endings: &[&str]| forms.extend(endings.iter().map(|ending| format!("{stem}{ending}")));
    if let Some(stem) = word.strip_suffix('e') {
        push(stem, &["es", "ed", "ing"]);
    } else if let Some(stem) = word.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u'])) {
        push(stem, &["ies", "ied", "ying"]);
    } else if word.ends_with(['s', 'x', 'z']) || word.ends_with("ch") || word.ends_with("sh") {
        push(word, &["es", "ed", "ing"]);
    } else {
        push(word, &["s", "es", "ed", "ing"]);
    }
    if let Some(last) = doubled(word) {
        push(&format!("{word}{last}"), &["ed", "ing"]);
    }
    forms
}

/// A stem with the endings of word formation.
pub(super) fn derive(stem: &str) -> Vec<String> {
    ENDINGS.iter().map(|ending| format!("{stem}{ending}")).collect()
}

/// The consonant that is doubled before an ending: `stab`, `stabbed`.
fn doubled(word: &str) -> Option<char> {
    let mut letters = word.chars().rev();
    let (last, vowel, before) = (letters.next()?, letters.next()?, letters.next()?);
    let doubles = !VOWELS.contains(&last) && !['w', 'x', 'y'].contains(&last);
    (doubles && VOWELS.contains(&vowel) && !VOWELS.contains(&before)).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: &[&str]) {
        let forms = Inflection::English.inflect(word);
        assert!(expected.iter().all(|form| forms.contains(&(*form).to_owned())), "forms of {word}: {forms:?}");
    }

    #[test]
    fn regular_forms_are_made() {
        check("strike", &["strike", "strikes", "striking"]);
        check("stab", &["stabs", "stabbed", "stabbing"]);
        check("army", &["armies"]);
        check("survey", &["surveys", "surveyed"]);
        check("clash", &["clashes", "clashed"]);
    }

    #[track_caller]
    fn check_forms(language: &str, word: &str, expected: &[&str]) {
        assert_eq!(Inflection::of(language).inflect(word), expected, "forms of {word} in {language}");
    }

    #[test]
    fn each_language_has_its_own_plural_and_no_english_endings() {
        check_forms("es", "vacuna", &["vacuna", "vacunas"]);
        check_forms("es", "misil", &["misil", "misiles"]);
        check_forms("es", "juez", &["juez", "jueces"]);
        check_forms("fr", "ecole", &["ecole", "ecoles"]);
        check_forms("fr", "hopital", &["hopital", "hopitaux"]);
        check_forms("fr", "bateau", &["bateau", "bateaux"]);
        check_forms("pt", "escritor", &["escritor", "escritores"]);
        check_forms("pt", "eleicao", &["eleicao", "eleicoes"]);
        check_forms("pt", "hospital", &["hospital", "hospitais"]);
        check_forms("de", "wahl", &["wahl"]);
    }

    #[test]
    fn stems_take_derived_forms() {
        let forms = derive("astronom");
        assert!(["astronomy", "astronomer", "astronomical"].iter().all(|form| forms.contains(&(*form).to_owned())));
    }
}
