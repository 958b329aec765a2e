//! `dateline dlq` against real queues of both kinds: looking changes nothing, moving loses nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use futures_util::future::join_all;
use lapin::options::BasicPublishOptions;
use lapin::types::{AMQPValue, FieldTable, LongString};
use lapin::{BasicProperties, Confirmation};
use rustix::process::Signal;
use tempfile::TempDir;

use testbed::drain::{Client, Drained, QueueKind};
use testbed::node::{Node, NodeOptions};
use testbed::wait::until;
use testbed::worker::Worker;

const DEAD: &str = "dateline.dead-letters";
const DOCUMENTS: &str = "dateline.documents";
/// When the letters of the tests first failed, an hour apart from each other.
const FIRST_SEEN: u64 = 1_700_000_000;
/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A newsroom's desk: a broker, and the command under test.
struct Desk {
    node: Node,
    client: Client,
    directory: TempDir,
}

impl Desk {
    async fn open() -> Desk {
        let node = Node::start(&NodeOptions::default());
        // A quorum queue reports its depth at each tick only, every five seconds by default.
        node.eval("application:set_env(rabbit, quorum_tick_interval, 50).");
        let client = Client::connect(&node.amqp_url()).await;
        let directory = TempDir::with_prefix("dateline-dlq-").expect("the temporary directory can be written");
        let config = format!("[broker]\nurls = [{:?}]\n[processing]\nsource = \"default-feed\"\n", node.amqp_url());
        std::fs::write(directory.path().join("dateline.toml"), config).expect("the directory can be written");
        Desk { node, client, directory }
    }

    /// Fresh queues of a kind, and this number of letters in the first.
    async fn prepare(&mut self, kind: QueueKind, letters: u64) {
        // A channel of RabbitMQ 3.10 that knew a queue of the same name but another kind fails on it.
        self.client = Client::connect(&self.node.amqp_url()).await;
        for queue in [DEAD, DOCUMENTS] {
            if self.node.queue_depth(queue).is_some() {
                self.node.delete_queue(queue);
            }
            self.client.declare(queue, kind, FieldTable::default()).await;
        }
        let numbers: Vec<u64> = (0..letters).collect();
        for window in numbers.chunks(200) {
            let sent = join_all(window.iter().map(|&number| self.post(number))).await;
            for confirm in join_all(sent).await {
                assert_eq!(confirm.expect("the connection lives"), Confirmation::Ack(None));
            }
        }
    }

    async fn post(&self, number: u64) -> lapin::PublisherConfirm {
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let body = body(number);
        let posting = self.client.channel.basic_publish("".into(), DEAD.into(), options, &body, letter(number));
        posting.await.expect("the connection lives")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
        command.arg("dlq").args(arguments).arg("--config").arg(self.directory.path().join("dateline.toml"));
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("cargo has built the binary")
    }

    /// Runs a command that has to end with this code, and gives what it printed, line by line.
    #[track_caller]
    fn check(&self, arguments: &[&str], code: i32) -> Vec<serde_json::Value> {
        let output = self.run(arguments);
        let complained = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "dlq {arguments:?} said: {complained}");
        let said = String::from_utf8(output.stdout).expect("JSON is UTF-8");
        said.lines().map(|line| serde_json::from_str(line).expect("every line is JSON")).collect()
    }

    /// Runs a command with this as its standard output: it has to end with this code, and say this and no more.
    #[track_caller]
    fn check_output(&self, arguments: &[&str], stdout: impl Into<Stdio>, code: i32, says: &str) {
        let output = self.command(arguments).stdout(stdout).output().expect("cargo has built the binary");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "dlq {arguments:?} said: {said}");
        assert!(said.contains(says) && said.is_empty() == says.is_empty(), "dlq {arguments:?} said: {said}");
    }

    /// The ids that `list` gives for these filters, in any order: a quorum queue keeps none.
    #[track_caller]
    fn check_list(&self, filters: &[&str], expected: impl IntoIterator<Item = u64>) {
        let arguments: Vec<&str> = ["list"].iter().chain(filters).copied().collect();
        let mut listed: Vec<String> = self.check(&arguments, 0).iter().map(|label| text(&label["id"])).collect();
        let mut expected: Vec<String> = expected.into_iter().map(id).collect();
        listed.sort();
        expected.sort();
        assert_eq!(listed, expected, "{filters:?}");
    }

    #[track_caller]
    fn check_depth(&self, queue: &str, depth: u64) {
        let reached = until(PATIENCE, || self.node.queue_depth(queue) == Some(depth));
        assert!(reached, "{queue} holds {:?}, expected {depth}", self.node.queue_depth(queue));
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.node.log();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("the broker's log ends with:\n{}", lines[lines.len().saturating_sub(40)..].join("\n"));
        }
    }
}

