//! What a worker says of itself: whether it is ready, and its ledger, over HTTP while it runs and at its exit.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde::Deserialize;

use crate::wait::until;
use crate::worker::Worker;

const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// A ledger as it is printed. The first is the sum of all others up to `in_flight`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct Books {
    /// Documents delivered to the worker.
    pub received: u64,
    /// Documents whose events are confirmed.
    pub published: u64,
    /// Documents of which nothing was to be published.
    pub skipped: u64,
    /// Documents sent on for another try.
    pub retried: u64,
    /// Documents that became dead letters.
    pub dead_lettered: u64,
    /// Documents handed back.
    pub requeued: u64,
    /// Documents that a lost session took back.
    pub unsettled: u64,
    /// Documents in hand.
    pub in_flight: u64,
    /// Events published.
    pub events: u64,
    /// Those of them that were parked.
    pub parked: u64,
}

impl Books {
    /// Whether every document received is in exactly one fate.
    pub fn balance(&self) -> bool {
        let fates = [self.published, self.skipped, self.retried, self.dead_lettered, self.requeued, self.unsettled];
        self.received == fates.iter().sum::<u64>() + self.in_flight
    }
}

impl Worker {
    /// Waits until it handles documents.
    #[track_caller]
    pub fn wait_until_ready(&self, timeout: Duration) {
        assert!(until(timeout, || self.is_ready()), "the worker is not ready in {timeout:?}: {:?}", self.readiness());
    }

    /// Waits until it says that it does not, and why; the reason holds the text.
    #[track_caller]
    pub fn wait_until_not_ready(&self, reason: &str, timeout: Duration) {
        let says_so = || self.readiness().is_some_and(|said| said.contains("false") && said.contains(reason));
        assert!(until(timeout, says_so), "the worker does not say {reason:?} in {timeout:?}: {:?}", self.readiness());
    }

    /// Whether it says that it handles documents.
    pub fn is_ready(&self) -> bool {
        self.readiness().is_some_and(|said| said.contains("true"))
    }

    /// Its ledger at this moment; `None` before it listens and after it ended.
    pub fn books(&self) -> Option<Books> {
        serde_json::from_str(&self.ask("/ledger")?).ok()
    }

    /// The ledger it printed when it ended.
    #[track_caller]
    pub fn closing_books(&self) -> Books {
        let printed = self.output();
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error} in {printed:?}"))
    }

    fn readiness(&self) -> Option<String> {
        self.ask("/readyz")
    }

    fn ask(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect_timeout(&self.address()?, ANSWER_TIMEOUT).ok()?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT)).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: worker\r\nConnection: close\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned())
    }

    /// Where it listens, as its log says: the system chose the port.
    fn address(&self) -> Option<SocketAddr> {
        let log = self.log();
        let (_, rest) = log.split_once("health is shown over http address=")?;
        rest.split_whitespace().next()?.parse().ok()
    }
}
