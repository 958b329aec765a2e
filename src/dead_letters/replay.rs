//! A confirmed move of letters back to where their documents were to go.
//!
//! A letter is removed only after its copy is confirmed and routed. A replay killed between the two leaves the letter
//! and its copy, with the same message id; another replay continues from there.

use futures_util::future::join_all;

use super::rewrite::{rewrite_document, rewrite_event};
use super::{Pass, Progress};
use crate::message::{Incoming, Outgoing};
use crate::transport::PublishError;
use crate::transport::amqp::dead_letters::{Letter, Republisher};
use crate::transport::amqp::rpc::RpcError;

/// Letters published side by side.
const BATCH_LETTERS_MAX: usize = 64;

/// Bytes of letters published side by side, unless a single one is larger.
const BATCH_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Where letters are moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// The queue of raw documents.
    Documents,
    /// The exchange of events.
    Events,
}

impl Destination {
    /// The copy of a letter that is published there.
    fn rewrite(self, letter: &Incoming) -> Outgoing {
        match self {
            Destination::Documents => rewrite_document(letter),
            Destination::Events => rewrite_event(letter),
        }
    }
}

/// A replay that stopped early. Letters in hand go back to the queue.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The broker refused to give or remove a letter.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// It is not known whether a copy arrived.
    #[error("replay ended; letters in doubt stay where they are")]
    InDoubt(#[source] PublishError),
}

/// Moves every letter that passes the filters. Without a `publisher` nothing is changed: letters are only counted.
///
/// # Errors
/// When the broker refuses, or does not say what became of a copy. A letter whose copy alone was refused is reported
/// and counted as stayed; the pass continues.
pub async fn replay(
    pass: &mut Pass<'_>,
    publisher: Option<&Republisher>,
    destination: Destination,
) -> Result<(), ReplayError> {
    let mut batch = Vec::new();
    let mut bytes = 0;
    while let Some((_, letter)) = pass.next().await? {
        let Some(publisher) = publisher else { continue };
        bytes += letter.message.body.len();
        batch.push(letter);
        if batch.len() >= BATCH_LETTERS_MAX || bytes >= BATCH_BYTES_MAX {
            bytes = 0;
            move_batch(pass, publisher, destination, std::mem::take(&mut batch)).await?;
        }
    }
    match publisher {
        Some(publisher) => move_batch(pass, publisher, destination, batch).await,
        None => Ok(()),
    }
}

/// Publishes a batch, and removes the letters whose copies are confirmed.
async fn move_batch(
    pass: &mut Pass<'_>,
    publisher: &Republisher,
    destination: Destination,
    batch: Vec<Letter>,
) -> Result<(), ReplayError> {
    let copies = batch.iter().map(|letter| publisher.publish(destination.rewrite(&letter.message)));
    let published = join_all(copies).await;
    // Until proven otherwise: an error on the way leaves the rest of the batch where it is.
    pass.counts.stayed += batch.len() as u64;
    let mut in_doubt = None;
    for (letter, published) in batch.into_iter().zip(published) {
        match published {
            Ok(()) => {
                pass.remove(letter).await?;
                pass.counts.stayed -= 1;
            }
            Err(error @ PublishError::InDoubt { .. }) => in_doubt = Some(error),
            Err(error) => (pass.report)(Progress::Stayed { letter: &letter.message, error: &error }),
        }
    }
    in_doubt.map_or(Ok(()), |error| Err(ReplayError::InDoubt(error)))
}
