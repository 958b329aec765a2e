//! What came of the runs: one row a fault, and the sums.

use std::fmt;
use std::time::Duration;

use comfy_table::Table;
use comfy_table::presets::ASCII_MARKDOWN;

use testbed::oracle::Verdict;

/// Resident memory that a worker may have at any time.
const RESIDENT_BYTES_MAX: u64 = 150_000_000;

/// Longest time from the end of a cause until documents are handled again, on a busy machine.
const RECOVERY_MAX: Duration = Duration::from_secs(10);

/// The same for half of all runs.
const RECOVERY_MEDIAN_MAX: Duration = Duration::from_secs(2);

/// What came of one fault at one moment.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) name: &'static str,
    /// Documents settled when it was injected.
    pub(crate) offset: usize,
    pub(crate) verdict: Verdict,
    /// Dead letters of good documents that the fault does not explain.
    pub(crate) wronged: Vec<String>,
    /// Whether the last worker ended with 0 when asked to.
    pub(crate) ended_well: bool,
    /// Whether every worker survived to report what it did, and whether that is what was seen.
    pub(crate) ledger: (bool, bool),
    /// From the end of the cause until documents were handled again; `None` when they never were.
    pub(crate) recovery: Option<Duration>,
    /// Maximum resident memory of a worker that was asked to end.
    pub(crate) resident_bytes_max: u64,
}

impl Run {
    /// Whether all is as promised.
    pub(crate) fn is_clean(&self) -> bool {
        let Verdict { lost, strange, queued, .. } = &self.verdict;
        lost.is_empty()
            && strange.is_empty()
            && *queued == 0
            && self.wronged.is_empty()
            && self.ended_well
            && self.ledger.1
            && self.recovery.is_some_and(|recovery| recovery <= RECOVERY_MAX)
            && self.resident_bytes_max <= RESIDENT_BYTES_MAX
    }

    /// In a few words.
    pub(crate) fn outcome(&self) -> String {
        let Verdict { documents, lost, duplicates, .. } = &self.verdict;
        let recovery = self.recovery.map_or("never".to_owned(), seconds);
        let clean = if self.is_clean() { "" } else { " NOT AS PROMISED" };
        format!("{documents} documents, {} lost, {duplicates} duplicates, recovery {recovery}{clean}", lost.len())
    }
}

/// All runs, in the order they ended.
pub(crate) struct Summary(Vec<Run>);

impl FromIterator<Run> for Summary {
    fn from_iter<T: IntoIterator<Item = Run>>(runs: T) -> Summary {
        Summary(runs.into_iter().collect())
    }
}

impl Summary {
    /// Whether every run is as promised, and there was one.
    pub(crate) fn is_clean(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(Run::is_clean) && self.is_quick()
    }
}

impl Summary {
    fn is_quick(&self) -> bool {
        let mut recoveries: Vec<Duration> = self.0.iter().filter_map(|run| run.recovery).collect();
        recoveries.sort_unstable();
        recoveries.get(recoveries.len() / 2).is_some_and(|median| *median <= RECOVERY_MEDIAN_MAX)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        table.load_style(ASCII_MARKDOWN);
        table.set_header([
            "fault",
            "runs",
            "documents",
            "lost",
            "duplicates",
            "dead letters of good documents",
            "ledgers equal",
            "median recovery",
            "worst recovery",
        ]);
        let mut names: Vec<&str> = Vec::new();
        for run in &self.0 {
            if !names.contains(&run.name) {
                names.push(run.name);
            }
        }
        for name in &names {
            table.add_row(row(name, &self.0.iter().filter(|run| run.name == *name).collect::<Vec<_>>()));
        }
        table.add_row(row(&format!("{} faults", names.len()), &self.0.iter().collect::<Vec<_>>()));
        let resident = self.0.iter().map(|run| run.resident_bytes_max).max().unwrap_or(0) / 1_000_000;
        write!(formatter, "{table}\nresident memory of a worker at most {resident} MB")
    }
}

fn row(name: &str, runs: &[&Run]) -> [String; 9] {
    let sum = |count: fn(&Run) -> u64| runs.iter().map(|run| count(run)).sum::<u64>().to_string();
    let reported = runs.iter().filter(|run| run.ledger.0).count();
    let equal = runs.iter().filter(|run| run.ledger == (true, true)).count();
    let mut recoveries: Vec<Duration> = runs.iter().filter_map(|run| run.recovery).collect();
    recoveries.sort_unstable();
    let recovery = |at: usize| recoveries.get(at).copied().map_or("-".to_owned(), seconds);
    [
        name.to_owned(),
        runs.len().to_string(),
        sum(|run| run.verdict.documents as u64),
        sum(|run| run.verdict.lost.len() as u64),
        sum(|run| run.verdict.duplicates),
        sum(|run| run.verdict.wronged.values().sum::<usize>() as u64),
        format!("{equal} of {reported}"),
        recovery(recoveries.len() / 2),
        recovery(recoveries.len().saturating_sub(1)),
    ]
}

fn seconds(duration: Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}
