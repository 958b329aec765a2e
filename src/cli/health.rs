//! `dateline health`: asks a running worker whether it is ready, for container health checks without a shell.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;

use super::{load_config, output};

/// Longest time for the worker to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);

/// Longest answer read.
const ANSWER_BYTES_MAX: u64 = 16 * 1024;

/// Ask the worker of this configuration whether it is ready
#[derive(Debug, Args)]
pub(super) struct HealthArgs {
    /// Configuration file; without it, the defaults and the environment
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Ask only whether it lives
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
    let answer = ask(address, path).with_context(|| format!("no answer from http://{address}{path}"))?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    output::print(format!("{}\n", body.trim_end()))?;
    Ok(if answer.starts_with("HTTP/1.1 200") { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One request of one line does not need a client.
fn ask(address: SocketAddr, path: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect_timeout(&reachable(address), ANSWER_TIMEOUT)?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(ANSWER_BYTES_MAX).read_to_string(&mut answer)?;
    Ok(answer)
}

/// A worker that listens on every address is asked on the loopback one.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() });
    }
    address
}
