//! One newsroom on a broker: the queues of its workers, the documents sent to them, and what came out.
//!
//! Blocking, so that a test reads as a list of what happens; each step opens a connection of its own, since it
//! may have been away in between.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use dateline::daemon::config::Config;
use dateline::transport::amqp::session::Session;
use futures_util::stream::select_all;
use futures_util::{Stream, StreamExt};
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, QueueDeclareOptions};
use lapin::types::{FieldTable, ShortString};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::time::timeout_at;

use crate::drain::{Client, Drained, QueueKind, Seed};
use crate::oracle::{Oracle, Verdict};
use crate::wait::until;
use crate::worker::{self, Worker};

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Address space of a worker that is to run out of it, in KiB.
const ADDRESS_SPACE_KIB: u32 = 4 << 20;

/// A newsroom whose names all begin alike, so that several can share a broker.
pub struct Newsroom {
    runtime: Runtime,
    url: String,
    prefix: String,
    settings: BTreeMap<String, String>,
    /// What was sent and what came out.
    pub oracle: Oracle,
}

impl Newsroom {
    /// A newsroom on the broker at `url`, which its workers reach by the same one. Nothing is declared yet.
    pub fn new(url: &str, prefix: &str, kind: QueueKind) -> Newsroom {
        let mut newsroom = Newsroom {
            runtime: Runtime::new().expect("a runtime can be built"),
            url: url.to_owned(),
            prefix: prefix.to_owned(),
            settings: BTreeMap::new(),
            oracle: Oracle::default(),
        };
        let kind = match kind {
            QueueKind::Classic => "\"classic\"",
            QueueKind::Quorum => "\"quorum\"",
        };
        newsroom.set("broker.urls", &format!("[\"{url}\"]"));
        newsroom.set("broker.connection_name", &format!("{prefix:?}"));
        newsroom.set("topology.queue_type", kind);
        for name in ["documents", "events", "unrouted", "parked", "dead", "dead_letters", "suspects", "retry"] {
            newsroom.set(&format!("topology.{name}"), &format!("{:?}", newsroom.name(name)));
        }
        newsroom.set("topology.retry_delays", r#"["200ms", "400ms"]"#);
        newsroom.bind(&[("items", &["#"])]);
        newsroom.set("health.listen", "\"127.0.0.1:0\"");
        newsroom
    }

    /// The name on the broker of what the configuration calls so.
    pub fn name(&self, name: &str) -> String {
        format!("{}.{name}", self.prefix)
    }

    /// Sets a key of the workers' configuration to a value in TOML.
    pub fn set(&mut self, key: &str, value: &str) {
        self.settings.insert(key.to_owned(), value.to_owned());
    }

    /// Gives the workers the queues of events to declare and bind.
    pub fn bind(&mut self, queues: &[(&str, &[&str])]) {
        let bindings =
            queues.iter().map(|(queue, keys)| format!("{{ queue = {:?}, keys = {keys:?} }}", self.name(queue)));
        let bindings = bindings.collect::<Vec<_>>().join(", ");
        self.set("topology.bindings", &format!("[{bindings}]"));
    }

    /// The workers' configuration.
    pub fn config(&self) -> String {
        self.settings.iter().map(|(key, value)| format!("{key} = {value}\n")).collect()
    }

    /// Starts a worker.
    pub fn worker(&self) -> Worker {
        Worker::start(&self.config())
    }

    /// Starts a worker and waits until it handles documents.
    pub fn ready_worker(&self) -> Worker {
        let worker = self.worker();
        worker.wait_until_ready(PATIENCE);
        worker
    }

    /// Starts a worker as a service manager with limits does: of memory, and on core dumps.
    pub fn limited_worker(&self) -> Worker {
        let directory = TempDir::with_prefix("dateline-worker-").expect("the temporary directory can be written");
        let file = directory.path().join("dateline.toml");
        std::fs::write(&file, self.config()).expect("the directory is ours");
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -c 0 && ulimit -v {ADDRESS_SPACE_KIB} && exec \"$0\" run --config \"$1\"")]);
        shell.arg(worker::program()).arg(file);
        Worker::spawn(shell, directory)
    }

    /// Declares what a worker would declare, so that documents can be sent before there is one.
    pub fn declare(&self) {
        let file = tempfile::NamedTempFile::new().expect("the temporary directory can be written");
        std::fs::write(file.path(), self.config()).expect("the file is ours");
        let config = Config::load_from(Some(file.path()), Some(BTreeMap::new())).expect("the configuration is right");
        let url = dateline::secret::Secret(self.url.clone());
        self.runtime.block_on(async {
            let session = Session::open(&config.broker, &config.topology, &url, 1, None).await;
            session.expect("the broker permits us to declare").close().await;
        });
    }

    /// Sends documents and notes them.
    pub fn seed(&mut self, documents: &[Seed]) {
        self.oracle.expect(documents);
        let queue = self.name("documents");
        self.with_client(async |client| client.seed(&queue, documents).await);
    }

    /// Runs something with a connection of our own.
    pub fn with_client<T>(&self, run: impl AsyncFnOnce(&Client) -> T) -> T {
        self.runtime.block_on(async {
            let client = Client::connect(&self.url).await;
            run(&client).await
        })
    }

    /// Takes what comes out until every document did; reports whether that was in time.
    pub fn comes_out(&mut self, within: Duration) -> bool {
        let deadline = Instant::now() + within;
        let queues = self.outputs();
        let oracle = &mut self.oracle;
        self.runtime.block_on(async {
            let client = Client::connect(&self.url).await;
            let (tags, mut messages) = consume(&client, queues).await;
            while !oracle.is_complete() {
                match timeout_at(deadline.into(), messages.next()).await {
                    Ok(Some((message, output))) => output.note(oracle, &message),
                    Ok(None) | Err(_) => break,
                }
            }
            for tag in tags {
                let cancelled = client.channel.basic_cancel(tag, BasicCancelOptions::default()).await;
                cancelled.expect("the consumer is ours");
            }
            while let Some((message, output)) = messages.next().await {
                output.note(oracle, &message);
            }
        });
        self.oracle.is_complete()
    }

    /// Waits until every document came out.
    #[track_caller]
    pub fn wait_until_all_came_out(&mut self) {
        let came_out = self.comes_out(PATIENCE);
        assert!(came_out, "after {PATIENCE:?} these are missing: {:?}", self.oracle.verdict().lost);
        assert!(until(PATIENCE, || self.waiting() == 0), "documents wait though all came out");
    }

    /// Takes all that is left in any queue, and sums up. The workers have ended.
    pub fn close(&mut self) -> Verdict {
        let mut queues: Vec<(String, Output)> = self.outputs().into();
        queues.extend(self.inputs().map(|queue| (queue, Output::Queued)));
        let oracle = &mut self.oracle;
        self.runtime.block_on(async {
            let client = Client::connect(&self.url).await;
            for (queue, output) in queues {
                while let Some(message) = client.get(&queue).await {
                    output.note(oracle, &message);
                }
            }
        });
        self.oracle.verdict()
    }

    /// How many messages are ready in a queue.
    pub fn ready_in(&self, name: &str) -> u32 {
        self.with_client(async |client| ready(client, &self.name(name)).await)
    }

    /// How many documents wait in any queue.
    pub fn waiting(&self) -> u32 {
        self.with_client(async |client| {
            let mut waiting = 0;
            for queue in self.inputs() {
                waiting += ready(client, &queue).await;
            }
            waiting
        })
    }

    fn outputs(&self) -> [(String, Output); 3] {
        [
            (self.name("items"), Output::Event),
            (self.name("parked"), Output::Event),
            (self.name("dead_letters"), Output::DeadLetter),
        ]
    }

    /// The queues that hold documents, each before the one its messages move to.
    fn inputs(&self) -> impl Iterator<Item = String> {
        ["retry.200ms", "retry.400ms", "suspects", "documents"].map(|name| self.name(name)).into_iter()
    }
}

