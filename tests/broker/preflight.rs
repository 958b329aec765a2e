//! `dateline check --broker` finds what is wrong at real nodes, says what remedies it, and changes nothing.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use lapin::types::FieldTable;
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use testbed::drain::{Client, QueueKind, Seed};
use testbed::node::{Node, NodeOptions};
use testbed::ports::Port;
use testbed::tls::ServerCertificate;
use testbed::wait::until;
use testbed::worker::Worker;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What `dateline check --broker` found.
struct Findings {
    code: Option<i32>,
    findings: Vec<Value>,
}

impl Findings {
    /// The finding of a check on an object must have this severity; gives what remedies it.
    #[track_caller]
    fn check(&self, check: &str, object: &str, severity: &str) -> String {
        let found = self.findings.iter().find(|found| found["check"] == *check && found["object"] == *object);
        let found = found.unwrap_or_else(|| panic!("no finding of {check} on {object} in {self}"));
        assert_eq!(found["severity"], *severity, "{found:#}");
        found["remedy"].as_str().unwrap_or_default().to_owned()
    }

    #[track_caller]
    fn check_worst(&self, severity: &str, code: i32) {
        let rank = |severity: &str| ["ok", "unchecked", "warning", "error"].iter().position(|name| *name == severity);
        let worst = self.findings.iter().map(|found| rank(found["severity"].as_str().unwrap_or_default())).max();
        assert_eq!((worst, self.code), (Some(rank(severity)), Some(code)), "{self}");
    }

    /// How many findings of a check have this severity.
    fn count(&self, check: &str, severity: &str) -> usize {
        self.findings.iter().filter(|found| found["check"] == *check && found["severity"] == *severity).count()
    }
}

impl std::fmt::Display for Findings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.findings.iter().try_for_each(|finding| writeln!(formatter, "{finding}"))
    }
}

fn config(url: &str, more: &str) -> String {
    format!("[health]\nlisten = \"\"\n[broker]\nurls = [{url:?}]\n{more}")
}

fn inspect(config: &str) -> Findings {
    let directory = TempDir::with_prefix("dateline-check-").expect("the temporary directory can be written");
    let file = directory.path().join("dateline.toml");
    std::fs::write(&file, config).expect("the directory can be written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
    let output = command.args(["check", "--broker", "--json", "--config"]).arg(file).output();
    let output = output.expect("cargo has built the binary");
    let complained = String::from_utf8_lossy(&output.stderr);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no report: {complained}"));
    let findings = report["findings"].as_array().expect("findings are a list").clone();
    Findings { code: output.status.code(), findings }
}

/// Checks again until a policy has its effect: the management API lags by seconds.
#[track_caller]
fn inspect_until(config: &str, check: &str, object: &str, severity: &str) -> Findings {
    let mut findings = inspect(config);
    until(PATIENCE, || {
        findings = inspect(config);
        let mut found = findings.findings.iter();
        found.any(|found| {
            (&found["check"], &found["object"], &found["severity"]) == (&check.into(), &object.into(), &severity.into())
        })
    });
    findings.check(check, object, severity);
    findings
}

/// Lets a worker declare everything.
fn declare(node: &Node, more: &str) {
    let mut worker = Worker::start(&config(&node.amqp_url(), more));
    worker.wait_for_log("session begun", PATIENCE);
    worker.signal(Signal::TERM);
    worker.wait(PATIENCE);
}

/// Everything at a node that a check could change.
fn everything(node: &Node) -> BTreeMap<&'static str, String> {
    let mut all = BTreeMap::new();
    for (what, columns) in [
        ("list_queues", &["name", "type", "arguments", "messages"][..]),
        ("list_exchanges", &["name", "type"]),
        ("list_bindings", &["source_name", "destination_name", "routing_key"]),
        ("list_policies", &[]),
    ] {
        let mut lines: Vec<String> = node.ctl(&[&[what], columns].concat()).lines().map(str::to_owned).collect();
        lines.sort();
        all.insert(what, lines.join("\n"));
    }
    all
}

/// Runs a command that a finding gave, as an operator's shell would.
fn obey(node: &Node, remedy: &str) {
    let printed = Command::new("sh").arg("-c").arg(format!("printf '%s\\n' {remedy}")).output();
    let words = String::from_utf8(printed.expect("every system has sh").stdout).expect("it was UTF-8");
    let words: Vec<&str> = words.lines().collect();
    assert_eq!(words.first(), Some(&"rabbitmqctl"), "{remedy}");
    node.ctl(&words[1..]);
}

