//! The library without the worker: what whoever embeds it has to build.

use std::process::Command;

/// Crates that a news library does not need.
const OF_THE_WORKER: [&str; 7] = ["tokio", "lapin", "axum", "clap", "ureq", "tracing-subscriber", "config"];

#[test]
fn without_the_worker_there_is_no_runtime_no_broker_and_no_command_line_in_the_tree() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--no-default-features", "--edges", "normal", "--prefix", "none", "--offline", "--locked"])
        .args(["--package", "dateline", "--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")])
        .output()
        .expect("cargo runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).expect("names of crates are text");
    let crates: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(crates.contains(&"dateline") && crates.contains(&"serde_json"), "{crates:?}");
    let found: Vec<&&str> = OF_THE_WORKER.iter().filter(|name| crates.contains(*name)).collect();
    assert!(found.is_empty(), "{found:?} in the tree of the news library");
}
