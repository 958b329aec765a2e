//! Who the worker is and whom it trusts: certificates and secrets, good, bad and changed while it runs.

use std::fs;
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

use testbed::documents::mixed;
use testbed::drain::QueueKind;
use testbed::newsroom::{Newsroom, PATIENCE};
use testbed::node::{Node, NodeOptions};
use testbed::oracle::Verdict;
use testbed::tls::{Authority, Identity, ServerCertificate};

/// Points the workers at the broker's TLS listener, trusting the authority and showing the identity.
pub(crate) fn use_tls(newsroom: &mut Newsroom, node: &Node, authority: &Authority, identity: Option<&Identity>) {
    newsroom.set("broker.urls", &format!("[{:?}]", node.amqps_url()));
    newsroom.set("broker.tls.ca_file", &format!("{:?}", authority.certificate()));
    if let Some(identity) = identity {
        newsroom.set("broker.tls.cert_file", &format!("{:?}", identity.certificate));
        newsroom.set("broker.tls.key_file", &format!("{:?}", identity.key));
    }
}

#[test]
fn over_tls_the_worker_trusts_our_authority_and_shows_its_certificate() {
    let conf = vec!["ssl_options.fail_if_no_peer_cert = true".to_owned()];
    let node = Node::start(&NodeOptions { tls: Some(ServerCertificate::Good), conf, ..NodeOptions::default() });
    let mut newsroom = Newsroom::new(&node.amqp_url(), "tls", QueueKind::Quorum);
    newsroom.declare();
    use_tls(&mut newsroom, &node, node.authority(), None);
    let nameless = newsroom.worker();
    nameless.wait_until_not_ready("could not connect", PATIENCE);
    drop(nameless);

    use_tls(&mut newsroom, &node, node.authority(), Some(&node.authority().client()));
    let mut worker = newsroom.ready_worker();
    newsroom.seed(&mixed("tls", 0..9));
    newsroom.wait_until_all_came_out();
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(PATIENCE), Some(0));
    assert_eq!(newsroom.close(), Verdict { documents: 9, ..Verdict::default() });
}

#[test]
fn a_broker_that_cannot_prove_who_it_is_gets_no_password_and_the_reason_is_told() {
    for (kind, stranger, reason) in [
        (ServerCertificate::Expired, false, "xpired"),
        (ServerCertificate::WrongHost, false, "not valid for name"),
        (ServerCertificate::Good, true, "invalid peer certificate"),
    ] {
        let node = Node::start(&NodeOptions { tls: Some(kind), ..NodeOptions::default() });
        let directory = TempDir::new().expect("the temporary directory can be written");
        let other = Authority::create(directory.path());
        let mut newsroom = Newsroom::new(&node.amqp_url(), "strangers", QueueKind::Classic);
        use_tls(&mut newsroom, &node, if stranger { &other } else { node.authority() }, None);
        let mut worker = newsroom.worker();
        worker.wait_until_not_ready(reason, PATIENCE);
        worker.signal(Signal::TERM);
        assert_eq!(worker.wait(PATIENCE), Some(0), "nothing was in hand");
    }
}

#[test]
fn a_password_is_read_again_from_its_file_at_each_attempt() {
    let node = Node::start(&NodeOptions::default());
    node.ctl(&["add_user", "worker", "first"]);
    node.set_permissions("worker", [".*", ".*", ".*"]);
    let directory = TempDir::new().expect("the temporary directory can be written");
    let file = directory.path().join("password");
    fs::write(&file, "first\n").expect("the directory is ours");
    let mut newsroom = Newsroom::new(&node.amqp_url(), "secret", QueueKind::Quorum);
    newsroom.set("broker.username", "\"worker\"");
    newsroom.set("broker.password_file", &format!("{file:?}"));
    let mut worker = newsroom.ready_worker();
    newsroom.seed(&mixed("before", 0..6));
    newsroom.wait_until_all_came_out();

    node.change_password("worker", "second");
    node.close_connections();
    worker.wait_until_not_ready("ACCESS_REFUSED", PATIENCE);
    newsroom.seed(&mixed("after", 0..6));
    fs::write(&file, "second\n").expect("the directory is ours");
    newsroom.wait_until_all_came_out();
    worker.wait_until_ready(Duration::from_secs(10));
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(PATIENCE), Some(0));
    assert_eq!(newsroom.close(), Verdict { documents: 12, ..Verdict::default() });
    for password in ["first", "second", "guest:guest"] {
        assert!(!worker.log().contains(&format!("{password}@")), "the log has a password");
    }
}
