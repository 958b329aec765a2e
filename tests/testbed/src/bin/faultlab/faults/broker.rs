//! What a broker does to its clients.

use std::thread;
use std::time::{Duration, Instant};

use crate::scene::Scene;
use testbed::node::Node;

/// How long a fault lasts when any length will do.
const A_WHILE: Duration = Duration::from_millis(1500);

/// RabbitMQ's own limits.
const CONSUMER_TIMEOUT: Duration = Duration::from_secs(1800);
const MESSAGE_BYTES_MAX: usize = 128 << 20;

pub(super) fn stopped(scene: &mut Scene<'_>) {
    scene.node().stop_app();
    scene.node().start_app();
    scene.heal();
}

pub(super) fn stopped_five_times(scene: &mut Scene<'_>) {
    for _ in 0..5 {
        stopped(scene);
        let within = Duration::from_millis(scene.random.u64(0..1000));
        thread::sleep(within);
    }
    stopped(scene);
}

pub(super) fn killed(scene: &mut Scene<'_>) {
    scene.node().settle();
    scene.node().kill_9();
    scene.node().start_again();
    scene.heal();
}

pub(super) fn frozen(scene: &mut Scene<'_>) {
    let began = Instant::now();
    scene.node().pause();
    scene.wait_until_not_ready("");
    thread::sleep(Duration::from_secs(15).saturating_sub(began.elapsed()));
    scene.node().resume();
    scene.heal();
}

pub(super) fn connections_closed(scene: &mut Scene<'_>) {
    scene.node().close_connections();
    scene.heal();
}

pub(super) fn memory_alarm(scene: &mut Scene<'_>) {
    alarm(scene, Node::memory_alarm, A_WHILE);
}

pub(super) fn disk_alarm(scene: &mut Scene<'_>) {
    alarm(scene, Node::disk_alarm, A_WHILE);
}

pub(super) fn begin_with_short_hold(scene: &mut Scene<'_>) {
    scene.newsroom.set("pipeline.hold_max", "\"1s\"");
    scene.begin();
}

pub(super) fn alarm_outlasts_hold(scene: &mut Scene<'_>) {
    alarm(scene, Node::memory_alarm, Duration::from_secs(4));
}

pub(super) fn begin_with_consumer_timeout(scene: &mut Scene<'_>) {
    scene.node().set_consumer_timeout(Duration::from_secs(1));
    scene.begin();
}

pub(super) fn consumer_timeout(scene: &mut Scene<'_>) {
    alarm(scene, Node::memory_alarm, Duration::from_secs(4));
    scene.node().set_consumer_timeout(CONSUMER_TIMEOUT);
}

/// Every event is too large for a moment: the broker closes the channel on each.
pub(super) fn message_size(scene: &mut Scene<'_>) {
    scene.node().set_message_size_max(500);
    // Channels look at the limit when they are opened.
    scene.node().close_connections();
    thread::sleep(A_WHILE);
    scene.node().set_message_size_max(MESSAGE_BYTES_MAX);
    scene.node().close_connections();
    scene.heal();
}

/// The broker takes no publishes for a while. It notifies only publishers, so the stream continues until they know.
fn alarm(scene: &mut Scene<'_>, raise: fn(&Node, bool), length: Duration) {
    raise(scene.node(), true);
    thread::sleep(length);
    raise(scene.node(), false);
    scene.heal();
}