/// Does what the warnings of delivery limits ask for; which there are depends on the version.
fn obey_limits(node: &Node, found: &Findings) {
    for finding in &found.findings {
        if finding["severity"] == "warning" && finding["check"] == "delivery limit" {
            obey(node, finding["remedy"].as_str().expect("a warning has a remedy"));
        }
    }
}

/// A node with the management plugin, and the configuration that names it.
fn managed() -> (Node, Port, String) {
    let port = Port::reserve();
    let conf = vec![format!("management.tcp.port = {}", port.number), "management.tcp.ip = 127.0.0.1".to_owned()];
    let plugins = vec!["rabbitmq_management"];
    let node = Node::start(&NodeOptions { plugins, conf, ..NodeOptions::default() });
    let more = format!("management_url = \"http://127.0.0.1:{}\"\n", port.number);
    (node, port, more)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_changes_nothing_on_a_node_with_nothing_and_on_one_with_everything() {
    let node = Node::start(&NodeOptions::default());
    let config = config(&node.amqp_url(), "");
    let before = everything(&node);
    let found = inspect(&config);
    found.check_worst("unchecked", 0);
    found.check("version", &node.amqp_url().replace("guest:guest", "***"), "ok");
    found.check("declare", "queue dateline.documents", "unchecked");
    assert_eq!(everything(&node), before);

    declare(&node, "");
    let client = Client::connect(&node.amqp_url()).await;
    let document = Seed { id: "document-1".into(), content_type: None, headers: Vec::new(), body: b"x".to_vec() };
    client.seed("dateline.documents", &[document]).await;
    assert!(until(PATIENCE, || node.queue_depth("dateline.documents") == Some(1)));
    let before = everything(&node);
    let found = inspect(&config);
    found.check_worst("unchecked", 0);
    found.check("declare", "queue dateline.retry.10m", "ok");
    found.check("declare", "exchange dateline.events", "ok");
    found.check("publish", "exchange amq.default", "ok");
    found.check("consume", "queue dateline.suspects", "ok");
    found.check("message size", "broker", "ok");
    found.check("bindings", "exchange dateline.dead", "unchecked");
    assert_eq!(everything(&node), before);
    let delivered = client.take("dateline.documents", 1, PATIENCE).await.remove(0);
    assert_eq!(
        delivered.headers().remove("x-delivery-count").unwrap_or("0".into()),
        "0",
        "the check took the document"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_management_api_tells_is_judged_and_mended_by_the_command_given() {
    let (node, _port, management) = managed();
    let url = node.amqp_url();
    let fresh = inspect(&config(&url, &management));
    // An administrator sees permissions.
    fresh.check("declare", "queue dateline.documents", "ok");
    declare(&node, "");
    // From 4.0 on a letter that is looked at too often is dropped, unless an operator says otherwise.
    obey_limits(&node, &inspect(&config(&url, &management)));
    let mut found = Findings { code: None, findings: Vec::new() };
    until(PATIENCE, || {
        found = inspect(&config(&url, &management));
        found.code == Some(0)
    });
    found.check_worst("unchecked", 0);
    found.check("bindings", "exchange dateline.dead", "ok");
    found.check("retry", "queue dateline.retry.1m", "ok");
    found.check("delivery limit", "queue dateline.documents", "ok");
    found.check("dead-letter exchange", "queue dateline.suspects", "ok");

    let found = inspect(&config(&url, &format!("{management}[topology]\nqueue_type = \"classic\"\n")));
    found.check_worst("error", 78);
    found.check("queue type", "queue dateline.documents", "error");
    assert!(found.check("declare", "queue dateline.documents", "error").contains("topology.queue_type"));

    let client = Client::connect(&url).await;
    let unbound = client.channel.queue_unbind(
        "dateline.dead-letters".into(),
        "dateline.dead".into(),
        "#".into(),
        FieldTable::default(),
    );
    unbound.await.expect("it was bound");
    let found = inspect(&config(&url, &management));
    assert!(found.check("bindings", "exchange dateline.dead", "error").contains("dateline.dead-letters"));

    // An operator's own queues, without what a worker declares.
    let verify = format!("{management}[topology]\nmode = \"verify\"\ndocuments = \"desk.in\"\nretry_delays = \"5s\"\n");
    client.declare("desk.in", QueueKind::Quorum, FieldTable::default()).await;
    client.declare("dateline.retry.5s", QueueKind::Quorum, FieldTable::default()).await;
    let found = inspect(&config(&url, &verify));
    let remedies = [
        found.check("dead-letter exchange", "queue desk.in", "error"),
        found.check("retry", "queue dateline.retry.5s", "error"),
    ];
    for remedy in &remedies {
        obey(&node, remedy);
    }
    let verify = config(&url, &verify);
    // The management API reports each queue's policy after a delay.
    inspect_until(&verify, "retry", "queue dateline.retry.5s", "ok");
    let found = inspect_until(&verify, "dead-letter exchange", "queue desk.in", "ok");
    // Before 4.0 there is no delivery limit unless an operator sets one.
    obey_limits(&node, &found);
    obey(
        &node,
        "rabbitmqctl set_policy --apply-to queues --priority 20 forgetful '^dateline\\.parked$' '{\"max-length\": 5}'",
    );
    inspect_until(&verify, "keeps", "queue dateline.parked", "warning");
    let found = inspect_until(&verify, "delivery limit", "queue desk.in", "ok");
    found.check("dead-letter exchange", "queue desk.in", "ok");

    node.delete_queue("desk.in");
    let found = inspect(&verify);
    found.check("declare", "queue desk.in", "error");
    let nobody = management.replace("http://", "http://nobody:nothing@");
    inspect(&config(&url, &nobody)).check("management", "management API", "warning");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_user_may_not_do_is_found_before_a_worker_tries() {
    let node = Node::start(&NodeOptions::default());
    declare(&node, "");
    node.ctl(&["add_user", "wire", "secret"]);
    let url = node.amqp_url().replace("guest:guest", "wire:secret");
    node.set_permissions("wire", ["", "", ""]);
    let found = inspect(&config(&url, ""));
    found.check_worst("error", 78);
    found.check("declare", "queue dateline.documents", "error");
    assert!(found.check("publish", "exchange dateline.events", "error").contains("set_permissions -p / wire"));
    found.check("consume", "queue dateline.documents", "error");

    // Enough for a worker that verifies: three exchanges and the default one, two queues.
    node.set_permissions("wire", ["", "^(dateline|amq\\.default)", "^dateline"]);
    let found = inspect(&config(&url, "[topology]\nmode = \"verify\"\n"));
    found.check_worst("unchecked", 0);
    assert_eq!((found.count("publish", "ok"), found.count("consume", "ok")), (4, 2), "{found}");
    node.set_permissions("wire", ["", "^dateline\\.(events|unrouted)", "^dateline\\.documents"]);
    let found = inspect(&config(&url, "[topology]\nmode = \"verify\"\n"));
    assert_eq!((found.count("publish", "error"), found.count("consume", "error")), (2, 1), "{found}");

    let found = inspect(&config(&node.amqp_url().replace("guest:guest", "wire:wrong"), ""));
    found.check_worst("error", 69);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_that_do_not_fit_the_configuration_are_found() {
    let node = Node::start(&NodeOptions { tls: Some(ServerCertificate::Good), ..NodeOptions::default() });
    declare(&node, "");
    let url = node.amqp_url();
    let found = inspect(&config(&url, "[pipeline]\nhold_max = \"20m\"\n"));
    found.check_worst("warning", 1);
    assert!(found.check("consumer timeout", "broker", "warning").contains("consumer_timeout = 2400000"));
    assert!(inspect(&config(&url, "")).check("consumer timeout", "broker", "unchecked").contains("get_env"));

    let trust = format!("[broker.tls]\nca_file = {:?}\n", node.authority().certificate());
    let found = inspect(&config(&node.amqps_url(), &trust));
    found.check("tls", &node.amqps_url().replace("guest:guest", "***"), "ok");
    found.check_worst("unchecked", 0);
    let found = inspect(&config(&node.amqps_url(), ""));
    assert!(found.check("connection", &node.amqps_url().replace("guest:guest", "***"), "error").contains("ca_file"));

    node.set_message_size_max(1000);
    let found = inspect(&config(&url, ""));
    found.check_worst("error", 78);
    assert!(found.check("message size", "broker", "error").contains("\"1000B\""));
    let fits = inspect(&config(&url, "message_bytes_max = \"1000B\"\n"));
    fits.check("message size", "broker", "ok");
}
