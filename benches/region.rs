//! What region classification costs on one core: loading, one article, one headline, and the memory it keeps.
//!
//! `cargo bench --bench region`

mod resident;

use std::hint::black_box;

use dateline::classify::Context;
use dateline::classify::region::RegionClassifier;
use dateline::classify::text::Text;

/// A made-up report, repeated to three kilobytes.
const REPORT: &str = "The harbour of Lagos reopened on Tuesday after a week of talks between the Nigerian transport \
ministry and dock workers, officials in Abuja said. Ships from Ghana and Ivory Coast had waited off the coast while \
the two sides argued about night shifts. A spokeswoman for the port said that the first vessel, loaded with cement \
from Turkey, was unloaded before noon. Traders in Ibadan and Kano welcomed the news, although prices are likely to \
stay high until the end of the month. The union said it would come back to the table if the promises were not kept. ";
const ARTICLE_BYTES: usize = 3000;

fn main() {
    resident::show_added(RegionClassifier::builtin);
    divan::main();
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn load() -> RegionClassifier {
    RegionClassifier::builtin()
}

#[divan::bench]
fn article_of_3_kb(bencher: divan::Bencher<'_, '_>) {
    let body: String = REPORT.chars().cycle().take(ARTICLE_BYTES).collect();
    bench_classify(bencher, "Lagos harbour reopens after talks", &body);
}

#[divan::bench]
fn headline(bencher: divan::Bencher<'_, '_>) {
    bench_classify(bencher, "Lagos harbour reopens after talks", "");
}

fn bench_classify(bencher: divan::Bencher<'_, '_>, title: &str, body: &str) {
    let classifier = RegionClassifier::builtin();
    let text = Text::new(title, "", body);
    bencher.bench_local(|| classifier.classify(black_box(&text), &Context::default()));
}
