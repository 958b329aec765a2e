//! Every request to the broker has a deadline: lapin itself sets none.

use std::future::Future;
use std::time::Duration;

use tokio::time::timeout;

/// A request that failed, or was not answered in time.
#[derive(Debug, thiserror::Error)]
#[error("could not {tried}")]
pub struct RpcError {
    /// What was tried.
    pub tried: String,
    /// Why it failed; absent when there was no answer in time.
    #[source]
    pub cause: Option<lapin::Error>,
}

/// Makes requests under one deadline.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rpc {
    pub(super) deadline: Duration,
}

impl Rpc {
    /// Waits for the answer to a request, at most until the deadline.
    pub(super) async fn call<T>(
        self,
        tried: impl Into<String>,
        request: impl Future<Output = Result<T, lapin::Error>>,
    ) -> Result<T, RpcError> {
        match timeout(self.deadline, request).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(cause)) => Err(RpcError { tried: tried.into(), cause: Some(cause) }),
            Err(_) => Err(RpcError { tried: format!("{} within {:?}", tried.into(), self.deadline), cause: None }),
        }
    }
}
