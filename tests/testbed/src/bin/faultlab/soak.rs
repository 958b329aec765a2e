//! One worker that meets fault after fault, for the time given.

use std::time::{Duration, Instant};

use crate::faults::Fault;
use crate::scene::Scene;
use crate::stage::Stage;
use crate::summary::Run;

/// Injects faults at random until the time is over.
pub(crate) fn soak(stage: &mut Stage, faults: &[&Fault], random: &mut fastrand::Rng, length: Duration) -> Vec<Run> {
    let kind = stage.kind;
    let faults: Vec<&Fault> = faults.iter().copied().filter(|fault| fault.repeatable).collect();
    let mut scene = Scene::new(stage, random);
    let mut runs = Vec::new();
    let began = Instant::now();
    scene.begin();
    while began.elapsed() < length {
        let fault = faults[scene.random.usize(0..faults.len())];
        (fault.harm)(&mut scene);
        let recovery = scene.recover();
        scene.wait_until_quiet();
        let run = scene.account(fault.name, recovery);
        eprintln!("{kind:?} {:6.0} s {:44} {}", began.elapsed().as_secs_f64(), fault.name, run.outcome());
        let is_clean = run.is_clean();
        runs.push(run);
        if !is_clean {
            break;
        }
        scene.go_on();
    }
    // The wave after the last fault comes through with none.
    scene.heal();
    runs.push(scene.finish("(end of the soak)"));
    runs
}
