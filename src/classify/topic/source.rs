//! Where the lexicon comes from: compiled in, or a directory with a folder of files per language.

use std::fs;
use std::path::{Path, PathBuf};

use crate::classify::DataError;
use crate::classify::data::Origin;
use crate::classify::data::files::{fault, read_text};

use super::lexicon_file::FILE_BYTES_MAX;

/// One lexicon file.
#[derive(Debug)]
pub(super) struct Source {
    /// BCP 47 primary tag: the folder's name.
    pub(super) language: String,
    /// Its name for errors.
    pub(super) file: String,
    pub(super) content: String,
}

macro_rules! builtin {
    ($($language:literal / $file:literal),* $(,)?) => {
        [$((
            $language,
            concat!("config/topics/lexicon/", $language, "/", $file),
            include_str!(concat!("../../../config/topics/lexicon/", $language, "/", $file)),
        )),*]
    };
}

/// Maximum number of lexicon files: an origin also names the taxonomy, the section labels and the local file.
const FILES_MAX: usize = Origin::FILES_MAX - 3;

/// The compiled-in files, language by language.
const BUILTIN: [(&str, &str, &str); 24] = builtin![
    "ar" / "seeds.txt",
    "de" / "seeds.txt",
    "en" / "01-arts.txt",
    "en" / "02-crime.txt",
    "en" / "03-disaster.txt",
    "en" / "04-economy.txt",
    "en" / "05-education.txt",
    "en" / "06-environment.txt",
    "en" / "07-health.txt",
    "en" / "08-human-interest.txt",
    "en" / "09-labour.txt",
    "en" / "10-lifestyle.txt",
    "en" / "11-politics.txt",
    "en" / "12-religion.txt",
    "en" / "13-science.txt",
    "en" / "14-society.txt",
    "en" / "15-sport.txt",
    "en" / "16-conflict.txt",
    "en" / "17-weather.txt",
    "es" / "seeds.txt",
    "fr" / "seeds.txt",
    "pt" / "seeds.txt",
    "sv" / "seeds.txt",
    "zh" / "seeds.txt",
];

/// The lexicon files, sorted by language and name.
pub(super) fn lexicons(directory: Option<&Path>) -> Result<Vec<Source>, DataError> {
    let Some(directory) = directory else {
        let owned = |(language, file, content): &(&str, &str, &str)| Source {
            language: (*language).to_owned(),
            file: (*file).to_owned(),
            content: (*content).to_owned(),
        };
        return Ok(BUILTIN.iter().map(owned).collect());
    };
    let mut sources = Vec::new();
    for folder in sorted(directory)?.into_iter().filter(|path| path.is_dir()) {
        let language = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let files = sorted(&folder)?.into_iter().filter(|path| path.extension().is_some_and(|txt| txt == "txt"));
        for path in files {
            let (language, file) = (language.clone(), path.display().to_string());
            sources.push(Source { language, file, content: read_text(&path, FILE_BYTES_MAX)? });
        }
    }
    if sources.len() > FILES_MAX {
        return Err(fault(directory, format!("holds more than {FILES_MAX} files")));
    }
    if sources.is_empty() {
        return Err(fault(directory, "holds no lexicon; expected a folder per language with .txt files".to_owned()));
    }
    Ok(sources)
}

fn sorted(directory: &Path) -> Result<Vec<PathBuf>, DataError> {
    let entries = fs::read_dir(directory).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut paths: Vec<PathBuf> =
        entries.map_err(|error| fault(directory, error.to_string()))?.iter().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}
