//! What topic classification costs: an article of 3 KB, a headline, loading, hostile text of growing length, and the
//! memory it keeps.

mod resident;

use dateline::classify::Context;
use dateline::classify::text::Text;
use dateline::classify::topic::TopicClassifier;

fn main() {
    resident::show_added(TopicClassifier::builtin);
    divan::main();
}

/// Paragraphs of a made-up story, repeated to the length of an agency story.
const PARAGRAPHS: [&str; 4] = [
    "The port authority said on Tuesday that talks with the dockworkers' union had broken off after nine hours, and \
     that container traffic would be diverted to two smaller harbours for as long as the walkout lasts. ",
    "Shipping companies warned of delays of up to two weeks. Exporters of fruit and cut flowers, who depend on quick \
     clearance, asked the government to step in before the harvest reaches its peak at the end of the month. ",
    "The union wants a raise of nine percent over two years and a limit on night shifts. The employers offered five \
     percent and called the demand out of touch with the state of the economy. A mediator is to meet both sides. ",
    "Heavy rain and strong winds kept smaller vessels in harbour for a third day, and the coast guard rescued the crew \
     of a trawler that had lost its engine. Forecasters expect the storm to pass by Thursday evening. ",
];

const HEADLINE: &str = "Dockworkers Walk Out Over Night Shifts as Talks With Port Authority Collapse";

const ARTICLE_BYTES: usize = 3 * 1024;

fn article() -> String {
    PARAGRAPHS
        .iter()
        .cycle()
        .scan(0, |bytes, paragraph| {
            *bytes += paragraph.len();
            (*bytes < ARTICLE_BYTES + paragraph.len()).then_some(*paragraph)
        })
        .collect()
}

#[divan::bench]
fn article_of_3_kb(bencher: divan::Bencher<'_, '_>) {
    let (classifier, body) = (TopicClassifier::builtin(), article());
    let text = Text::new(HEADLINE, "", &body);
    bencher.bench(|| classifier.classify(divan::black_box(&text), &Context::default()));
}

#[divan::bench]
fn headline(bencher: divan::Bencher<'_, '_>) {
    let classifier = TopicClassifier::builtin();
    let text = Text::new(HEADLINE, "", "");
    bencher.bench(|| classifier.classify(divan::black_box(&text), &Context::default()));
}

#[divan::bench(sample_count = 20)]
fn load() -> TopicClassifier {
    TopicClassifier::builtin()
}

/// Nothing but words that begin phrases: the cost must grow with the length, not faster, and stop at the words read.
#[divan::bench(args = [1 << 12, 1 << 16, 1 << 20])]
fn hostile(bencher: divan::Bencher<'_, '_>, bytes: usize) {
    let classifier = TopicClassifier::builtin();
    let body = "peace talks strike war ".repeat(bytes / 23);
    let text = Text::new("", "", &body);
    bencher.bench(|| classifier.classify(divan::black_box(&text), &Context::default()));
}
