//! Where scenes are played: a broker, and the network before it. Shared by all scenes of one type of queue.

use lapin::uri::AMQPUri;

use testbed::drain::QueueKind;
use testbed::newsroom::Newsroom;
use testbed::node::{Node, NodeOptions};
use testbed::proxy::Proxy;
use testbed::tls::ServerCertificate;

/// The user that workers connect as, and its password: what is taken from it is not taken from us.
pub(crate) const WORKER: (&str, &str) = ("worker", "first");

/// Settings that make a lost peer known within seconds, so that the lab takes minutes.
const QUICK: [(&str, &str); 10] = [
    ("broker.heartbeat", "\"2s\""),
    ("broker.connect_timeout", "\"3s\""),
    ("broker.rpc_timeout", "\"3s\""),
    ("broker.confirm_timeout", "\"5s\""),
    ("broker.settle_timeout", "\"3s\""),
    ("broker.close_timeout", "\"500ms\""),
    ("pipeline.in_flight_max", "32"),
    ("pipeline.drain_timeout", "\"2s\""),
    ("pipeline.hand_back_timeout", "\"1s\""),
    ("log.filter", "\"info,lapin=off\""),
];

/// A broker and the network before it.
pub(crate) struct Stage {
    /// The node, when it is ours to torment.
    pub(crate) node: Option<Node>,
    pub(crate) kind: QueueKind,
    url: String,
    scenes: usize,
}

impl Stage {
    /// On a private node.
    pub(crate) fn private(kind: QueueKind) -> Stage {
        let node = Node::start(&NodeOptions { tls: Some(ServerCertificate::Good), ..NodeOptions::default() });
        node.ctl(&["add_user", WORKER.0, WORKER.1]);
        node.set_permissions(WORKER.0, [".*", ".*", ".*"]);
        let url = node.amqp_url();
        Stage { node: Some(node), kind, url, scenes: 0 }
    }

    /// On a broker that somebody else keeps.
    pub(crate) fn given(url: &str, kind: QueueKind) -> Stage {
        Stage { node: None, kind, url: url.to_owned(), scenes: 0 }
    }

    /// A newsroom for the next scene, whose workers connect through a network of their own.
    pub(crate) fn next(&mut self) -> (Newsroom, Proxy) {
        self.scenes += 1;
        let authority = self.uri().authority;
        let proxy = Proxy::start_to(authority.host, authority.port);
        let (_, vhost) = self.url.rsplit_once('/').expect("the URL of a broker names a virtual host");
        (self.newsroom(&proxy, vhost), proxy)
    }

    /// A newsroom in a virtual host.
    pub(crate) fn newsroom(&self, proxy: &Proxy, vhost: &str) -> Newsroom {
        let (server, _) = self.url.rsplit_once('/').expect("the URL of a broker names a virtual host");
        let prefix = format!("faultlab-{:?}-{}", self.kind, self.scenes).to_lowercase();
        let mut newsroom = Newsroom::new(&format!("{server}/{vhost}"), &prefix, self.kind);
        let ours = self.uri().authority.userinfo;
        let (user, password) = match self.node {
            Some(_) => WORKER,
            None => (ours.username.as_str(), ours.password.as_str()),
        };
        newsroom.set("broker.urls", &format!("[\"amqp://127.0.0.1:{}/{vhost}\"]", proxy.port()));
        newsroom.set("broker.username", &format!("{user:?}"));
        newsroom.set("broker.password", &format!("{password:?}"));
        for (key, value) in QUICK {
            newsroom.set(key, value);
        }
        newsroom
    }

    fn uri(&self) -> AMQPUri {
        self.url.parse().expect("the URL of the broker is one")
    }
}
