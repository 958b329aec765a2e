//! `dateline run`: the daemon.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use super::{exit, load_config, output};
use crate::daemon::shutdown::Shutdown;
use crate::daemon::{Ended, Worker, build, health, telemetry};
use crate::error::chain;
use crate::pipeline::ledger::Ledger;

/// Threads for large documents and for name resolution: each may hold a document while it is processed.
const BLOCKING_THREADS_MAX: usize = 16;

/// Shown below the help.
const EXIT_CODES: &str = "Exit codes: 0 asked to stop, and everything in hand was completed; 64 the command line is \
    wrong; 75 something was handed back or is unaccounted for; 78 the configuration is wrong, the port of health.listen \
    is taken or classification data cannot be used; 65 anything else. A broker that is away is waited for.";

/// Take documents off the broker and publish their events until asked to stop
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct RunArgs {
    /// Configuration file; without it, the defaults and the environment
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub(super) fn run(args: RunArgs) -> anyhow::Result<ExitCode> {
    let config = match load_config(args.config.as_deref()) {
        Ok(config) => config,
        Err(code) => return Ok(code),
    };
    telemetry::init(&config.log).map_err(|error| anyhow::anyhow!("could not begin to log: {error}"))?;
    log_panics();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .build()
        .context("could not start the runtime")?;
    // Before anything takes time: the first process of a container ignores signals that it does not listen for.
    let shutdown = {
        let _inside = runtime.enter();
        Shutdown::on_signals().context("could not listen for signals")?
    };
    let processor = match build::processor(&config) {
        Ok(processor) => processor,
        Err(error) => {
            tracing::error!(error = %error, "classification data cannot be used");
            return Ok(ExitCode::from(exit::CONFIG));
        }
    };
    let done = runtime.block_on(async {
        let listen = config.health.listen.clone();
        let worker = Worker::new(config, processor);
        if !listen.is_empty() {
            let address = listen.parse().context("health.listen")?;
            let serve = health::serve(address, worker.health(), worker.ledger(), shutdown.immediate.clone());
            // A worker without its port would be unobservable: better not to start, and to say why.
            if let Err(error) = serve.await {
                let hint = "another worker or service may use it; set another port, or \"\" to turn health off";
                tracing::error!(%error, hint, "could not listen on health.listen = {listen:?}");
                return Ok(None);
            }
        }
        let ledger = worker.ledger();
        // On a thread of the runtime rather than this one: each delivery is begun where it is handled.
        let ended = tokio::spawn(async move { worker.run(&shutdown).await }).await.context("the worker panicked")?;
        anyhow::Ok(Some((ended, ledger)))
    })?;
    // Whatever is still running is abandoned.
    runtime.shutdown_background();
    Ok(done.map_or(ExitCode::from(exit::CONFIG), |(ended, ledger)| close_books(ended, &ledger)))
}

/// A panic's message may quote the document it tripped over; where it happened does not.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        tracing::error!(location = panic.location().map(tracing::field::display), "panicked");
    }));
}

/// Prints what became of every document and gives the exit code.
fn close_books(ended: Ended, ledger: &Ledger) -> ExitCode {
    let balance = ledger.balance();
    let total = balance.total;
    tracing::info!(
        received = total.received,
        published = total.published,
        skipped = total.skipped,
        retried = total.retried,
        dead_lettered = total.dead_lettered,
        requeued = total.requeued,
        unsettled = total.unsettled,
        in_flight = total.in_flight,
        residue = %total.residue(),
        events = total.events,
        parked = total.parked,
        "ledger at exit"
    );
    // The exit code reports the ledger, and so does the log above.
    if let Err(error) = output::print_json(&balance) {
        tracing::warn!(error = %chain(&error), "could not print the ledger");
    }
    if ended == Ended::Incomplete || total.residue() != 0 || total.in_flight != 0 {
        return ExitCode::from(exit::RESIDUE);
    }
    ExitCode::SUCCESS
}
