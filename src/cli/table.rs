//! Tables for people: how they fit a terminal, and the events of a document as one.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width};

use crate::document::{ItemKind, Region, Role, Topic};
use crate::event::cloudevent::Event;
use crate::message::Outgoing;

/// Characters of a headline shown.
const HEADLINE_CHARS_MAX: usize = 90;

/// Regions or topics shown of each item.
const SHOWN_MAX: usize = 4;

/// Width drawn for when the terminal tells none, or one that no terminal has.
const WIDTH_UNKNOWN: u16 = 100;

/// A terminal that says it is narrower than this does not know.
const WIDTH_BELIEVED_MIN: u16 = 20;

/// The columns of a document's events.
const COLUMNS: [Column; 5] = [("#", 4), ("kind", 10), ("headline", 20), ("regions", 12), ("topics", 16)];

/// The head of a column and its least width; a terminal narrower than all of them breaks the lines itself.
pub(super) type Column = (&'static str, u16);

/// An empty table as wide as the terminal, and never too narrow to be read.
pub(super) fn new(columns: &[Column]) -> Table {
    let terminal = Table::new().width();
    of_width(columns, terminal)
}

fn of_width(columns: &[Column], terminal: Option<u16>) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(columns.iter().map(|(head, _)| *head));
    let width = terminal.filter(|width| *width >= WIDTH_BELIEVED_MIN).unwrap_or(WIDTH_UNKNOWN);
    table.set_width(width.max(columns.iter().map(|(_, width)| width).sum()));
    for (column, (_, width)) in table.column_iter_mut().zip(columns) {
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(*width)));
    }
    table
}

/// One table a document, a row an item.
pub(super) fn table(events: &[&Outgoing]) -> Vec<u8> {
    let events: Vec<Event> = events.iter().filter_map(|event| serde_json::from_slice(&event.body).ok()).collect();
    let Some(first) = events.first() else { return Vec::new() };
    let document = &first.data.document;
    let mut table = new(&COLUMNS);
    for event in &events {
        table.add_row(row(event));
    }
    let items = if document.items == 1 { "item" } else { "items" };
    format!("{} · {} {items} · {}\n{table}\n", document.source, document.items, document.id).into_bytes()
}

fn row(event: &Event) -> Vec<Cell> {
    let data = &event.data;
    let kind = match data.kind {
        ItemKind::Article => Cell::new("article").fg(Color::Cyan),
        ItemKind::Headline => Cell::new("headline").fg(Color::Blue),
    };
    let headline = Cell::new(headline(event)).add_attribute(Attribute::Bold);
    let regions =
        ranked(&data.classification.regions, |region: &Region| (&region.code, region.role, region.confidence));
    let topics = ranked(&data.classification.topics, |topic: &Topic| (&topic.name, topic.role, topic.confidence));
    let (regions, topics) = match data.classification.review {
        true => (Cell::new(regions).fg(Color::Yellow), Cell::new(format!("{topics}\n(review)")).fg(Color::Yellow)),
        false => (Cell::new(regions).fg(Color::Green), Cell::new(topics).fg(Color::Green)),
    };
    let ordinal = Cell::new(data.document.ordinal + 1).set_alignment(CellAlignment::Right);
    vec![ordinal, kind, headline, regions, topics]
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

/// Names and confidences, best first; what is only mentioned stands in brackets.
fn ranked<T>(ranked: &[T], parts: impl Fn(&T) -> (&String, Role, f64)) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(terminal: Option<u16>, lines_max: usize) {
        let mut table = of_width(&COLUMNS, terminal);
        let headline = "Glacier Lake Drains Overnight in Iceland, Flooding the Ring Road for the Third Time This Year";
        table.add_row(["17", "headline", headline, "IS 93%", "disaster, accident and emergency incident 81%"]);
        let drawn = table.to_string();
        assert!(drawn.contains("headline") && drawn.contains("Glacier Lake"), "{terminal:?}\n{drawn}");
        assert!(drawn.lines().count() <= lines_max, "{terminal:?}\n{drawn}");
    }

    #[test]
    fn a_table_can_be_read_whatever_the_terminal_says_of_its_width() {
        check(None, 8);
        check(Some(0), 8);
        check(Some(1), 8);
        check(Some(20), 14);
        check(Some(80), 10);
        check(Some(200), 6);
    }
}
