//! The one way to write to standard output, and writers that remember why they failed.
//!
//! A reader that closes its end of a pipe has seen enough: that is never an error. Anything else, such as a full disk, is.

use std::io::{self, Write};
use std::sync::{Arc, OnceLock};

use serde::Serialize;

/// Standard output could not be written to.
#[derive(Debug, thiserror::Error)]
#[error("could not write to standard output")]
pub(super) struct OutputError(#[from] io::Error);

/// Who is at the other end of standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// Somebody who may read on.
    Listening,
    /// Nobody any more: what would follow need not be made.
    Gone,
}

/// Writes this to standard output, all of it, now.
pub(super) fn print(text: impl AsRef<[u8]>) -> Result<Reader, OutputError> {
    write_to(io::stdout().lock(), text.as_ref())
}

/// Writes one line of JSON to standard output.
pub(super) fn print_json(value: &impl Serialize) -> Result<Reader, OutputError> {
    let mut line = serde_json::to_vec(value).map_err(io::Error::from)?;
    line.push(b'\n');
    print(line)
}

/// Writes a value to standard output as JSON for people to read.
pub(super) fn print_json_pretty(value: &impl Serialize) -> Result<Reader, OutputError> {
    let mut text = serde_json::to_vec_pretty(value).map_err(io::Error::from)?;
    text.push(b'\n');
    print(text)
}

fn write_to(mut writer: impl Write, bytes: &[u8]) -> Result<Reader, OutputError> {
    match writer.write_all(bytes).and_then(|()| writer.flush()) {
        Ok(()) => Ok(Reader::Listening),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(OutputError(error)),
    }
}

/// Writes through to another writer and keeps the first error; clones of [`Watched::failure`] see it.
pub(super) struct Watched<W> {
    writer: W,
    failure: Failure,
}

/// The first error of a [`Watched`] writer, if there was one.
pub(super) type Failure = Arc<OnceLock<io::Error>>;

impl<W: Write> Watched<W> {
    pub(super) fn new(writer: W) -> Self {
        Watched { writer, failure: Failure::default() }
    }

    /// Where the first error is kept.
    pub(super) fn failure(&self) -> Failure {
        Arc::clone(&self.failure)
    }

    fn note<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.inspect_err(|error| {
            let kept = match error.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => error.kind().into(),
            };
            if error.kind() != io::ErrorKind::Interrupted {
                self.failure.get_or_init(|| kept);
            }
        })
    }
}

impl<W: Write> Write for Watched<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.writer.write(bytes);
        self.note(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.writer.flush();
        self.note(flushed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails in this way.
    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }
    }

    #[test]
    fn the_first_error_is_kept() {
        let mut writer = Watched::new(Broken(io::ErrorKind::BrokenPipe));
        let failure = writer.failure();
        assert!(failure.get().is_none());
        assert!(writer.write(b"event").is_err() && writer.flush().is_err());
        assert_eq!(failure.get().map(io::Error::kind), Some(io::ErrorKind::BrokenPipe));
    }

    #[track_caller]
    fn check(kind: io::ErrorKind, expected: Option<Reader>) {
        assert_eq!(write_to(Broken(kind), b"event").ok(), expected, "{kind:?}");
    }

    #[test]
    fn only_a_reader_that_has_gone_is_no_error() {
        assert_eq!(write_to(Vec::new(), b"event").ok(), Some(Reader::Listening));
        check(io::ErrorKind::BrokenPipe, Some(Reader::Gone));
        check(io::ErrorKind::StorageFull, None);
        check(io::ErrorKind::ConnectionReset, None);
    }
}
