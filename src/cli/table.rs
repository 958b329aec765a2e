//! The style of every table: rules between the rows, and widths that fit the terminal.

use std::fmt::Display;

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, Width};

/// Width assumed when the terminal reports none, or an impossible one.
const WIDTH_UNKNOWN: u16 = 100;

/// Narrower widths that a terminal reports are not believed.
const WIDTH_BELIEVED_MIN: u16 = 20;

/// The head of a column and its minimum width; a terminal narrower than all of them breaks the lines itself.
pub(super) type Column = (&'static str, u16);

/// An empty table as wide as the terminal, and never too narrow to be read.
pub(super) fn fitted(columns: &[Column]) -> Table {
    let terminal = Table::new().width();
    of_width(columns, terminal)
}

/// An empty table as wide as its content, for figures that must not be broken.
pub(super) fn unfitted(heads: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_header(heads.to_vec());
    table
}

/// Width at which prose is wrapped: the terminal's, but no more than can be read with ease.
pub(super) fn text_width() -> usize {
    believed(Table::new().width()).min(WIDTH_UNKNOWN).into()
}

/// A cell whose digits line up with those above.
pub(super) fn number(number: impl Display) -> Cell {
    Cell::new(number).set_alignment(CellAlignment::Right)
}

fn of_width(columns: &[Column], terminal: Option<u16>) -> Table {
    let heads: Vec<&str> = columns.iter().map(|(head, _)| *head).collect();
    let mut table = unfitted(&heads);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(believed(terminal).max(columns.iter().map(|(_, width)| width).sum()));
    for (column, (_, width)) in table.column_iter_mut().zip(columns) {
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(*width)));
    }
    table
}

fn believed(terminal: Option<u16>) -> u16 {
    terminal.filter(|width| *width >= WIDTH_BELIEVED_MIN).unwrap_or(WIDTH_UNKNOWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 5] = [("#", 4), ("kind", 10), ("headline", 20), ("regions", 12), ("topics", 16)];

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
