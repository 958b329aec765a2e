//! The filters of `dateline dlq` on the command line.

use clap::Args;
use clap::builder::PossibleValuesParser;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::dead_letters::reason;
use crate::dead_letters::select::Filters;

/// Filters; a letter must pass all that are given, and one of the values where several are.
#[derive(Debug, Clone, Args)]
pub(super) struct FilterArgs {
    /// Only letters with this reason, as `dateline reasons` lists them; may be repeated
    #[arg(long = "reason", value_name = "REASON", value_parser = reasons(), hide_possible_values = true)]
    reasons: Vec<String>,
    /// Only letters from this feed; may be repeated
    #[arg(long = "source", value_name = "NAME")]
    sources: Vec<String>,
    /// Only the letter with this message id, document id or digest; may be repeated
    #[arg(long = "id", value_name = "ID")]
    ids: Vec<String>,
    /// Only letters that first failed before this: an age (2h, 3days) or an RFC 3339 time
    #[arg(long, value_name = "TIME", value_parser = past)]
    older_than: Option<Timestamp>,
    /// Only letters that first failed after this: an age (2h, 3days) or an RFC 3339 time
    #[arg(long, value_name = "TIME", value_parser = past)]
    newer_than: Option<Timestamp>,
    /// Maximum number of letters
    #[arg(long, value_name = "COUNT")]
    limit: Option<u64>,
}

impl From<FilterArgs> for Filters {
    fn from(args: FilterArgs) -> Filters {
        let FilterArgs { reasons, sources, ids, older_than, newer_than, limit } = args;
        Filters { reasons, sources, ids, older_than, newer_than, limit }
    }
}

fn reasons() -> PossibleValuesParser {
    PossibleValuesParser::new(reason::codes())
}

fn past(text: &str) -> Result<Timestamp, String> {
    past_from(text, Timestamp::now())
}

/// A point in time as a user gives it, seen from `now`.
fn past_from(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let expected = || format!("expected an age such as 2h or 3days, or a time such as {now:.0}");
    let age: Span = text.parse().map_err(|_| expected())?;
    let then = now.to_zoned(TimeZone::UTC).checked_sub(age.abs()).map_err(|_| expected())?;
    Ok(then.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let now = "2025-12-14T09:30:00Z".parse().expect("a time");
        let expected = expected.map(|text| text.parse::<Timestamp>().expect("a time"));
        assert_eq!(past_from(text, now).ok(), expected, "{text:?}");
    }

    #[test]
    fn a_time_is_given_as_an_age_or_as_an_instant() {
        check("2h", Some("2025-12-14T07:30:00Z"));
        check("3days", Some("2025-12-11T09:30:00Z"));
        check("1h 30m", Some("2025-12-14T08:00:00Z"));
        check("90s", Some("2025-12-14T09:28:30Z"));
        check("1year", Some("2024-12-14T09:30:00Z"));
        check("1970-01-01T00:01:00Z", Some("1970-01-01T00:01:00Z"));
        check("2025-12-14T10:30:00+02:00", Some("2025-12-14T08:30:00Z"));
        check("yesterday", None);
        check("2", None);
        check("99999years", None);
    }

    #[test]
    fn what_is_not_a_time_is_told_what_would_be() {
        let now = "2025-12-14T09:30:00Z".parse().expect("a time");
        let says = past_from("soon", now).expect_err("not a time");
        assert_eq!(says, "expected an age such as 2h or 3days, or a time such as 2025-12-14T09:30:00Z");
    }
}
