//! Logs on standard error, as text or JSON. Never a body, never a password.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::config::{LogFormat, LogSection};

/// Begins to log.
///
/// # Errors
/// When the filter cannot be understood, or logging has begun already.
pub fn init(log: &LogSection) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let filter: EnvFilter = log.filter.parse()?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match log.format {
        LogFormat::Text => {
            let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
            lines.with_ansi(terminal).with_target(false).finish().try_init()?;
        }
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).finish().try_init()?,
    }
    // A panic's message may quote the document it tripped over; where it happened does not.
    std::panic::set_hook(Box::new(|panic| {
        tracing::error!(location = panic.location().map(tracing::field::display), "panicked");
    }));
    Ok(())
}
