//! What happens to workers.

use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use crate::scene::Scene;
use testbed::newsroom::PATIENCE;
use testbed::proxy::{Direction, Ending, Mode};
use testbed::wait::until;

pub(super) fn killed(scene: &mut Scene<'_>) {
    scene.kill_worker();
    scene.start_worker();
    scene.heal();
}

pub(super) fn killed_five_times(scene: &mut Scene<'_>) {
    for _ in 0..5 {
        killed(scene);
        let wave = scene.wave(20);
        scene.newsroom.seed(&wave);
        until(PATIENCE, || scene.worker().is_ready());
        let within = Duration::from_millis(scene.random.u64(0..100));
        thread::sleep(within);
    }
    killed(scene);
}

pub(super) fn asked(scene: &mut Scene<'_>) {
    assert_eq!(scene.end_worker(), Some(0), "nothing holds a worker up");
    scene.start_worker();
    scene.heal();
}

pub(super) fn asked_while_publishing(scene: &mut Scene<'_>) {
    scene.proxy.set(Mode::Stall(Direction::ToClient));
    let code = scene.end_worker();
    assert!(matches!(code, Some(0 | 75)), "the worker ended with {code:?}");
    scene.proxy.set(Mode::Pass);
    scene.start_worker();
    scene.heal();
}

pub(super) fn asked_while_blocked(scene: &mut Scene<'_>) {
    scene.node().memory_alarm(true);
    let code = scene.end_worker();
    assert!(matches!(code, Some(0 | 75)), "the worker ended with {code:?}");
    scene.node().memory_alarm(false);
    scene.start_worker();
    scene.heal();
}

pub(super) fn asked_while_away(scene: &mut Scene<'_>) {
    scene.proxy.set(Mode::Refuse);
    scene.proxy.cut(Ending::Reset);
    scene.wait_until_not_ready("could not connect");
    assert_eq!(scene.end_worker(), Some(0), "nothing is in hand without a broker");
    scene.proxy.set(Mode::Pass);
    scene.start_worker();
    scene.heal();
}

pub(super) fn asked_twice(scene: &mut Scene<'_>) {
    scene.worker().signal(Signal::TERM);
    scene.worker().signal(Signal::TERM);
    let code = scene.end_worker();
    assert!(matches!(code, Some(0 | 75)), "the worker ended with {code:?}");
    scene.start_worker();
    scene.heal();
}

/// Longer than the broker believes a silent worker.
pub(super) fn frozen(scene: &mut Scene<'_>) {
    scene.worker().signal(Signal::STOP);
    thread::sleep(Duration::from_secs(6));
    scene.worker().signal(Signal::CONT);
    scene.heal();
}

pub(super) fn one_of_two_killed(scene: &mut Scene<'_>) {
    let second = scene.newsroom.ready_worker();
    let wave = scene.wave(100);
    scene.newsroom.seed(&wave);
    scene.kill_worker();
    scene.adopt(second);
    scene.heal();
}