/// Consumes from all queues at once; the tags are for cancelling.
async fn consume(
    client: &Client,
    queues: impl IntoIterator<Item = (String, Output)>,
) -> (Vec<ShortString>, impl Stream<Item = (Drained, Output)> + Unpin) {
    let mut tags = Vec::new();
    let mut streams = Vec::new();
    for (queue, output) in queues {
        let options = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
        let tag = queue.as_str().into();
        let consumed = client.channel.basic_consume(queue.as_str().into(), tag, options, FieldTable::default()).await;
        let consumer = consumed.expect("the worker has declared the queue");
        tags.push(consumer.tag());
        let message =
            move |delivery: lapin::Result<_>| (Drained::from(delivery.expect("the connection lives")), output);
        streams.push(consumer.map(message));
    }
    (tags, select_all(streams))
}

async fn ready(client: &Client, queue: &str) -> u32 {
    let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    let declared = client.channel.queue_declare(queue.into(), options, FieldTable::default()).await;
    declared.expect("the queue is there").message_count()
}

/// What a message in a queue means.
#[derive(Debug, Clone, Copy)]
enum Output {
    Event,
    DeadLetter,
    Queued,
}

impl Output {
    fn note(self, oracle: &mut Oracle, message: &Drained) {
        match self {
            Output::Event => oracle.saw_event(message),
            Output::DeadLetter => oracle.saw_dead_letter(message),
            Output::Queued => oracle.saw_queued(message),
        }
    }
}