fn id(number: u64) -> String {
    format!("letter-{number}")
}

fn body(number: u64) -> Vec<u8> {
    // Every fifth is not text.
    if number % 5 == 4 { vec![0xff, number as u8] } else { format!("Body {number}").into_bytes() }
}

fn letter(number: u64) -> BasicProperties {
    let mut headers = FieldTable::default();
    let mut text = |name: &str, value: &str| {
        headers.insert(name.into(), AMQPValue::LongString(LongString::from(value)));
    };
    text("dateline-reason", if number.is_multiple_of(2) { "panic" } else { "invalid-utf8" });
    text("dateline-stage", "parse");
    text("dateline-detail", "byte 3");
    text("dateline-original-routing-key", "desk");
    text("sender", "kept");
    if number.is_multiple_of(3) {
        text("dateline-source", "wire");
    }
    headers.insert("dateline-attempts".into(), AMQPValue::LongLongInt(4));
    headers.insert("dateline-crashes".into(), AMQPValue::LongLongInt(2));
    let hours = i64::try_from(FIRST_SEEN + 3600 * number).expect("the test's letters are few");
    headers.insert("dateline-first-seen".into(), AMQPValue::LongLongInt(hours));
    let properties = BasicProperties::default().with_delivery_mode(2).with_content_type("text/plain".into());
    properties.with_message_id(id(number).as_str().into()).with_headers(headers)
}

