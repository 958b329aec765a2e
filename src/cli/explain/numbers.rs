//! The numbers behind an explanation, for whoever changes weights.

use crate::classify::Explanation;
use crate::classify::region::explain::{Addition, RegionExplanation, SpanExplanation};
use crate::classify::topic::{Knower, TopicExplanation};
use crate::cli::table::{self, Column};

/// A reading less likely than this is not shown.
const PROBABILITY_MIN: f32 = 0.005;

/// Top levels shown.
const TOPS_MAX: usize = 5;

const COUNTRIES: [Column; 5] =
    [("country", 12), ("score", 8), ("confidence", 12), ("mentions", 10), ("and as a whole", 20)];

const READINGS: [Column; 6] =
    [("name", 12), ("could be", 16), ("chance", 8), ("prior", 7), ("entry", 16), ("adds", 16)];

const TOPS: [Column; 5] = [("topic", 16), ("probability", 13), ("model", 8), ("lexicon", 9), ("sections", 10)];

const TERMS: [Column; 5] = [("term", 12), ("by", 9), ("counts for", 16), ("weight", 8), ("entry", 16)];

/// Tables of what `words` says in sentences.
pub(super) fn tables(explanation: &Explanation) -> String {
    let (regions, topics) = (&explanation.regions, &explanation.topics);
    let [title, body] = topics.words;
    let known = topics.words_known;
    format!(
        "\nCountries in numbers, listed from a confidence of {}\n{}\n\nNames in numbers\n{}\n\nTop levels in numbers\n\
         {}\n\nTerms in numbers: {title} words of the title and {body} of the body were read, {known} of them known to \
         the model\n{}\n",
        regions.listed,
        countries(regions),
        readings(&regions.spans),
        tops(topics),
        terms(topics)
    )
}

fn countries(regions: &RegionExplanation) -> comfy_table::Table {
    let mut table = table::fitted(&COUNTRIES);
    for country in &regions.countries {
        table.add_row([
            format!("{} ({})", country.name, country.code).into(),
            table::number(format_args!("{:.2}", country.score)),
            table::number(format_args!("{:.3}", country.confidence)),
            table::number(format_args!("{:.1}", country.mentions)),
            country.extras.iter().map(addition).collect::<Vec<_>>().join("\n").into(),
        ]);
    }
    table
}

fn addition(add: &Addition) -> String {
    let country = add.country.as_deref().map(|code| format!("{code} ")).unwrap_or_default();
    format!("{country}{} {:+.2}", add.feature, add.amount * add.weight)
}

fn readings(spans: &[SpanExplanation]) -> comfy_table::Table {
    let mut table = table::fitted(&READINGS);
    for span in spans {
        let adds = span.adds.iter().map(addition);
        let signs = span.signs.iter().map(|sign| format!("not a place: {} {:+.2}", sign.name, sign.weight));
        let mut beside = adds.chain(signs).collect::<Vec<_>>().join("\n");
        let mut name = span.span.text.clone();
        for reading in span.readings.iter().filter(|reading| reading.probability >= PROBABILITY_MIN) {
            let within = reading.subdivision.as_deref().map(|code| format!(", {code}")).unwrap_or_default();
            let country = reading.country.as_deref().unwrap_or("no country");
            table.add_row([
                std::mem::take(&mut name).into(),
                format!("{}, {country}{within}", reading.kind).into(),
                table::number(format_args!("{:.3}", reading.probability)),
                table::number(format_args!("{:.1}", reading.prior)),
                reading.entry.to_string().into(),
                std::mem::take(&mut beside).into(),
            ]);
        }
        table.add_row([
            name.into(),
            "not a place".into(),
            table::number(format_args!("{:.3}", span.not_a_place)),
            "".into(),
            "".into(),
            comfy_table::Cell::new(beside),
        ]);
    }
    table
}

fn tops(topics: &TopicExplanation) -> comfy_table::Table {
    let mut table = table::fitted(&TOPS);
    for top in topics.tops.iter().take(TOPS_MAX) {
        let numbers = [top.model, top.lexicon, top.sections].map(|number| table::number(format_args!("{number:.2}")));
        let first =
            [format!("{} ({})", top.name, top.code).into(), table::number(format_args!("{:.3}", top.probability))];
        table.add_row(first.into_iter().chain(numbers));
    }
    table
}

fn terms(topics: &TopicExplanation) -> comfy_table::Table {
    let mut table = table::fitted(&TERMS);
    for term in &topics.terms {
        let by = match term.by {
            Knower::Lexicon => "lexicon",
            Knower::Model => "model",
        };
        table.add_row([
            term.span.text.as_str().into(),
            by.into(),
            format!("{} ({})", term.name, term.code).into(),
            table::number(format_args!("{:.2}", term.weight)),
            comfy_table::Cell::new(term.entry.as_ref().map(ToString::to_string).unwrap_or_default()),
        ]);
    }
    table
}
