//! `dateline health`: asks a running worker whether it is ready, for container health checks without a shell.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;

use super::{load_config, output};

/// Maximum time for the worker to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);

/// Maximum number of bytes read of an answer.
const ANSWER_BYTES_MAX: u64 = 16 * 1024;

/// Ask the worker of this configuration whether it is ready
#[derive(Debug, Args)]
pub(super) struct HealthArgs {
    /// Configuration file; without it, the defaults and the environment
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Ask only whether it is alive
    #[arg(long)]
    live: bool,
}

pub(super) fn run(args: &HealthArgs) -> anyhow::Result<ExitCode> {
    let config = match load_config(args.config.as_deref()) {
        Ok(config) => config,
        Err(code) => return Ok(code),
    };
    let address: SocketAddr = config.health.listen.parse().context("health.listen is empty: nothing to ask")?;
    let path = if args.live { "/livez" } else { "/readyz" };
    let url = format!("http://{}{path}", reachable(address));
    let (ready, says) = ask(&url).with_context(|| format!("no answer from {url}"))?;
    output::print(format!("{}\n", says.trim_end()))?;
    Ok(if ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether the answer is yes, and what it says. No proxy is asked between a worker and its health check.
fn ask(url: &str) -> Result<(bool, String), ureq::Error> {
    let config = ureq::Agent::config_builder().timeout_global(Some(ANSWER_TIMEOUT)).http_status_as_error(false);
    let mut answer = config.proxy(None).build().new_agent().get(url).call()?;
    let says = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string()?;
    Ok((answer.status().is_success(), says))
}

/// A worker that listens on every address is asked on the loopback one.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    address
}
