//! Reads files up to a bound, and says which file could not be read and why.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use super::line_of;
use crate::classify::DataError;

/// Maximum size of a text file: the largest table compiled in takes a twentieth of it.
pub(in crate::classify) const TEXT_BYTES_MAX: u64 = 64 << 20;

/// Reads a text file of at most `bytes_max` bytes.
pub(in crate::classify) fn read_text(path: &Path, bytes_max: u64) -> Result<String, DataError> {
    String::from_utf8(read_bytes(path, bytes_max)?).map_err(|error| {
        let line = line_of(error.as_bytes(), error.utf8_error().valid_up_to());
        DataError { line: Some(line), ..fault(path, "is not UTF-8".to_owned()) }
    })
}

/// Reads a file of at most `bytes_max` bytes.
pub(in crate::classify) fn read_bytes(path: &Path, bytes_max: u64) -> Result<Vec<u8>, DataError> {
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        // One byte more than allowed distinguishes a file that is too large from one that just fits.
        fs::File::open(path)?.take(bytes_max + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|error| fault(path, format!("could not be read: {error}")))?;
    if bytes.len() as u64 > bytes_max {
        return Err(fault(path, format!("is larger than the {bytes_max} bytes allowed")));
    }
    Ok(bytes)
}

/// What is wrong with a file as a whole.
pub(in crate::classify) fn fault(path: &Path, message: String) -> DataError {
    DataError { file: path.display().to_string(), line: None, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(content: &[u8], line: Option<u32>, reason: &str) {
        let file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
        fs::write(file.path(), content).expect("it can be written");
        let error = read_text(file.path(), 8).expect_err("the file is refused");
        assert_eq!(error.line, line, "{error}");
        assert!(error.message.contains(reason), "{error} says {reason}");
    }

    #[test]
    fn a_file_that_is_too_large_or_not_text_is_refused() {
        check_refused(b"123456789", None, "larger than the 8 bytes");
        check_refused(b"a\nb\n\xFF", Some(3), "not UTF-8");
        let error = read_text(Path::new("no/such/table.tsv"), 8).expect_err("there is no such file");
        assert_eq!(error.file, "no/such/table.tsv");
    }

    #[test]
    fn a_file_that_just_fits_is_read() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
        fs::write(file.path(), "12345678").expect("it can be written");
        assert_eq!(read_text(file.path(), 8).expect("it fits"), "12345678");
    }
}
