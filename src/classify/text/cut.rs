//! Finds where words begin and end, and folds them as it goes. What a word is stands in the parent's head comment.

use super::fold::{fold_into, is_indic, is_silent};
use super::{Gap, Shape, Token, hash_word};
use crate::document::Field;
use crate::script::is_written_without_spaces;

/// Abbreviations whose point ends no sentence, folded.
const TITLES: [&str; 27] = [
    "st", "mt", "ft", "gen", "gov", "sen", "rep", "mr", "mrs", "ms", "dr", "lt", "col", "sgt", "capt", "cmdr", "adm",
    "prof", "rev", "jr", "sr", "no", "vs", "inc", "corp", "co", "ltd",
];

pub(super) struct Cutter {
    pub(super) folded: String,
    pub(super) tokens: Vec<Token>,
    word: Option<Word>,
    gap: Gap,
}

/// The word being read.
struct Word {
    start: usize,
    folded_start: usize,
    letters: u32,
    digits: u32,
    upper: u32,
    cased: u32,
    first_upper: bool,
    dotted: bool,
}

impl Cutter {
    /// A cutter for about that many bytes of text.
    pub(super) fn new(bytes: usize) -> Self {
        Cutter {
            folded: String::with_capacity(bytes + bytes / 16),
            tokens: Vec::with_capacity(bytes / 5 + 1),
            word: None,
            gap: Gap::Start,
        }
    }

