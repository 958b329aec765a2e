//! Shows why a text is filed under a country: each name found, what it could mean, what decided.

use std::fmt::Write as _;

use comfy_table::Table;

use crate::classify::region::explain::{Addition, ReadingExplanation, RegionExplanation, SpanExplanation};
use crate::cli::table;

/// An explanation for people.
pub(super) fn in_words(regions: &RegionExplanation) -> String {
    let mut shown = String::new();
    for span in &regions.spans {
        let place = format!("{:?} {}–{}", span.span.field, span.span.start, span.span.end).to_lowercase();
        line(&mut shown, &format!("{:<28} {place}", span.span.text));
        for reading in span.readings.iter().filter(|reading| reading.probability >= PROBABILITY_SHOWN_MIN) {
            line(&mut shown, &format!("    {}", reading_in_words(reading)));
        }
        line(&mut shown, &format!("    {:>4.0} %  not a place{}", span.not_a_place * 100.0, decided(span)));
        for add in &span.adds {
            line(&mut shown, &format!("    {}", addition_in_words(add)));
        }
    }
    line(&mut shown, &countries_table(regions).to_string());
    let listed = format!("Listed from a confidence of {} on, or when named often.", regions.listed);
    line(&mut shown, &listed);
    shown.trim_end().to_owned()
}

/// A reading less likely than this is not worth a line.
const PROBABILITY_SHOWN_MIN: f32 = 0.005;

fn line(shown: &mut String, line: &str) {
    writeln!(shown, "{line}").expect("writing to a string does not fail");
}

fn reading_in_words(reading: &ReadingExplanation) -> String {
    let country = reading.country.as_deref().unwrap_or("–");
    let within = reading.subdivision.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
    let chance = reading.probability * 100.0;
    format!("{chance:>4.0} %  {country} {}{within}, prior {:.1}  ({})", reading.kind, reading.prior, reading.entry)
}

fn decided(span: &SpanExplanation) -> String {
    let signs: Vec<String> = span.signs.iter().map(|sign| format!("{} {:+}", sign.name, sign.weight)).collect();
    if signs.is_empty() { String::new() } else { format!("  [{}]", signs.join("; ")) }
}

fn addition_in_words(add: &Addition) -> String {
    let country = add.country.as_deref().unwrap_or_default();
    format!("→ {country} {:+.2}  ({} {:.2} × {:.2})", add.amount * add.weight, add.feature, add.amount, add.weight)
}

fn countries_table(regions: &RegionExplanation) -> Table {
    let mut table = table::unfitted(&["country", "score", "confidence", "mentions", "and as a whole"]);
    for country in &regions.countries {
        let extras: Vec<String> =
            country.extras.iter().map(|add| format!("{} {:+.2}", add.feature, add.amount * add.weight)).collect();
        table.add_row([
            format!("{} {}", country.code, country.name),
            format!("{:.2}", country.score),
            format!("{:.3}", country.confidence),
            format!("{:.1}", country.mentions),
            extras.join(", "),
        ]);
    }
    table
}
