//! Reads the model file that `training/topics.py` writes. Everything is little-endian and in this order:
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `DLTOPICS` |
//! | 4 | version, [`VERSION`] |
//! | 4 | number of top levels, 17 |
//! | 4 + 4 | number of entries, and how many of them, the first, are words with a static vector |
//! | 4 × 28 | [`Settings`], part by part |
//! | 4 × 17 | bias |
//! | 8 × entries | hashes of words and pairs |
//! | 2 × entries | weight of each as a term, in 1/1024 |
//! | 2 × words | weight of each as a static vector, in 1/65535 |
//! | 4 × entries | scale of each term row |
//! | 4 × words | scale of each static row |
//! | 17 × entries | term rows, signed bytes |
//! | 17 × words | static rows, signed bytes |
//! | 32 | SHA-256 of all before |

use sha2::{Digest, Sha256};

use crate::classify::DataError;
use crate::classify::phrases::{Bits, Table};

use super::model::{KNOWN_LOG, Model, TOPS, Weights};
use super::scale::{PARTS, SIGNALS, Settings};

/// The only version that is read.
pub(super) const VERSION: u32 = 2;

/// Maximum size of a model file; a larger one is refused before it is read.
pub(super) const FILE_BYTES_MAX: u64 = 32 << 20;

const NOT_FINITE: &str = "holds a number that is not finite";
const MAGIC: &[u8; 8] = b"DLTOPICS";
/// Numbers of [`Settings`].
const SETTINGS: usize = PARTS * SIGNALS;
const CHECKSUM_BYTES: usize = 32;
const ENTRY_BYTES: usize = 8 + 2 + 4 + TOPS;
const WORD_BYTES: usize = 2 + 4 + TOPS;
const TERM_WEIGHT_UNIT: f32 = 1.0 / 1024.0;
const STATIC_WEIGHT_UNIT: f32 = 1.0 / 65535.0;

/// Reads a model from the bytes of its file, which `file` names in errors.
pub(super) fn read(file: &str, bytes: &[u8]) -> Result<Model, DataError> {
    parse(bytes).map_err(|message| DataError { file: file.to_owned(), line: None, message })
}

/// The checksum at a model's end, which identifies all of it once [`read`] has verified it.
pub(super) fn checksum(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.len().saturating_sub(CHECKSUM_BYTES)..]
}

fn parse(bytes: &[u8]) -> Result<Model, String> {
    let mut reader = Reader { rest: bytes };
    if reader.take(MAGIC.len())? != MAGIC {
        return Err("is not a topic model".to_owned());
    }
    match reader.u32()? {
        VERSION => {}
        other => return Err(format!("is a topic model of version {other}; this program reads version {VERSION}")),
    }
    match reader.u32()? as usize {
        TOPS => {}
        other => return Err(format!("has {other} top levels; expected {TOPS}")),
    }
    let (entries, words) = (reader.u32()? as usize, reader.u32()? as usize);
    let numbers = SETTINGS + TOPS;
    let expected = entries.saturating_mul(ENTRY_BYTES).saturating_add(words.saturating_mul(WORD_BYTES)) + 4 * numbers;
    if words > entries || reader.rest.len() != expected.saturating_add(CHECKSUM_BYTES) {
        return Err(format!("is truncated or too long: {} bytes do not hold {entries} entries", bytes.len()));
    }
    let (content, checksum) = bytes.split_at(bytes.len() - CHECKSUM_BYTES);
    if Sha256::digest(content).as_slice() != checksum {
        return Err("is corrupt: its checksum does not match".to_owned());
    }
    let settings = read_settings(&mut reader)?;
    let mut bias = [0.0; TOPS];
    for number in &mut bias {
        *number = reader.f32()?;
    }
    read_entries(&mut reader, entries, words, Model::new(settings, bias))
}

fn read_settings(reader: &mut Reader<'_>) -> Result<Settings, String> {
    let mut rows = [[0.0; SIGNALS]; PARTS];
    for number in rows.as_flattened_mut() {
        *number = reader.f32()?;
    }
    Ok(Settings { rows })
}

