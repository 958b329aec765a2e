//! The events of a document as a table for people.

use comfy_table::{Attribute, Cell, Color};

use crate::cli::table::{self, Column};
use crate::document::{ItemKind, Region, Role, Topic};
use crate::event::cloudevent::Event;
use crate::message::{Outgoing, Properties, Target};
use crate::processing::Processed;

/// Characters of a headline shown.
const HEADLINE_CHARS_MAX: usize = 90;

/// Regions or topics shown of each item.
const SHOWN_MAX: usize = 4;

/// The columns of a document's events.
const COLUMNS: [Column; 5] = [("#", 4), ("kind", 10), ("headline", 20), ("regions", 12), ("topics", 16)];

/// One table a document, a row an item, as one message.
pub(super) fn as_table(processed: &Processed) -> Vec<Outgoing> {
    let mut table = table::fitted(&COLUMNS);
    for (number, event) in (1..).zip(&processed.events) {
        table.add_row(row(number, event));
    }
    let (key, items) = (&processed.key, processed.events.len());
    let noun = if items == 1 { "item" } else { "items" };
    let body = format!("{} · {items} {noun} · {}\n{table}", key.source, key.name.id).into_bytes();
    vec![Outgoing {
        target: Target::Events,
        routing_key: String::new(),
        properties: Properties::default(),
        body: body.into(),
    }]
}

fn row(number: u64, event: &Event) -> Vec<Cell> {
    let data = &event.data;
    let kind = match data.kind {
        ItemKind::Article => Cell::new("article").fg(Color::Cyan),
        ItemKind::Headline => Cell::new("headline").fg(Color::Blue),
    };
    let headline = Cell::new(headline(event)).add_attribute(Attribute::Bold);
    let regions =
        ranked(&data.classification.regions, |region: &Region| (region.code.as_str(), region.role, region.confidence));
    let topics =
        ranked(&data.classification.topics, |topic: &Topic| (topic.name.as_str(), topic.role, topic.confidence));
    let (regions, topics) = match data.classification.review {
        true => (Cell::new(regions).fg(Color::Yellow), Cell::new(format!("{topics}\n(review)")).fg(Color::Yellow)),
        false => (Cell::new(regions).fg(Color::Green), Cell::new(topics).fg(Color::Green)),
    };
    vec![table::number(number), kind, headline, regions, topics]
}

/// The headline, or the beginning of the body.
fn headline(event: &Event) -> String {
    let item = &event.data.item;
    let text = item.headlines.first().or(item.bodies.first()).map_or("", |text| text.value.as_str());
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(HEADLINE_CHARS_MAX) {
        Some((cut, _)) => format!("{}…", &line[..cut]),
        None => line.to_owned(),
    }
}

/// Names and confidences, best first; what is only mentioned is in brackets.
fn ranked<T>(ranked: &[T], parts: impl Fn(&T) -> (&str, Role, f64)) -> String {
    if ranked.is_empty() {
        return "—".to_owned();
    }
    let mut lines: Vec<String> = ranked
        .iter()
        .take(SHOWN_MAX)
        .map(|one| {
            let (name, role, confidence) = parts(one);
            let percent = (confidence * 100.0).round();
            if role == Role::Primary { format!("{name} {percent}%") } else { format!("({name} {percent}%)") }
        })
        .collect();
    if ranked.len() > SHOWN_MAX {
        lines.push(format!("+{}", ranked.len() - SHOWN_MAX));
    }
    lines.join("\n")
}
