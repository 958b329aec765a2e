//! Loops over other clients, each with a trivial match: installed from their registries where that can be done.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use testbed::drain::Drained;

use crate::worker::seed;
use crate::{Bench, PREFETCH, Turn};

/// A contender in another language.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    program: PathBuf,
    script: PathBuf,
}

impl Peer {
    /// Those that can be had here; of the others it is said why not.
    pub(crate) fn installed() -> Vec<Peer> {
        let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-peers");
        fs::create_dir_all(&tools).expect("cargo's directory can be written");
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/broker");
        let venv = tools.join("venv");
        let python = run("python3", &["-m", "venv", &text(&venv)], &tools)
            .and_then(|()| run(&text(&venv.join("bin/pip")), &["install", "--quiet", "aio-pika==10.2.1"], &tools))
            .map(|()| Peer { name: "aio-pika", program: venv.join("bin/python"), script: scripts.join("peer.py") });
        // Node looks for modules beside the script.
        let script = tools.join("peer.js");
        let node = fs::copy(scripts.join("peer.js"), &script)
            .map_err(|error| error.to_string())
            .and_then(|_| run("npm", &["install", "--silent", "--no-save", "amqplib@2.3.1"], &tools))
            .map(|()| Peer { name: "amqplib", program: "node".into(), script });
        [("aio-pika", python), ("amqplib", node)].into_iter().filter_map(|(name, peer)| said(name, peer)).collect()
    }

    /// One turn: the peer prints documents per second and microseconds of CPU per document.
    pub(crate) fn turn(&self, bench: &Bench<'_>, event: &Drained) -> Turn {
        let url = bench.node.amqp_url();
        bench.runtime.block_on(seed(&url, bench.case, bench.case.documents));
        let (documents, events) = (bench.case.documents.to_string(), bench.case.events.to_string());
        let (prefetch, bytes) = (PREFETCH.to_string(), event.body.len().to_string());
        let arguments = [url.as_str(), &documents, &events, &prefetch, &bytes, &event.routing_key];
        let output = Command::new(&self.program).arg(&self.script).args(arguments).output().expect("it is installed");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut numbers = printed.split_whitespace().map(|number| number.parse::<f64>().ok());
        let rate = numbers.next().flatten();
        let rate = rate.unwrap_or_else(|| panic!("{}: {}", self.name, String::from_utf8_lossy(&output.stderr)));
        Turn { rate, cpu: numbers.next().flatten() }
    }
}

fn said(name: &str, peer: Result<Peer, String>) -> Option<Peer> {
    let error = match peer {
        Ok(peer) => return Some(peer),
        Err(error) => error,
    };
    writeln!(std::io::stdout(), "not run: {name}: {error}").expect("somebody reads this");
    None
}

fn run(program: &str, arguments: &[&str], directory: &Path) -> Result<(), String> {
    let output = Command::new(program).args(arguments).current_dir(directory).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned();
    if output.status.success() { Ok(()) } else { Err(format!("{program}: {said}")) }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
