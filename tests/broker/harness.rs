//! The harness does what it says, for a fault that is never injected is always survived.

use std::process::Command;
use std::time::Duration;

use futures_util::StreamExt;
use lapin::ErrorKind;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicPublishOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Connection, ConnectionProperties};
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::time::timeout;

use testbed::drain::{Client, Drained, QueueKind, Seed};
use testbed::node::{Node, NodeOptions};
use testbed::proxy::{Direction, Mode, Proxy};
use testbed::tls::{Authority, ServerCertificate};
use testbed::wait::until;
use testbed::worker::Worker;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// Long enough for an answer that is not held back.
const MOMENT: Duration = Duration::from_millis(500);

fn documents(count: usize) -> Vec<Seed> {
    let document = |number: usize| Seed {
        id: format!("document-{number}"),
        content_type: Some("text/plain".to_owned()),
        headers: vec![("dateline-source".to_owned(), "harness".to_owned())],
        body: format!("Body {number}").into_bytes(),
    };
    (0..count).map(document).collect()
}

fn ids(messages: &[Drained]) -> Vec<String> {
    messages.iter().map(|message| message.id.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_seeded_can_be_drained_unless_the_queue_is_deleted() {
    let node =
        Node::start(&NodeOptions { plugins: vec!["rabbitmq_consistent_hash_exchange"], ..NodeOptions::default() });
    let client = Client::connect(&node.amqp_url()).await;
    for (queue, kind) in [("classic", QueueKind::Classic), ("quorum", QueueKind::Quorum)] {
        client.declare(queue, kind, FieldTable::default()).await;
        client.bind(queue, "amq.topic", "*.europe.#").await;
        client.seed(queue, &documents(500)).await;
        assert!(until(PATIENCE, || node.queue_depth(queue) == Some(500)));
        let mut drained = client.take(queue, 2, PATIENCE).await;
        drained.extend(client.drain(queue).await);
        assert_eq!(ids(&drained), documents(500).into_iter().map(|document| document.id).collect::<Vec<_>>());
        assert_eq!(drained[7].body, b"Body 7");
        assert_eq!((drained[7].exchange.as_str(), drained[7].routing_key.as_str()), ("", queue));
        assert_eq!(drained[7].headers()["dateline-source"], "harness");
        node.delete_queue(queue);
        assert_eq!(node.queue_depth(queue), None);
    }
    assert!(node.ctl(&["list_exchanges", "name"]).contains("amq.topic"));
    assert!(node.eval("[A || {A, _, _} <- application:which_applications()].").contains("consistent_hash"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_holds_publishers_back_until_it_is_cleared() {
    let node = Node::start(&NodeOptions::default());
    for raise in [Node::memory_alarm, Node::disk_alarm] {
        let client = Client::connect(&node.amqp_url()).await;
        client.declare("blocked", QueueKind::Classic, FieldTable::default()).await;
        raise(&node, true);
        let documents = documents(1);
        let mut seeding = Box::pin(client.seed("blocked", &documents));
        assert!(timeout(MOMENT, &mut seeding).await.is_err(), "the alarm is ignored");
        raise(&node, false);
        timeout(PATIENCE, seeding).await.expect("the broker continues");
        assert_eq!(client.drain("blocked").await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_comes_back_with_its_queues_however_it_went() {
    let mut node = Node::start(&NodeOptions::default());
    let client = Client::connect(&node.amqp_url()).await;
    for (queue, kind) in [("classic", QueueKind::Classic), ("quorum", QueueKind::Quorum)] {
        client.declare(queue, kind, FieldTable::default()).await;
        client.seed(queue, &documents(20)).await;
    }
    node.settle();
    let ways: [fn(&mut Node); 4] = [
        |node| node.close_connections(),
        |node| {
            node.stop_app();
            node.start_app();
        },
        Node::restart,
        |node| {
            node.kill_9();
            node.start_again();
        },
    ];
    let mut open = client;
    for end in ways {
        let mut deliveries = consume(&open, "classic").await;
        end(&mut node);
        let ended = timeout(PATIENCE, async { while deliveries.next().await.is_some() {} }).await;
        assert!(ended.is_ok(), "the connection outlived its end");
        open = Client::connect(&node.amqp_url()).await;
    }
    assert!(until(PATIENCE, || node.connections() == 1));
    assert_eq!(open.drain("classic").await.len(), 20);
    assert_eq!(open.take("quorum", 20, PATIENCE).await.len(), 20);
}

async fn consume(client: &Client, queue: &str) -> lapin::Consumer {
    let options = BasicConsumeOptions::default();
    let consuming = client.channel.basic_consume(queue.into(), "test".into(), options, FieldTable::default());
    consuming.await.expect("the queue is there")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_node_accepts_and_says_nothing() {
    let node = Node::start(&NodeOptions::default());
    node.pause();
    let url = node.amqp_url();
    let connecting = Connection::connect(&url, ConnectionProperties::default());
    assert!(timeout(MOMENT, connecting).await.is_err(), "a frozen broker answered");
    node.resume();
    Client::connect(&url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_link_holds_a_confirm_back_and_then_delivers_it() {
    let node = Node::start(&NodeOptions::default());
    let proxy = Proxy::start(node.amqp_port());
    let client = Client::connect(&node.amqp_url_at(proxy.port())).await;
    client.declare("stalled", QueueKind::Quorum, FieldTable::default()).await;
    proxy.set(Mode::Stall(Direction::ToClient));
    let documents = documents(1);
    let mut seeding = Box::pin(client.seed("stalled", &documents));
    assert!(timeout(MOMENT, &mut seeding).await.is_err(), "a confirm came through a stalled link");
    assert!(until(PATIENCE, || node.queue_depth("stalled") == Some(1)), "the publish did not get through");
    proxy.set(Mode::Pass);
    timeout(PATIENCE, seeding).await.expect("the confirm comes late");
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_and_rights_are_enforced_by_the_broker() {
    let node = Node::start(&NodeOptions::default());
    node.set_message_size_max(1000);
    node.set_consumer_timeout(Duration::from_secs(2));

    let client = Client::connect(&node.amqp_url()).await;
    client.declare("limited", QueueKind::Classic, FieldTable::default()).await;
    client.seed("limited", &documents(1)).await;
    let mut deliveries = consume(&client, "limited").await;
    let held = deliveries.next().await.expect("a document is there").expect("the connection lives");
    let closed = timeout(PATIENCE, deliveries.next()).await.expect("the broker closes the channel in time");
    assert_eq!(reply(closed.expect("an error comes before the end")), 406);
    assert!(!held.ack(BasicAckOptions::default()).await.unwrap_or(false), "the delivery was still ours");

    let client = Client::connect(&node.amqp_url()).await;
    assert_eq!(reply(publish(&client, &[b'x'; 1001]).await), 406);

    node.set_permissions("guest", [".*", "nothing", ".*"]);
    let client = Client::connect(&node.amqp_url()).await;
    assert_eq!(reply(publish(&client, b"x").await), 403);

    node.change_password("guest", "other");
    let refused = Connection::connect(&node.amqp_url(), ConnectionProperties::default()).await;
    assert_eq!(reply(refused.map(|_| ())), 403);
}

async fn publish(client: &Client, body: &[u8]) -> lapin::Result<()> {
    let options = BasicPublishOptions::default();
    let properties = BasicProperties::default();
    client.channel.basic_publish("amq.direct".into(), "key".into(), options, body, properties).await?.await.map(drop)
}

/// The AMQP code by which the broker refused.
#[track_caller]
fn reply<T>(result: lapin::Result<T>) -> u16 {
    match result.map(drop).expect_err("the broker was to refuse").kind() {
        ErrorKind::ProtocolError(error) => error.get_id(),
        other => panic!("not a protocol error: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_joins_only_those_who_trust_each_other() {
    for kind in [ServerCertificate::Good, ServerCertificate::Expired, ServerCertificate::WrongHost] {
        let conf = vec!["ssl_options.fail_if_no_peer_cert = true".to_owned()];
        let node = Node::start(&NodeOptions { tls: Some(kind), conf, ..NodeOptions::default() });
        let directory = TempDir::new().expect("the temporary directory can be written");
        let stranger = Authority::create(directory.path());
        let ours = node.authority();
        for (authority, identity, good) in [
            (ours, Some(ours.client()), true),
            (ours, Some(stranger.client()), false),
            (ours, None, false),
            (&stranger, Some(ours.client()), false),
        ] {
            let client = Client::connect_tls(&node.amqps_url(), authority, identity.as_ref()).await;
            assert_eq!(client.is_ok(), good && kind == ServerCertificate::Good, "{kind:?}");
        }
    }
}

#[test]
fn a_worker_that_cannot_read_its_configuration_says_so_and_ends() {
    let mut worker = Worker::start("this is not TOML");
    assert_eq!(worker.wait(PATIENCE), Some(78));
    worker.wait_for_log("dateline.toml", PATIENCE);
}

#[test]
fn a_worker_can_be_signalled_measured_and_read() {
    let directory = TempDir::new().expect("the temporary directory can be written");
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap 'exit 7' TERM; echo printed; echo ready >&2; while :; do sleep 0.05; done"]);
    let mut worker = Worker::spawn(shell, directory);
    worker.wait_for_log("ready", PATIENCE);
    assert_eq!(worker.output(), "printed\n");
    assert!(worker.resident_bytes() > 100_000 && worker.resident_bytes_max() >= worker.resident_bytes());
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(PATIENCE), Some(7));
}
