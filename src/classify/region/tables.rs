//! The tables of the gazetteer as text: compiled in, or read from a folder. Knows their names, not their contents.

use std::borrow::Cow;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::classify::DataError;
use crate::classify::data::files::{TEXT_BYTES_MAX, read_text};

macro_rules! tables {
    ($($file:literal),* $(,)?) => {
        [$(($file, include_str!(concat!("../../../config/gazetteer/", $file)))),*]
    };
}

/// The tables of entries, in reading order.
pub(super) const TABLES: [(&str, &str); 11] = tables![
    "names.tsv",
    "curated/names.tsv",
    "curated/abbreviations.tsv",
    "curated/features.tsv",
    "curated/leaders.tsv",
    "curated/institutions.tsv",
    "curated/organisations.tsv",
    "curated/media.tsv",
    "curated/cues.tsv",
    "curated/register.tsv",
    "curated/others.tsv",
];
const OTHER_TABLES: [(&str, &str); 5] =
    tables!["countries.tsv", "places.tsv", "people.tsv", "words.tsv", "weights.toml"];

/// The tables as text, by their names.
pub(super) struct Tables {
    tables: Vec<(String, Cow<'static, str>)>,
    has_local: bool,
}

impl Tables {
    /// The tables compiled in.
    pub(super) fn builtin() -> Tables {
        let tables = OTHER_TABLES.iter().chain(&TABLES);
        Tables {
            tables: tables.map(|&(file, text)| (file.to_owned(), Cow::Borrowed(text))).collect(),
            has_local: false,
        }
    }

    /// The same tables in a folder.
    pub(super) fn read(folder: &Path) -> Result<Tables, DataError> {
        let files = OTHER_TABLES.iter().chain(&TABLES);
        let read = |&(file, _): &(&str, &str)| {
            let text = read_text(&folder.join(file), TEXT_BYTES_MAX)?;
            Ok((file.to_owned(), Cow::Owned(text)))
        };
        Ok(Tables { tables: files.map(read).collect::<Result<_, _>>()?, has_local: false })
    }

    /// Adds an operator's own file.
    pub(super) fn with_local(mut self, path: &Path) -> Result<Tables, DataError> {
        self.tables.push((path.display().to_string(), Cow::Owned(read_text(path, TEXT_BYTES_MAX)?)));
        self.has_local = true;
        Ok(self)
    }

    /// The operator's own file, when there is one: its name and text.
    pub(super) fn local(&self) -> Option<(&str, &str)> {
        self.tables.last().filter(|_| self.has_local).map(|(file, text)| (file.as_str(), text.as_ref()))
    }

    pub(super) fn get(&self, file: &str) -> &str {
        let found = self.tables.iter().find(|(name, _)| name == file);
        &found.expect("every table is read by its name in TABLES or OTHER_TABLES").1
    }

    /// `sha256:` and the digest of all of them.
    pub(super) fn digest(&self) -> String {
        let mut sha = Sha256::new();
        for (file, text) in &self.tables {
            sha.update(file.as_bytes());
            sha.update((text.len() as u64).to_le_bytes());
            sha.update(text.as_bytes());
        }
        format!("sha256:{:x}", sha.finalize())
    }
}