/// The headers of a letter as they are drained.
fn headers_of(number: u64) -> BTreeMap<String, String> {
    let drained = Drained {
        exchange: String::new(),
        routing_key: String::new(),
        id: String::new(),
        body: Vec::new(),
        properties: letter(number),
    };
    drained.headers()
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn ids(messages: &[Drained]) -> Vec<String> {
    messages.iter().map(|message| message.id.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_at_letters_leaves_them_where_and_as_they_were() {
    let mut desk = Desk::open().await;
    for kind in [QueueKind::Classic, QueueKind::Quorum] {
        desk.prepare(kind, 20).await;
        desk.check_list(&[], 0..20);
        desk.check_list(&["--reason", "panic"], (0..20).filter(|number| number % 2 == 0));
        desk.check_list(&["--source", "wire"], (0..20).filter(|number| number % 3 == 0));
        desk.check_list(
            &["--source", "default-feed", "--reason", "panic", "--older-than", "2023-11-15T02:00:00Z"],
            [2],
        );
        assert_eq!(desk.check(&["list", "--limit", "2"], 0).len(), 2);
        desk.check_list(&["--id", "letter-7", "--id", "letter-11"], [7, 11]);
        let third_hour = "2023-11-15T01:13:20Z";
        desk.check_list(&["--older-than", third_hour], 0..3);
        desk.check_list(&["--newer-than", third_hour], 4..20);
        desk.check_list(&["--newer-than", "1h"], []);

        let shown = desk.check(&["show", "letter-4"], 0).remove(0);
        assert_eq!(shown["body_base64"], "/wQ=");
        assert_eq!(desk.check(&["show", "letter-5"], 0).remove(0)["headers"]["dateline-attempts"], 4);
        assert_eq!(desk.run(&["show", "letter-4", "--body"]).stdout, body(4));
        desk.check(&["show", "letter-99"], 66);

        for command in [["replay", "--dry-run"], ["purge", "--dry-run"]] {
            assert_eq!(desk.check(&command, 0).remove(0)["selected"], 20);
        }
        desk.check(&["purge"], 64);

        desk.check_depth(DOCUMENTS, 0);
        let mut left = desk.client.take(DEAD, 20, PATIENCE).await;
        if kind == QueueKind::Quorum {
            left.sort_by_key(|message| message.id["letter-".len()..].parse::<u64>().unwrap_or(u64::MAX));
        }
        assert_eq!(ids(&left), (0..20).map(id).collect::<Vec<_>>(), "{kind:?} letters changed");
        for (number, message) in (0..).zip(&left) {
            assert_eq!(message.body, body(number));
            let mut headers = message.headers();
            headers.remove("x-delivery-count");
            assert_eq!(headers, headers_of(number));
        }
        desk.check_depth(DEAD, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_has_gone_is_no_error_and_a_full_disk_is() {
    let mut desk = Desk::open().await;
    desk.prepare(QueueKind::Quorum, 3).await;
    for words in [&["list"][..], &["show", "letter-1"], &["replay", "--dry-run"]] {
        desk.check_output(words, std::io::pipe().expect("a pipe").1, 0, "");
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has /dev/full");
        desk.check_output(words, full, 65, "No space left");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replay_moves_the_letters_meant_and_no_others_and_forgets_their_failures() {
    let mut desk = Desk::open().await;
    for kind in [QueueKind::Classic, QueueKind::Quorum] {
        desk.prepare(kind, 150).await;
        let tally = desk.check(&["replay", "--reason", "panic", "--limit", "70"], 0).remove(0);
        assert_eq!((&tally["selected"], &tally["removed"], &tally["stayed"]), (&70.into(), &70.into(), &0.into()));
        assert!(tally["met"].as_u64() <= Some(150), "a letter was met twice: {tally}");
        desk.check_list(&[], (0..150).filter(|number| number % 2 == 1 || *number >= 140));
        let moved = desk.client.take(DOCUMENTS, 70, PATIENCE).await;
        let expected: BTreeSet<String> = (0..140).filter(|number| number % 2 == 0).map(id).collect();
        assert_eq!(ids(&moved).into_iter().collect::<BTreeSet<_>>(), expected);
        let headers = moved[0].headers();
        // A quorum queue counts from 0.
        assert!(headers.get("x-delivery-count").is_none_or(|count| count == "0"), "{headers:?}");
        let names = headers.keys().map(String::as_str);
        let names: Vec<&str> = names.filter(|name| !["dateline-source", "x-delivery-count"].contains(name)).collect();
        assert_eq!(names, ["dateline-original-exchange", "dateline-original-routing-key", "sender"]);
        assert_eq!(moved[0].properties.content_type().as_ref().map(ToString::to_string), Some("text/plain".into()));

        let tally = desk.check(&["purge", "--yes", "--source", "wire"], 0).remove(0);
        assert_eq!(tally["removed"], tally["selected"]);
        let stay = |number: &u64| (number % 2 == 1 || *number >= 140) && !number.is_multiple_of(3);
        desk.check_list(&[], (0..150).filter(stay));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_cannot_be_routed_or_is_refused_stays_a_letter() {
    let mut desk = Desk::open().await;
    for kind in [QueueKind::Classic, QueueKind::Quorum] {
        desk.prepare(kind, 100).await;
        desk.node.delete_queue(DOCUMENTS);
        let tally = desk.check(&["replay"], 75).remove(0);
        assert_eq!((&tally["removed"], &tally["stayed"]), (&0.into(), &100.into()));
        desk.check_depth(DEAD, 100);

        let mut full = FieldTable::default();
        full.insert("x-max-length".into(), AMQPValue::LongInt(10));
        full.insert("x-overflow".into(), AMQPValue::LongString("reject-publish".into()));
        desk.client.declare(DOCUMENTS, kind, full).await;
        let tally = desk.check(&["replay"], 75).remove(0);
        let moved = desk.client.drain(DOCUMENTS).await;
        assert_eq!(tally["removed"], moved.len());
        assert!(moved.len() < 100, "a queue of ten took a hundred");
        let left = desk.client.drain(DEAD).await;
        assert_all_there(100, &[&moved, &left]);
        assert_eq!(moved.len() + left.len(), 100, "a letter was both moved and kept");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parked_events_are_replayed_to_the_desks() {
    let desk = Desk::open().await;
    let (parked, items) = ("dateline.parked", "dateline.items");
    for queue in [parked, items] {
        desk.client.declare(queue, QueueKind::Quorum, FieldTable::default()).await;
    }
    desk.node.eval(
        "rabbit_exchange:declare(rabbit_misc:r(<<\"/\">>, exchange, <<\"dateline.events\">>), topic, true, false, \
         false, [], <<\"test\">>).",
    );
    desk.node.eval(
        "rabbit_exchange:declare(rabbit_misc:r(<<\"/\">>, exchange, <<\"dateline.unrouted\">>), fanout, true, false, \
         false, [], <<\"test\">>).",
    );
    desk.client.bind(parked, "dateline.unrouted", "").await;
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let key = "article.europe.fr.sport";
    let event = BasicProperties::default().with_message_id("event-1".into());
    let sending = desk.client.channel.basic_publish("dateline.unrouted".into(), key.into(), options, b"{}", event);
    sending.await.expect("the connection lives").await.expect("the broker confirms");

    // No desk wants it yet.
    desk.check(&["--queue", parked, "replay"], 75);
    desk.client.bind(items, "dateline.events", "*.europe.#").await;
    desk.check(&["--queue", parked, "replay"], 0);
    let event = desk.client.take(items, 1, PATIENCE).await.remove(0);
    assert_eq!((event.id.as_str(), event.routing_key.as_str(), event.body.as_slice()), ("event-1", key, &b"{}"[..]));
    desk.check_depth(parked, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_killed_at_any_point_loses_no_letter_and_goes_on_where_it_was() {
    const LETTERS: u64 = 2_000;
    let mut desk = Desk::open().await;
    for kind in [QueueKind::Classic, QueueKind::Quorum] {
        desk.prepare(kind, LETTERS).await;
        let mut replayed = Vec::new();
        let mut half_way = 0;
        for offset in [1, 300, 700, 1_100, 1_500] {
            let directory = TempDir::with_prefix("dateline-replay-").expect("the temporary directory can be written");
            let mut replay = Worker::spawn(desk.command(&["replay"]), directory);
            let seen = u64::try_from(replayed.len()).expect("a length fits");
            until(PATIENCE, || desk.node.queue_depth(DOCUMENTS).unwrap_or(0) + seen >= offset);
            replay.signal(Signal::KILL);
            assert_eq!(replay.wait(PATIENCE), None);
            assert!(until(PATIENCE, || desk.node.connections() == 1), "the broker keeps a dead process's letters");
            replayed.extend(desk.client.drain(DOCUMENTS).await);
            half_way += u64::from(!replayed.is_empty() && (replayed.len() as u64) < LETTERS);
        }
        assert!(half_way >= 2, "no replay was killed half-way");
        // The broker may give the last dead process's letters back only after a pass has begun.
        let emptied = until(PATIENCE, || {
            desk.check(&["replay"], 0);
            desk.node.queue_depth(DEAD) == Some(0)
        });
        assert!(emptied, "the last replay left letters");
        replayed.extend(desk.client.drain(DOCUMENTS).await);
        assert_all_there(LETTERS, &[&replayed]);
    }
}

/// Every letter is somewhere, and its copies are alike.
#[track_caller]
fn assert_all_there(letters: u64, places: &[&[Drained]]) {
    let mut bodies: BTreeMap<&str, &[u8]> = BTreeMap::new();
    for message in places.iter().copied().flatten() {
        let first = bodies.entry(&message.id).or_insert(&message.body);
        assert_eq!(*first, message.body, "copies of {} differ", message.id);
    }
    let found: BTreeSet<String> = bodies.keys().map(ToString::to_string).collect();
    let seeded: BTreeSet<String> = (0..letters).map(id).collect();
    let lost: Vec<_> = seeded.difference(&found).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    assert!(found.is_subset(&seeded));
}
