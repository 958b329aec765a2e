//! The AMQP transport keeps the contract that memory and stdio keep, on a real broker and both types of queue.

use std::time::Duration;

use dateline::secret::Secret;
use dateline::transport::amqp::options::BrokerOptions;
use dateline::transport::amqp::publisher::AmqpPublisher;
use dateline::transport::amqp::session::Session;
use dateline::transport::amqp::source::AmqpSource;
use dateline::transport::amqp::topology::options::{Binding, QueueType, TopologyOptions};
use dateline::transport::{Delivery, Source, SourceError};

use testbed::contract::{Fixture, keeps_the_contract};
use testbed::drain::{Client, Seed};
use testbed::node::{Node, NodeOptions};

const PREFETCH: u16 = 16;

#[tokio::test(flavor = "multi_thread")]
async fn amqp_keeps_the_contract_on_both_types_of_queue() {
    let node = Node::start(&NodeOptions::default());
    let mut fixtures = 0;
    for queue_type in [QueueType::Quorum, QueueType::Classic] {
        keeps_the_contract(|| {
            fixtures += 1;
            Amqp::new(node.amqp_url(), queue_type, fixtures)
        })
        .await;
    }
}

/// A topology of its own on a shared node.
struct Amqp {
    url: String,
    topology: TopologyOptions,
    /// Must live for as long as its publisher is used.
    session: Option<Session>,
}

/// A source and the session it belongs to.
struct OpenSource(Session);

impl Source for OpenSource {
    type Acker = <AmqpSource as Source>::Acker;

    async fn next(&mut self) -> Result<Option<Delivery<Self::Acker>>, SourceError> {
        self.0.source.next().await
    }

    async fn stop(&mut self) -> Result<(), SourceError> {
        self.0.source.stop().await
    }
}

impl Amqp {
    fn new(url: String, queue_type: QueueType, number: usize) -> Amqp {
        let name = |part: &str| format!("contract-{number}.{part}");
        let topology = TopologyOptions {
            queue_type,
            documents: name("documents"),
            events: name("events"),
            unrouted: name("unrouted"),
            parked: name("parked"),
            dead: name("dead"),
            dead_letters: name("dead-letters"),
            suspects: name("suspects"),
            retry: name("retry"),
            retry_delays: vec![Duration::from_secs(1)],
            bindings: vec![Binding { queue: name("items"), keys: vec!["#".to_owned()] }],
            ..TopologyOptions::default()
        };
        Amqp { url, topology, session: None }
    }

    async fn open(&self) -> Session {
        let broker = BrokerOptions::default();
        let opened = Session::open(&broker, &self.topology, &Secret(self.url.clone()), PREFETCH, None).await;
        opened.expect("a healthy broker takes a session")
    }
}

impl Fixture for Amqp {
    type Source = OpenSource;
    type Publisher = AmqpPublisher;
    const ENDS: bool = false;
    const REDELIVERS: bool = true;

    async fn source(&mut self, bodies: &[&str]) -> OpenSource {
        let session = self.open().await;
        let seeds = bodies.iter().map(|body| Seed {
            id: (*body).to_owned(),
            content_type: None,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        });
        Client::connect(&self.url).await.seed(&self.topology.documents, &seeds.collect::<Vec<_>>()).await;
        OpenSource(session)
    }

    async fn publisher(&mut self) -> AmqpPublisher {
        let session = self.open().await;
        let publisher = session.publisher.clone();
        self.session = Some(session);
        publisher
    }

    async fn arrived(&mut self) -> Vec<String> {
        let drained = Client::connect(&self.url).await.drain(&self.topology.bindings[0].queue).await;
        drained.iter().map(|message| String::from_utf8_lossy(&message.body).into_owned()).collect()
    }
}
