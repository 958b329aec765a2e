//! Whether this worker is alive and ready, and what it has done: kept here, shown over HTTP.

use std::net::SocketAddr;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::pipeline::ledger::{Balance, Ledger};

/// Whether documents are being handled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// True while there is a session with the broker and it takes publishes.
    pub ready: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The readiness of this worker; clones share it.
#[derive(Debug, Clone)]
pub struct Health {
    readiness: watch::Sender<Readiness>,
}

impl Default for Health {
    fn default() -> Self {
        Health { readiness: watch::Sender::new(Readiness { ready: false, reason: Some("starting".to_owned()) }) }
    }
}

impl Health {
    /// Documents are being handled.
    pub fn ready(&self) {
        self.readiness.send_replace(Readiness { ready: true, reason: None });
    }

    /// They are not, because of this.
    pub fn not_ready(&self, reason: impl Into<String>) {
        self.readiness.send_replace(Readiness { ready: false, reason: Some(reason.into()) });
    }

    /// Whether documents are being handled now.
    pub fn readiness(&self) -> Readiness {
        self.readiness.borrow().clone()
    }
}

#[derive(Clone)]
struct Shown {
    health: Health,
    ledger: Ledger,
}

/// Answers on `/livez`, `/readyz` and `/ledger` until `stop` is cancelled.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn serve(
    address: SocketAddr,
    health: Health,
    ledger: Ledger,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    tracing::info!(address = %listener.local_addr()?, "health is shown over http");
    let router = Router::new()
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(readyz))
        .route("/ledger", get(ledger_json))
        .with_state(Shown { health, ledger });
    tokio::spawn(async move {
        let served = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await;
        if let Err(error) = served {
            tracing::error!(%error, "health can no longer be shown");
        }
    });
    Ok(())
}

async fn readyz(State(shown): State<Shown>) -> (StatusCode, Json<Readiness>) {
    let readiness = shown.health.readiness();
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness))
}

async fn ledger_json(State(shown): State<Shown>) -> Json<Balance> {
    Json(shown.ledger.balance())
}
