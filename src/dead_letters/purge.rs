//! Letters removed permanently.

use super::Pass;
use crate::transport::amqp::rpc::RpcError;

/// Removes every letter that passes the filters, or only counts them in a dry run.
///
/// # Errors
/// When the broker refuses; what was removed before that stays removed and is counted.
pub async fn purge(pass: &mut Pass<'_>) -> Result<(), RpcError> {
    while let Some((_, letter)) = pass.next().await? {
        if !pass.counts.dry_run {
            pass.remove(letter).await?;
        }
    }
    Ok(())
}
