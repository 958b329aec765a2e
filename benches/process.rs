//! What one document costs on one core, from bytes to events, beside a fixed reference loop: `cargo bench --bench
//! process`.

#[expect(clippy::print_stdout, reason = "a bench reports on standard output")]
mod reference;

use std::hint::black_box;

use dateline::daemon::build;
use dateline::daemon::config::Config;
use dateline::message::Incoming;
use dateline::processing::Processor;
use dateline::processing::outcome::Outcome;
use reference::Subject;

fn main() {
    let processor = build::processor(&Config::default()).expect("the data compiled in can be used");
    let article = message(&processor, include_bytes!("data/article.txt"), 1);
    let digest = message(&processor, include_bytes!("data/digest.txt"), 18);
    reference::compare(vec![
        Subject::new("article of 3 KB", || drop(black_box(processor.process(black_box(&article))))),
        Subject::new("digest of 18 items", || drop(black_box(processor.process(black_box(&digest))))),
    ]);
}

/// A message with that body, which must yield this number of events.
fn message(processor: &Processor, body: &[u8], items: usize) -> Incoming {
    let message = Incoming { body: body.to_vec().into(), ..Incoming::default() };
    let Outcome::Publish(composed) = processor.process(&message) else { panic!("the document is good") };
    assert_eq!(composed.events.len(), items);
    message
}
