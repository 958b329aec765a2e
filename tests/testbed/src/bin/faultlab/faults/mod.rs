//! Every fault of the lab: what is done in the middle of a stream of documents, up to the moment its cause is gone.

mod broker;
pub(crate) mod clock;
mod documents;
mod network;
mod process;
mod rights;
mod topology;

use crate::scene::Scene;
use Needs::{Clock, FaultPoints, Node, Nothing};

/// What a fault needs in addition to a broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Nothing: it can be done to any broker.
    Nothing,
    /// A node of our own.
    Node,
    /// A worker with the feature `fault-points`.
    FaultPoints,
    /// The library that gives a program a clock of its own, of Debian's package libfaketime.
    Clock,
}

type Act = fn(&mut Scene<'_>);

/// A fault.
pub(crate) struct Fault {
    /// What happens.
    pub(crate) name: &'static str,
    pub(crate) needs: Needs,
    /// Brings a worker into the middle of a stream.
    pub(crate) begin: Act,
    /// Does the harm, and takes its cause away.
    pub(crate) harm: Act,
    /// Whether any worker can suffer it again and again, as in a soak.
    pub(crate) repeatable: bool,
}

/// A fault that a worker survives.
const fn suffered(name: &'static str, needs: Needs, harm: Act) -> Fault {
    Fault { name, needs, begin: |scene| scene.begin(), harm, repeatable: true }
}

/// A fault that ends a worker.
const fn ending(name: &'static str, needs: Needs, harm: Act) -> Fault {
    Fault { name, needs, begin: |scene| scene.begin(), harm, repeatable: false }
}

/// A fault that needs a beginning of its own.
const fn staged(name: &'static str, needs: Needs, begin: Act, harm: Act) -> Fault {
    Fault { name, needs, begin, harm, repeatable: false }
}

/// Every fault.
pub(crate) const FAULTS: [Fault; 48] = [
    suffered("broker stopped and started", Node, broker::stopped),
    suffered("broker stopped and started five times", Node, broker::stopped_five_times),
    suffered("broker killed and started", Node, broker::killed),
    suffered("broker frozen for 15 s", Node, broker::frozen),
    suffered("connections closed by the operator", Node, broker::connections_closed),
    suffered("memory alarm", Node, broker::memory_alarm),
    suffered("disk alarm", Node, broker::disk_alarm),
    staged("alarm longer than a delivery is held", Node, broker::begin_with_short_hold, broker::alarm_outlasts_hold),
    staged("consumer timeout during an alarm", Node, broker::begin_with_consumer_timeout, broker::consumer_timeout),
    suffered("maximum message size lowered", Node, broker::message_size),
    suffered("link closed", Nothing, network::closed),
    suffered("link reset", Nothing, network::reset),
    suffered("link cut amid bytes to the worker", Nothing, network::cut_to_worker),
    suffered("link cut amid bytes to the broker", Nothing, network::cut_to_broker),
    suffered("link stalled to the worker", Nothing, network::stalled_to_worker),
    suffered("link stalled to the broker", Nothing, network::stalled_to_broker),
    suffered("link stalled both ways", Nothing, network::stalled),
    suffered("link slow for a moment", Nothing, network::hiccup),
    suffered("new links met with silence", Nothing, network::silent),
    suffered("new links refused", Nothing, network::refused),
    ending("worker killed", Nothing, process::killed),
    ending("worker killed five times", Nothing, process::killed_five_times),
    ending("worker asked to end amid a batch", Nothing, process::asked),
    ending("worker asked to end while publishing", Nothing, process::asked_while_publishing),
    ending("worker asked to end while blocked", Node, process::asked_while_blocked),
    ending("worker asked to end while the broker is away", Nothing, process::asked_while_away),
    ending("worker asked twice", Nothing, process::asked_twice),
    suffered("worker frozen for 6 s", Nothing, process::frozen),
    ending("one of two workers killed", Nothing, process::one_of_two_killed),
    suffered("events' exchange deleted", Nothing, topology::exchange_deleted),
    suffered("events' queue unbound", Nothing, topology::unbound),
    suffered("events' queue deleted", Nothing, topology::items_deleted),
    suffered("documents' queue deleted", Nothing, topology::documents_deleted),
    staged("documents' queue declared otherwise", Nothing, topology::begin_with_renewal, topology::declared_otherwise),
    staged("events' queue full", Nothing, topology::begin_with_full_queue, topology::emptied),
    suffered("dead letters' queue unbound", Nothing, topology::dead_letters_unbound),
    suffered("write permission revoked", Node, rights::write_revoked),
    suffered("read permission revoked", Node, rights::read_revoked),
    staged("password changed", Node, rights::begin_with_password_file, rights::password_changed),
    staged("virtual host missing", Node, rights::begin_without_vhost, rights::vhost_made),
    staged("certificate expired", Node, rights::begin_with_tls, rights::certificate_expired),
    staged("certificate of another host", Node, rights::begin_with_tls, rights::certificate_of_another),
    staged("certificate of an unknown authority", Node, rights::begin_with_tls, rights::authority_unknown),
    staged("wall clock set back an hour", Clock, clock::begin, clock::set_back),
    staged("wall clock set forward a year", Clock, clock::begin, clock::set_forward),
    suffered("oversized and truncated bodies", Nothing, documents::malformed),
    suffered("document that panics", FaultPoints, documents::panics),
    staged("document that aborts", FaultPoints, documents::begin_with_abort, documents::supervised),
];