fn read_entries(reader: &mut Reader<'_>, entries: usize, words: usize, mut model: Model) -> Result<Model, String> {
    let hashes = reader.take(8 * entries)?;
    let weights = [reader.take(2 * entries)?, reader.take(2 * words)?];
    let scales = [reader.take(4 * entries)?, reader.take(4 * words)?];
    let rows = [reader.take(TOPS * entries)?, reader.take(TOPS * words)?];
    let mut places = Table::with_capacity(entries);
    let mut known = Bits::new(KNOWN_LOG);
    for i in 0..entries {
        let hash = u64::from_le_bytes(cut(hashes, i));
        // Places count from one, so that zero is a hash that was not there.
        let place = places.entry(hash);
        if std::mem::replace(place, i as u32 + 1) != 0 {
            return Err(format!("holds the hash {hash:016x} twice"));
        }
        known.insert(hash);
        let entry = |kind: usize, unit: f32| -> Result<Weights, String> {
            let weight = f32::from(u16::from_le_bytes(cut(weights[kind], i))) * unit;
            let scale = f32::from_le_bytes(cut(scales[kind], i));
            if !scale.is_finite() {
                return Err(NOT_FINITE.to_owned());
            }
            Ok(Weights { weight, scale: scale * weight, row: cut::<TOPS>(rows[kind], i).map(|byte| byte as i8) })
        };
        model.terms.push(entry(0, TERM_WEIGHT_UNIT)?);
        if i < words {
            model.words.push(entry(1, STATIC_WEIGHT_UNIT)?);
        }
    }
    model.places = places;
    model.known = known;
    Ok(model)
}

/// The `i`th piece of `BYTES` bytes.
fn cut<const BYTES: usize>(bytes: &[u8], i: usize) -> [u8; BYTES] {
    bytes[BYTES * i..BYTES * (i + 1)].try_into().expect("the piece is cut to its length")
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, bytes: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.rest.split_at_checked(bytes).ok_or("is truncated")?;
        self.rest = rest;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, String> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into().expect("four bytes were taken")))
    }

    fn f32(&mut self) -> Result<f32, String> {
        let value = f32::from_bits(self.u32()?);
        if value.is_finite() { Ok(value) } else { Err(NOT_FINITE.to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &[u8] = include_bytes!("../../../config/topics/model.bin");

    #[track_caller]
    fn check_refused(bytes: &[u8], reason: &str) {
        let error = read("mine.bin", bytes).expect_err("the model is faulty");
        assert_eq!(error.file, "mine.bin");
        assert!(error.message.contains(reason), "{} says {reason}", error.message);
    }

    /// The shipped model with one byte changed.
    fn changed(at: usize, byte: u8) -> Vec<u8> {
        let mut bytes = SHIPPED.to_vec();
        bytes[at] = byte;
        bytes
    }

    #[test]
    fn the_shipped_model_is_read_and_bounded() {
        read("model.bin", SHIPPED).expect("the shipped model is well-formed");
        assert!(SHIPPED.len() <= 12 << 20);
    }

    #[test]
    fn a_faulty_model_is_refused_with_its_reason() {
        check_refused(b"", "truncated");
        check_refused(b"DLTOPICS", "truncated");
        check_refused(b"not a model at all, but long enough for a header", "is not a topic model");
        check_refused(&SHIPPED[..SHIPPED.len() / 2], "truncated or too long");
        check_refused(&[SHIPPED, b"more"].concat(), "truncated or too long");
        check_refused(&changed(8, 9), "version 9");
        check_refused(&changed(12, 16), "16 top levels");
        check_refused(&changed(19, 0xFF), "truncated or too long");
        check_refused(&changed(SHIPPED.len() / 2, SHIPPED[SHIPPED.len() / 2] ^ 1), "corrupt");
    }

    #[test]
    fn numbers_that_are_not_finite_are_refused() {
        let content = &SHIPPED[..SHIPPED.len() - CHECKSUM_BYTES];
        let mut bytes = content.to_vec();
        bytes[24..28].copy_from_slice(&f32::NAN.to_le_bytes());
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        check_refused(&bytes, "not finite");
    }
}
