//! Writers that remember why they failed, for whoever gives the exit code.

use std::io::{self, Write};
use std::sync::{Arc, OnceLock};

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

    struct Broken;

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }
    }

    #[test]
    fn the_first_error_is_kept() {
        let mut writer = Watched::new(Broken);
        let failure = writer.failure();
        assert!(failure.get().is_none());
        assert!(writer.write(b"event").is_err() && writer.flush().is_err());
        assert_eq!(failure.get().map(io::Error::kind), Some(io::ErrorKind::BrokenPipe));
    }
}
