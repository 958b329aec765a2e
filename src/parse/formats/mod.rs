//! The formats that can be read: one row each. Configuration, `--format`, the schemas and the documentation are read off
//! this table; to add a format, write its file or folder and its row.

mod digest;
mod envelope;

use super::format::Format;

/// Every format, in the order in which a document is compared with them.
pub static FORMATS: &[Format] = &[envelope::FORMAT, digest::FORMAT];

/// The format of that name.
pub fn format_named(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name.as_str() == name)
}

/// The names of all formats.
pub fn format_names() -> Vec<&'static str> {
    FORMATS.iter().map(|format| format.name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_has_a_name_of_its_own() {
        for (i, format) in FORMATS.iter().enumerate() {
            assert!(FORMATS[..i].iter().all(|other| other.name != format.name), "duplicate format {}", format.name);
            assert!(format_named(format.name.as_str()).is_some_and(|named| named.name == format.name));
        }
    }
}
