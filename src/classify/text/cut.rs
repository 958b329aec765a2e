//! Finds where words begin and end, and folds them as it goes. The parent's head comment says what a word is.

use super::fold::{fold_into, is_indic, is_silent};
use super::{Gap, Shape, Token, WordHasher, hash_word, is_currency_sign};
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
    /// Whether a currency sign was seen.
    pub(super) currency_signs: bool,
    word: Option<Word>,
    /// Where the last word ended that was taken whole.
    whole_end: usize,
    gap: Gap,
    /// Bytes of the field so far that begin no character.
    inner_bytes: u32,
}

/// The word being read.
struct Word {
    start: usize,
    char_start: u32,
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
            currency_signs: false,
            word: None,
            whole_end: NOWHERE,
            gap: Gap::Start,
            inner_bytes: 0,
        }
    }

    /// Cuts one field; its words follow those of the fields before.
    pub(super) fn cut(&mut self, text: &str, field: Field) {
        self.gap = Gap::Start;
        self.inner_bytes = 0;
        self.whole_end = NOWHERE;
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            at += match byte {
                _ if CLASSES[byte as usize] != 0 => self.ascii(at, text, field),
                b' ' => {
                    if self.word.is_some() {
                        self.close(at, field);
                    }
                    self.gap = self.gap.max(Gap::Space);
                    1
                }
                0..=0x7F => self.separate(byte as char, at, text, field),
                _ => {
                    let char = text[at..].chars().next().expect("at is on a character boundary");
                    let length = self.beyond_ascii(char, at, text, field);
                    self.inner_bytes += char.len_utf8() as u32 - 1;
                    length
                }
            };
        }
        self.close(text.len(), field);
    }

    /// Takes the ASCII letters and digits that follow one another, or a whole dotted abbreviation; gives the bytes
    /// taken.
    fn ascii(&mut self, at: usize, text: &str, field: Field) -> usize {
        let rest = &text.as_bytes()[at..];
        let run = Run::new(rest);
        let next = rest.get(run.length);
        if self.word.is_none() {
            if run.length == 1
                && next == Some(&b'.')
                && let Some(length) = dotted_length(rest)
            {
                self.open(at);
                for &letter in rest[..length].iter().filter(|&&letter| letter != b'.') {
                    self.letter(letter as char);
                }
                if let Some(word) = &mut self.word {
                    word.dotted = true;
                }
                return length;
            }
            if next.is_none_or(u8::is_ascii) {
                self.whole(at, &text[at..at + run.length], &run, field);
                return run.length;
            }
        }
        self.open(at);
        self.ascii_letters(&text[at..at + run.length], &run);
        run.length
    }

    /// Takes a word of ASCII letters and digits that ends where they do, as nearly all words of English do.
    fn whole(&mut self, at: usize, letters: &str, run: &Run, field: Field) {
        let folded_start = self.folded.len();
        self.fold_ascii(letters, run);
        let mut hasher = WordHasher::new();
        hasher.write(&self.folded.as_bytes()[folded_start..]);
        self.whole_end = at + letters.len();
        self.tokens.push(Token {
            field,
            start: at as u32,
            end: self.whole_end as u32,
            char_start: at as u32 - self.inner_bytes,
            hash: hasher.finish(),
            shape: run.shape(),
            gap: self.gap,
            flags: Token::ASCII,
            folded_start: folded_start as u32,
            folded_end: self.folded.len() as u32,
        });
        self.gap = Gap::Joined;
    }

    fn fold_ascii(&mut self, letters: &str, run: &Run) {
        let start = self.folded.len();
        self.folded.push_str(letters);
        if run.upper > 0 {
            self.folded[start..].make_ascii_lowercase();
        }
    }

    fn beyond_ascii(&mut self, char: char, at: usize, text: &str, field: Field) -> usize {
        if is_silent(char) {
            // A mark that is folded away belongs to the word it is in.
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
                char_start: at as u32 - self.inner_bytes,
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
            let mut bytes = [0; 4];
            let letter = char.encode_utf8(&mut bytes);
            return self.ascii_letters(letter, &Run::new(letter.as_bytes()));
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

    /// Adds ASCII letters and digits, one or more, to the word.
    fn ascii_letters(&mut self, letters: &str, run: &Run) {
        let all = run.length as u32;
        let word = self.word.as_mut().expect("a word is open");
        word.first_upper |= word.letters == 0 && run.first_upper;
        word.upper += run.upper;
        word.digits += run.digits;
        word.cased += all - run.digits;
        word.letters += all;
        self.fold_ascii(letters, run);
    }

    /// Ends the word before a separator and notes what kind of separator it is; gives the bytes taken.
    fn separate(&mut self, char: char, at: usize, text: &str, field: Field) -> usize {
        let after = at + char.len_utf8();
        let ends_word = self.word.is_some() || self.whole_end == at;
        self.close(at, field);
        if ends_word
            && matches!(char, '\'' | '’' | 'ʼ')
            && let Some(length) = possessive_length(&text[after..])
        {
            self.tokens.last_mut().expect("a word was just closed").flags |= Token::POSSESSIVE;
            return char.len_utf8() + length;
        }
        self.currency_signs |= is_currency_sign(char);
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
            char_start: word.char_start,
            hash: hash_word(folded),
            shape: word.shape(),
            gap: self.gap,
            flags: if folded.is_ascii() { Token::ASCII } else { 0 },
            folded_start: word.folded_start as u32,
            folded_end: self.folded.len() as u32,
        });
        self.gap = Gap::Joined;
    }
}

