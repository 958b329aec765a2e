//! The fault lab: real workers, real brokers, and every fault they can have; then counts what became of each document.
//!
//! ```text
//! cargo build --features fault-points
//! cargo run -p testbed --features fault-points --bin faultlab
//! ```
//!
//! starts private RabbitMQ nodes and takes some minutes. `--broker amqp://user:password@host/%2f` runs the faults that
//! need no control of the node on a broker of your own; all names there begin with `faultlab-` and are removed again.
//! `--soak MINUTES` lets one worker per type of queue meet faults at random.
//!
//! The exit code is 0 when nothing was lost, nothing was strange and every ledger agreed.

mod faults;
mod scene;
mod soak;
mod stage;
mod summary;

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use testbed::drain::QueueKind;

use faults::{FAULTS, Fault, Needs};
use stage::Stage;
use summary::{Run, Summary};

/// Run a worker through every fault and count what became of each document
#[derive(Debug, Parser)]
struct Args {
    /// Use this broker rather than private nodes
    #[arg(long, value_name = "URL")]
    broker: Option<String>,
    /// Offsets in the stream of documents at which each fault is injected, per type of queue
    #[arg(long, default_value_t = 2)]
    offsets: usize,
    /// Only faults whose name holds this text
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Random numbers begin here; printed at the start
    #[arg(long)]
    seed: Option<u64>,
    /// Let one worker per type of queue meet faults at random for this long
    #[arg(long, value_name = "MINUTES")]
    soak: Option<u64>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..));
    let began = Instant::now();
    eprintln!("fault lab, seed {seed}");
    let lanes = [QueueKind::Quorum, QueueKind::Classic];
    let summary = thread::scope(|scope| {
        let lanes = lanes.map(|kind| {
            let args = &args;
            scope.spawn(move || lane(args, kind, seed ^ kind as u64))
        });
        // A lane that panics found something worse than a loss: let it be seen.
        lanes.into_iter().flat_map(|lane| lane.join().expect("a lane does not panic")).collect::<Summary>()
    });
    eprintln!("{summary}\nseed {seed}, {:.0} s", began.elapsed().as_secs_f64());
    if summary.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// All faults on one type of queue, one after another.
fn lane(args: &Args, kind: QueueKind, seed: u64) -> Vec<Run> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut stage = match &args.broker {
        Some(url) => Stage::given(url, kind),
        None => Stage::private(kind),
    };
    let faults: Vec<&Fault> = FAULTS
        .iter()
        .filter(|fault| fault.name.contains(&args.only))
        .filter(|fault| stage.node.is_some() || fault.needs != Needs::Node)
        .filter(|fault| cfg!(feature = "fault-points") || fault.needs != Needs::FaultPoints)
        .filter(|fault| faults::clock::library().is_some() || fault.needs != Needs::Clock)
        .collect();
    if let Some(minutes) = args.soak {
        return soak::soak(&mut stage, &faults, &mut random, Duration::from_secs(60 * minutes));
    }
    let offsets = 0..args.offsets;
    faults
        .iter()
        .flat_map(|fault| offsets.clone().map(move |_| *fault))
        .map(|fault| scene::run(&mut stage, fault, &mut random))
        .collect()
}
