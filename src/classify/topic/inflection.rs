//! Regular English endings, so that a lexicon line need not spell out every form. Forms that do not exist are made
//! too: they do no harm, since nobody writes them.

/// Endings that word formation puts on a stem such as `capsiz` or `astronom`.
const ENDINGS: [&str; 58] = [
    "", "e", "es", "ed", "er", "ers", "ing", "ings", "ion", "ions", "ation", "ations", "or", "ors", "y", "ies", "ic",
    "ics", "ical", "ically", "ist", "ists", "ism", "al", "an", "ian", "ians", "ent", "ents", "ency", "ence", "ary",
    "aries", "ive", "ives", "ise", "ised", "ises", "ising", "ize", "ized", "izes", "izing", "isation", "ization", "ia",
    "t", "ts", "tic", "cy", "cies", "led", "ling", "ler", "lers", "nt", "nts", "s",
];

/// A word with its plural and verb endings.
pub(super) fn inflect(word: &str) -> Vec<String> {
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
    let vowels = ['a', 'e', 'i', 'o', 'u'];
    let doubles = !vowels.contains(&last) && !['w', 'x', 'y'].contains(&last);
    (doubles && vowels.contains(&vowel) && !vowels.contains(&before)).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: &[&str]) {
        let forms = inflect(word);
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

    #[test]
    fn stems_take_derived_forms() {
        let forms = derive("astronom");
        assert!(["astronomy", "astronomer", "astronomical"].iter().all(|form| forms.contains(&(*form).to_owned())));
    }
}
