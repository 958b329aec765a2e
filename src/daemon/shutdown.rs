//! Signals: the first asks for an orderly shutdown, the second for an immediate one.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// What signals ask for.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    /// Cancelled by the first signal: finish what is in hand.
    pub orderly: CancellationToken,
    /// Cancelled by the second: end at once.
    pub immediate: CancellationToken,
}

impl Shutdown {
    /// Listens for SIGTERM and SIGINT from now on.
    ///
    /// # Errors
    /// When signals cannot be listened for.
    pub fn on_signals() -> std::io::Result<Self> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let shutdown = Shutdown::default();
        let asked = shutdown.clone();
        tokio::spawn(async move {
            for token in [&asked.orderly, &asked.immediate] {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                warn!(at_once = asked.orderly.is_cancelled(), "asked to stop");
                token.cancel();
            }
        });
        Ok(shutdown)
    }
}
