//! Dateline in a program of one's own, without broker or runtime: `cargo run --example embed -- FILE…`
//!
//! Prints, for each item of each file, its kind, the country and the topic it is about, and its first words.

use std::error::Error;
use std::io::Write as _;

use dateline::{Dateline, Raw};

fn main() -> Result<(), Box<dyn Error>> {
    // Loads the data compiled in, once; clones share it, and any number of threads may read with it.
    let dateline = Dateline::builtin();
    let mut stdout = std::io::stdout().lock();
    for file in std::env::args().skip(1) {
        let body = std::fs::read(&file)?;
        let events = match dateline.read(&Raw::new(&body).source("embedded")) {
            Ok(events) => events,
            Err(fault) => {
                writeln!(stdout, "{file}: {}: {fault}", fault.reason)?;
                continue;
            }
        };
        for event in &events {
            let (item, found) = (&event.data.item, &event.data.classification);
            let region = found.regions.first().map_or("-", |region| &region.name);
            let topic = found.topics.first().map_or("-", |topic| &topic.name);
            let text = item.headlines.first().or(item.bodies.first()).map_or("", |text| &text.value);
            let opening: String = text.chars().take(60).collect();
            writeln!(stdout, "{:8}  {region:20}  {topic:30}  {opening}", event.data.kind.as_str())?;
        }
    }
    Ok(())
}
