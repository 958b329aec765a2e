//! Writing systems, as far as parsing and classifying both have to know them.

/// Whether a character is Han, kana, or of their punctuation: no space is lost where a line of them was broken, and a
/// text in them has no spaces to count words by.
pub(crate) fn is_ideographic(character: char) -> bool {
    matches!(character, '\u{2e80}'..='\u{303f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether a character is a letter of a script that sets no spaces between words: Thai, Lao, Burmese, Khmer, kana and
/// Han. Punctuation is not a letter; Hangul and Georgian set spaces.
pub(crate) fn is_written_without_spaces(character: char) -> bool {
    matches!(character,
        '\u{e01}'..='\u{e3a}' | '\u{e40}'..='\u{e4e}' | '\u{e81}'..='\u{ecd}' | '\u{1000}'..='\u{103f}'
        | '\u{1780}'..='\u{17d3}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}
