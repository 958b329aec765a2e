//! The transports that need no broker keep the contract.

use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex};

use dateline::message::Incoming;
use dateline::transport::memory::{Memory, MemoryPublisher, MemorySource};
use dateline::transport::stdio::{Framing, Input, StdioPublisher, StdioSource};

use testbed::contract::{Fixture, keeps_the_contract};

#[tokio::test]
async fn memory_keeps_the_contract() {
    keeps_the_contract(InMemory::default).await;
}

/// The queues of the tests.
#[derive(Default)]
struct InMemory(Memory);

impl Fixture for InMemory {
    type Source = MemorySource;
    type Publisher = MemoryPublisher;
    const ENDS: bool = true;
    const REDELIVERS: bool = true;

    async fn source(&mut self, bodies: &[&str]) -> MemorySource {
        for body in bodies {
            self.0.push(Incoming { body: body.as_bytes().to_vec().into(), ..Incoming::default() });
        }
        MemorySource::new(&self.0)
    }

    async fn publisher(&mut self) -> MemoryPublisher {
        MemoryPublisher(self.0.clone())
    }

    async fn arrived(&mut self) -> Vec<String> {
        self.0.published().iter().map(|message| String::from_utf8_lossy(&message.body).into_owned()).collect()
    }
}

#[tokio::test]
async fn stdio_keeps_the_contract() {
    keeps_the_contract(Streams::default).await;
}

/// Standard streams in memory.
#[derive(Debug, Clone, Default)]
struct Streams {
    stdout: Arc<Mutex<Vec<u8>>>,
}

impl Write for Streams {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.stdout.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Fixture for Streams {
    type Source = StdioSource;
    type Publisher = StdioPublisher<Streams, std::io::Sink>;
    const ENDS: bool = true;
    const REDELIVERS: bool = false;

    async fn source(&mut self, bodies: &[&str]) -> StdioSource {
        let reader = Box::new(Cursor::new(bodies.join("\n\n")));
        StdioSource::new(vec![Input { name: "-".to_owned(), reader, framing: Framing::Lines }], 1024)
    }

    async fn publisher(&mut self) -> Self::Publisher {
        StdioPublisher::new(self.clone(), std::io::sink())
    }

    async fn arrived(&mut self) -> Vec<String> {
        String::from_utf8_lossy(&self.stdout.lock().unwrap()).lines().map(str::to_owned).collect()
    }
}
