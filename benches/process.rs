//! What one document costs on one core, from bytes to events: `cargo bench --bench process`.

use std::sync::LazyLock;

use dateline::daemon::build;
use dateline::daemon::config::Config;
use dateline::message::Incoming;
use dateline::processing::Processor;
use dateline::processing::outcome::Outcome;
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};

static PROCESSOR: LazyLock<Processor> =
    LazyLock::new(|| build::processor(&Config::default()).expect("the data compiled in can be used"));

fn main() {
    LazyLock::force(&PROCESSOR);
    divan::main();
}

/// An article of 3 KB.
#[divan::bench]
fn article(bencher: Bencher) {
    bench(bencher, include_bytes!("data/article.txt"), 1);
}

/// A digest of one article and seventeen headlines.
#[divan::bench]
fn digest(bencher: Bencher) {
    bench(bencher, include_bytes!("data/digest.txt"), 18);
}

fn bench(bencher: Bencher, body: &[u8], items: usize) {
    let message = Incoming { body: body.to_vec(), ..Incoming::default() };
    let Outcome::Publish(composed) = PROCESSOR.process(&message) else { panic!("the document is good") };
    assert_eq!(composed.events.len(), items);
    bencher
        .counter(BytesCount::of_slice(body))
        .counter(ItemsCount::new(items))
        .bench(|| PROCESSOR.process(divan::black_box(&message)));
}
