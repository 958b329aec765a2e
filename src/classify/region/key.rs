//! The key under which a name is kept and found: one hash over its folded words. Loading and matching build it from two
//! sides and must agree.

use crate::classify::text::{Text, hash_phrase, hash_word, is_currency_sign};

/// Maximum number of words of a name; a script without spaces counts each character.
pub(super) const NAME_WORDS_MAX: usize = 48;
const _: () = assert!(NAME_WORDS_MAX <= u64::BITS as usize, "the matcher keeps a bit for each length");

/// The key of a name.
pub(super) fn of_name(name: &str) -> u64 {
    let text = Text::new("", "", name);
    text.tokens().iter().map(|word| word.hash).reduce(hash_phrase).unwrap_or_default()
}

/// The key of a currency sign: `£`.
pub(super) fn of_sign(sign: char) -> u64 {
    hash_word(sign.encode_utf8(&mut [0; 4]))
}

/// The key of a currency sign after letters, by the hash of those: `US$`.
pub(super) fn of_sign_after(letters: u64, sign: char) -> u64 {
    hash_phrase(letters, of_sign(sign))
}

/// The key of a name that is a currency sign, alone or after letters: `£`, `US$`.
pub(super) fn of_name_with_sign(name: &str) -> Option<u64> {
    let sign = name.chars().next_back().filter(|&char| is_currency_sign(char))?;
    match Text::new("", "", name).tokens() {
        [] => Some(of_sign(sign)),
        [letters] => Some(of_sign_after(letters.hash, sign)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_key_that_a_text_gives_it() {
        let text = Text::new("In papua new GUINEA", "", "");
        let words = &text.tokens()[1..];
        assert_eq!(words.iter().map(|word| word.hash).reduce(hash_phrase), Some(of_name("Papua New Guinea")));
    }

    #[test]
    fn a_sign_for_money_is_a_name_alone_or_after_letters() {
        assert_eq!(of_name_with_sign("£"), Some(of_sign('£')));
        assert_eq!(of_name_with_sign("US$"), Some(of_sign_after(hash_word("us"), '$')));
        assert_eq!(of_name_with_sign("A B$"), None);
        assert_eq!(of_name_with_sign("pound"), None);
    }
}
