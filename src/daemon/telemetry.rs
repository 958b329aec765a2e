//! Logs on standard error, as text or JSON. Never a body, never a password.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::config::{LogFormat, LogSection};

/// Reads what is to be logged: a level, and levels of modules.
///
/// # Errors
/// When it cannot be understood. A word that is not a level would be read as a module, and silence all others.
pub fn filter(text: &str) -> Result<EnvFilter, String> {
    let is_level = |part: &str| part.contains(['=', '[']) || (!part.is_empty() && part.parse::<LevelFilter>().is_ok());
    match text.split(',').map(str::trim).find(|part| !is_level(part)) {
        Some(part) => Err(format!("{part:?} is not a level")),
        None => text.parse().map_err(|error: tracing_subscriber::filter::ParseError| error.to_string()),
    }
}

/// Starts logging.
///
/// # Errors
/// When the filter cannot be understood, or logging has begun already.
pub fn init(log: &LogSection) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let filter = filter(&log.filter)?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match log.format {
        LogFormat::Text => {
            let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
            lines.with_ansi(terminal).with_target(false).finish().try_init()?;
        }
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).finish().try_init()?,
    }
    Ok(())
}
