//! How characters are folded: case, accents and vowel points go, letters stay.

use unicode_normalization::char::decompose_canonical;

/// Combining accents, vowel points, the Arabic tatweel and zero-width characters: folded away inside a word.
pub(super) fn is_silent(char: char) -> bool {
    matches!(char,
        '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{610}'..='\u{61a}'
        | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

/// The Indic blocks, whose vowel signs and viramas are part of words but not all alphanumeric; dandas are not.
pub(super) fn is_indic(char: char) -> bool {
    matches!(char, '\u{900}'..='\u{963}' | '\u{966}'..='\u{dff}')
}

/// Appends the folded form of a character that belongs to a word.
pub(super) fn fold_into(char: char, folded: &mut String) {
    for lower in char.to_lowercase() {
        match lower {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' => folded.push('d'),
            'ı' => folded.push('i'),
            'أ' | 'إ' | 'آ' => folded.push('ا'),
            // Hangul would fall apart into its letters, kana would lose their voicing marks.
            '\u{ac00}'..='\u{d7a3}' | '\u{3041}'..='\u{30ff}' => folded.push(lower),
            _ => decompose_canonical(lower, |part| {
                if !is_silent(part) {
                    folded.push(part);
                }
            }),
        }
    }
}
