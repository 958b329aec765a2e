//! How tables, lexicons and local files are read and refused. Knows nothing of their meaning.

pub(super) mod files;
pub(super) mod rows;
pub(super) mod toml;

/// File and line of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Origin(u32);

impl Origin {
    const LINE_BITS: u32 = 24;
    /// Files and lines that an origin can name.
    pub(super) const FILES_MAX: usize = 1 << (32 - Origin::LINE_BITS);
    pub(super) const LINES_MAX: u32 = 1 << Origin::LINE_BITS;

    /// The origin of a file by its place in a list of fewer than [`FILES_MAX`](Self::FILES_MAX), and of a line of it.
    /// A line beyond the last that can be named counts as the last.
    pub(super) fn new(file: usize, line: u32) -> Origin {
        debug_assert!(file < Origin::FILES_MAX, "files are counted where they are listed");
        Origin((file as u32) << Origin::LINE_BITS | line.min(Origin::LINES_MAX - 1))
    }

    pub(super) fn file(self) -> usize {
        (self.0 >> Origin::LINE_BITS) as usize
    }

    pub(super) fn line(self) -> u32 {
        self.0 & (Origin::LINES_MAX - 1)
    }
}

/// One-based line of a byte of a text; a byte beyond its end is on its last line.
pub(super) fn line_of(text: &[u8], at: usize) -> u32 {
    let before = &text[..at.min(text.len())];
    before.iter().filter(|byte| **byte == b'\n').count() as u32 + 1
}
