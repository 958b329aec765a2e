//! What a network does to a connection.

use std::thread;
use std::time::Duration;

use crate::scene::Scene;
use testbed::proxy::{Direction, Ending, Mode};

/// Longer than a silent peer is believed.
const TOO_LONG: Duration = Duration::from_secs(6);

/// About the bytes that one stream makes.
const STREAM_BYTES: usize = 100_000;

pub(super) fn closed(scene: &mut Scene<'_>) {
    scene.proxy.cut(Ending::Close);
    scene.heal();
}

pub(super) fn reset(scene: &mut Scene<'_>) {
    scene.proxy.cut(Ending::Reset);
    scene.heal();
}

pub(super) fn cut_to_worker(scene: &mut Scene<'_>) {
    cut_amid(scene, Direction::ToClient);
}

pub(super) fn cut_to_broker(scene: &mut Scene<'_>) {
    cut_amid(scene, Direction::ToServer);
}

/// The link breaks after a byte of the stream to come, in the middle of whatever frame it belongs to.
fn cut_amid(scene: &mut Scene<'_>, direction: Direction) {
    let bytes = scene.random.usize(0..STREAM_BYTES);
    scene.proxy.cut_after(bytes, direction, Ending::Reset);
    let documents = scene.wave(50);
    scene.newsroom.seed(&documents);
    scene.heal();
}

pub(super) fn stalled_to_worker(scene: &mut Scene<'_>) {
    stall(scene, Mode::Stall(Direction::ToClient));
}

pub(super) fn stalled_to_broker(scene: &mut Scene<'_>) {
    stall(scene, Mode::Stall(Direction::ToServer));
}

pub(super) fn stalled(scene: &mut Scene<'_>) {
    stall(scene, Mode::StallBoth);
}

fn stall(scene: &mut Scene<'_>, mode: Mode) {
    scene.proxy.set(mode);
    thread::sleep(TOO_LONG);
    scene.proxy.set(Mode::Pass);
    scene.heal();
}

/// Too short to count as a loss.
pub(super) fn hiccup(scene: &mut Scene<'_>) {
    scene.proxy.set(Mode::StallBoth);
    thread::sleep(Duration::from_millis(800));
    scene.proxy.set(Mode::Pass);
    scene.heal();
}

pub(super) fn silent(scene: &mut Scene<'_>) {
    scene.proxy.set(Mode::Silent);
    scene.proxy.cut(Ending::Reset);
    scene.wait_until_not_ready("no answer");
    scene.proxy.set(Mode::Pass);
    // Those who wait in silence would wait until their deadline.
    scene.proxy.cut(Ending::Reset);
    scene.heal();
}

pub(super) fn refused(scene: &mut Scene<'_>) {
    scene.proxy.set(Mode::Refuse);
    scene.proxy.cut(Ending::Reset);
    scene.wait_until_not_ready("could not connect");
    thread::sleep(Duration::from_secs(2));
    scene.proxy.set(Mode::Pass);
    scene.heal();
}
