//! The table of formats and what is said about it.

use std::fs;
use std::path::Path;

use dateline::parse::FORMATS;

#[track_caller]
fn repository_file(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("the file is there")
}

#[test]
fn the_documentation_lists_every_format_and_no_other() {
    let documented: Vec<String> = repository_file("docs/formats.md")
        .lines()
        .skip_while(|line| !line.starts_with("|---"))
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(str::to_owned)
        .collect();
    let table: Vec<String> =
        FORMATS.iter().map(|format| format!("| `{}` | {} |", format.name, format.describes)).collect();
    assert_eq!(documented, table);
}

#[test]
fn the_annotated_configuration_names_every_format() {
    let configuration = repository_file("config/dateline.toml");
    let line = configuration.lines().find(|line| line.contains("format =") && line.contains("digest"));
    let line = line.expect("processing.format is annotated");
    for format in FORMATS {
        assert!(line.contains(format.name.as_str()), "{line:?} does not name {}", format.name);
    }
}