/// No place in a field.
const NOWHERE: usize = usize::MAX;

/// What each byte is: 0 for what is not an ASCII letter or digit.
static CLASSES: [u8; 256] = classes();
const LOWER: u8 = 1;
const UPPER: u8 = 2;
const DIGIT: u8 = 4;

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'0'..=b'9' => DIGIT,
            _ => 0,
        };
        byte += 1;
    }
    classes
}

/// ASCII letters and digits that follow one another.
struct Run {
    length: usize,
    upper: u32,
    digits: u32,
    first_upper: bool,
}

impl Run {
    /// The run at the start of `bytes`, of which the first is a letter or digit.
    #[inline]
    fn new(bytes: &[u8]) -> Run {
        let (mut length, mut all) = (0, 0);
        for &byte in bytes {
            let class = CLASSES[byte as usize];
            if class == 0 {
                break;
            }
            all |= class;
            length += 1;
        }
        // Nearly all words are lower-case letters alone.
        if all == LOWER {
            return Run { length, upper: 0, digits: 0, first_upper: false };
        }
        let letters = &bytes[..length];
        Run {
            length,
            upper: letters.iter().filter(|byte| byte.is_ascii_uppercase()).count() as u32,
            digits: letters.iter().filter(|byte| byte.is_ascii_digit()).count() as u32,
            first_upper: letters.first().is_some_and(u8::is_ascii_uppercase),
        }
    }

    /// How a word is written that is this run alone.
    fn shape(&self) -> Shape {
        shape(self.length as u32, self.digits, self.length as u32 - self.digits, self.upper, self.first_upper)
    }
}

/// How a word is written, by the number of its letters and how many are digits, have case and are upper case.
fn shape(letters: u32, digits: u32, cased: u32, upper: u32, first_upper: bool) -> Shape {
    match (cased, upper) {
        (0, _) if digits == letters => Shape::Number,
        (0, _) => Shape::Caseless,
        (_, 0) => Shape::Lower,
        (cased, upper) if cased == upper && upper > 1 => Shape::Upper,
        (_, 1) if first_upper => Shape::Title,
        _ => Shape::Mixed,
    }
}

impl Word {
    fn shape(&self) -> Shape {
        match self.dotted {
            true => Shape::Upper,
            false => shape(self.letters, self.digits, self.cased, self.upper, self.first_upper),
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

/// Length of the `s` of a possessive when the word ends with it.
fn possessive_length(after: &str) -> Option<usize> {
    let mut chars = after.chars();
    let s = chars.next().is_some_and(|char| matches!(char, 's' | 'S'));
    (s && !chars.next().is_some_and(char::is_alphanumeric)).then_some(1)
}
