//! Tab-separated tables: rows that know their file and line. Nothing about what the columns mean.

use crate::classify::DataError;

/// One row of a table.
#[derive(Debug, Clone, Copy)]
pub(in crate::classify) struct Row<'a> {
    pub(in crate::classify) file: &'a str,
    /// One-based.
    pub(in crate::classify) line: u32,
    pub(in crate::classify) text: &'a str,
}

/// The rows of a table; blank lines and lines that begin with `#` are left out.
pub(in crate::classify) fn rows<'a>(file: &'a str, text: &'a str) -> impl Iterator<Item = Row<'a>> {
    text.lines().zip(1..).map(move |(text, line)| Row { file, line, text }).filter(Row::says_something)
}

impl<'a> Row<'a> {
    fn says_something(&self) -> bool {
        !self.text.trim().is_empty() && !self.text.starts_with('#')
    }

    pub(in crate::classify) fn columns(&self) -> impl Iterator<Item = &'a str> {
        self.text.split('\t').map(str::trim)
    }

    /// The first columns, which must be there; further ones are the caller's to ask for.
    pub(in crate::classify) fn first_columns<const N: usize>(&self) -> Result<[&'a str; N], DataError> {
        let mut columns = self.columns();
        let mut first = [""; N];
        for (at, column) in first.iter_mut().enumerate() {
            *column = columns
                .next()
                .filter(|column| !column.is_empty())
                .ok_or_else(|| self.error(format!("column {} is missing; columns are separated by tabs", at + 1)))?;
        }
        Ok(first)
    }

    pub(in crate::classify) fn error(&self, message: String) -> DataError {
        DataError { file: self.file.to_owned(), line: Some(self.line), message }
    }
}