    /// Cuts one field; its words follow those of the fields before.
    pub(super) fn cut(&mut self, text: &str, field: Field) {
        self.gap = Gap::Start;
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            at += match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => self.ascii(at, text),
                0..=0x7F => self.separate(byte as char, at, text, field),
                _ => {
                    let char = text[at..].chars().next().expect("at is on a character boundary");
                    self.beyond_ascii(char, at, text, field)
                }
            };
        }
        self.close(text.len(), field);
    }

    /// Takes the ASCII letters and digits that follow one another, or a whole dotted abbreviation; gives the bytes taken.
    fn ascii(&mut self, at: usize, text: &str) -> usize {
        let rest = &text.as_bytes()[at..];
        let dotted = if self.word.is_none() && rest.get(1) == Some(&b'.') { dotted_length(rest) } else { None };
        self.open(at);
        if let Some(length) = dotted {
            for &letter in rest[..length].iter().filter(|&&letter| letter != b'.') {
                self.letter(letter as char);
            }
            if let Some(word) = &mut self.word {
                word.dotted = true;
            }
            return length;
        }
        let length = rest.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len());
        self.ascii_letters(&text[at..at + length]);
        length
    }

    fn beyond_ascii(&mut self, char: char, at: usize, text: &str, field: Field) -> usize {
        if is_silent(char) {
            // A mark that is folded away belongs to the word it stands in.
        } else if is_written_without_spaces(char) {
            self.close(at, field);
            self.open(at);
            self.letter(char);
            self.close(at + char.len_utf8(), field);
        } else if char.is_alphanumeric() || is_indic(char) {
            self.open(at);
            self.letter(char);
        } else {
            return self.separate(char, at, text, field);
        }
        char.len_utf8()
    }

    fn open(&mut self, at: usize) {
        if self.word.is_none() {
            self.word = Some(Word {
                start: at,
                folded_start: self.folded.len(),
                letters: 0,
                digits: 0,
                upper: 0,
                cased: 0,
                first_upper: false,
                dotted: false,
            });
        }
    }

    fn letter(&mut self, char: char) {
        if char.is_ascii() {
            return self.ascii_letters(char.encode_utf8(&mut [0; 4]));
        }
        let word = self.word.as_mut().expect("a word is open");
        let upper = char.is_uppercase();
        word.first_upper |= upper && word.letters == 0;
        word.upper += u32::from(upper);
        word.cased += u32::from(upper || char.is_lowercase());
        word.digits += u32::from(char.is_numeric());
        word.letters += 1;
        fold_into(char, &mut self.folded);
    }

    /// Adds ASCII letters and digits, one or more, to the word. Nearly all news is written in them, most in small ones.
    fn ascii_letters(&mut self, letters: &str) {
        let all = letters.len() as u32;
        let word = self.word.as_mut().expect("a word is open");
        let (mut upper, mut digits) = (0, 0);
        if !letters.bytes().all(|byte| byte.is_ascii_lowercase()) {
            upper = letters.bytes().filter(u8::is_ascii_uppercase).count() as u32;
            digits = letters.bytes().filter(u8::is_ascii_digit).count() as u32;
            word.first_upper |= word.letters == 0 && letters.as_bytes()[0].is_ascii_uppercase();
        }
        word.upper += upper;
        word.digits += digits;
        word.cased += all - digits;
        word.letters += all;
        let start = self.folded.len();
        self.folded.push_str(letters);
        if upper > 0 {
            self.folded[start..].make_ascii_lowercase();
        }
    }

    /// Ends the word before a separator and notes what kind of separator it is; gives the bytes taken.
    fn separate(&mut self, char: char, at: usize, text: &str, field: Field) -> usize {
        let after = at + char.len_utf8();
        let was_open = self.word.is_some();
        self.close(at, field);
        if was_open
            && matches!(char, '\'' | '’' | 'ʼ')
            && let Some(length) = possessive_length(&text[after..])
        {
            self.tokens.last_mut().expect("a word was just closed").possessive = true;
            return char.len_utf8() + length;
        }
        let next = text[after..].chars().next();
        self.gap = self.gap.max(self.gap_of(char, next));
        char.len_utf8()
    }

    fn gap_of(&self, char: char, next: Option<char>) -> Gap {
        let inside = next.is_some_and(char::is_alphanumeric);
        match char {
            ' ' | '\t' | '\r' | '\u{a0}' | '\u{202f}' | '\u{2009}' => Gap::Space,
            '-' | '\'' | '’' | 'ʼ' | '\u{2010}' | '\u{2011}' | '\u{ad}' | '&' | '·' => Gap::Joined,
            '.' | ':' | '!' | '?' if inside => Gap::Joined,
            '.' if self.after_title() => Gap::Space,
            '.' | '!' | '?' | ';' | ':' | '\n' | '。' | '！' | '？' | '؟' | '।' | '…' | '\u{2028}' | '\u{2029}' => {
                Gap::Stop
            }
            ',' | '،' | '、' | '，' => Gap::Comma,
            _ if char.is_whitespace() => Gap::Space,
            _ => Gap::Other,
        }
    }

    fn after_title(&self) -> bool {
        self.tokens.last().is_some_and(|token| {
            let folded = &self.folded[token.folded_start as usize..token.folded_end as usize];
            token.shape == Shape::Title && TITLES.contains(&folded)
        })
    }

    fn close(&mut self, end: usize, field: Field) {
        let Some(word) = self.word.take() else { return };
        let folded = &self.folded[word.folded_start..];
        self.tokens.push(Token {
            field,
            start: word.start as u32,
            end: end as u32,
            hash: hash_word(folded),
            shape: word.shape(),
            gap: self.gap,
            possessive: false,
            folded_start: word.folded_start as u32,
            folded_end: self.folded.len() as u32,
        });
        self.gap = Gap::Joined;
    }
}

impl Word {
    fn shape(&self) -> Shape {
        match (self.cased, self.upper) {
            _ if self.dotted => Shape::Upper,
            (0, _) if self.digits == self.letters => Shape::Number,
            (0, _) => Shape::Caseless,
            (_, 0) => Shape::Lower,
            (cased, upper) if cased == upper && upper > 1 => Shape::Upper,
            (_, 1) if self.first_upper => Shape::Title,
            _ => Shape::Mixed,
        }
    }
}

/// Length of a dotted abbreviation such as `U.S.` or `D.C` at the start of `bytes`.
fn dotted_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    let mut letters = 0;
    while bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
        match bytes.get(at + 1) {
            Some(b'.') => at += 2,
            Some(next) if next.is_ascii_alphanumeric() || *next >= 0x80 => return None,
            _ => at += 1,
        }
        letters += 1;
        if bytes[at - 1] != b'.' {
            break;
        }
    }
    (letters > 1).then_some(at)
}

/// Length of the `s` of a possessive when nothing of the word follows it.
fn possessive_length(after: &str) -> Option<usize> {
    let mut chars = after.chars();
    let s = chars.next().is_some_and(|char| matches!(char, 's' | 'S'));
    (s && !chars.next().is_some_and(char::is_alphanumeric)).then_some(1)
}
