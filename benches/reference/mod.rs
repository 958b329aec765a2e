//! A fixed amount of work to measure other work by: machines differ and are noisy, so only a ratio to this loop taken
//! in the same run can be compared from one commit to the next. It must never change, nor use code of this crate.

use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Words of the text that the loop counts.
const WORDS: [&str; 8] = ["harbour", "Minister", "said", "on", "Tuesday", "the", "agreement", "of"];

/// Length of the text in words: about 3 KB.
const WORDS_COUNT: usize = 500;

/// Rounds; in each, every subject has its turn.
const ROUNDS: usize = 7;

/// How long a subject's turn lasts.
const TURN: Duration = Duration::from_millis(60);

/// One pass: cuts a text into words, folds them and counts them in a hash table.
fn pass(text: &str) -> usize {
    let mut counts: HashMap<String, u32> = HashMap::new();
    for word in text.split_ascii_whitespace() {
        *counts.entry(word.to_lowercase()).or_default() += 1;
    }
    counts.len()
}

fn text() -> String {
    (0..WORDS_COUNT).map(|i| format!("{}{} ", WORDS[(i * 7 + i / 3) % WORDS.len()], i % 23)).collect()
}

/// Something to be timed.
pub(crate) struct Subject<'a> {
    pub(crate) name: &'static str,
    pub(crate) run: Box<dyn FnMut() + 'a>,
}

impl<'a> Subject<'a> {
    pub(crate) fn new(name: &'static str, run: impl FnMut() + 'a) -> Self {
        Subject { name, run: Box::new(run) }
    }
}

/// Times each subject beside the reference loop in interleaved rounds, and prints the medians: microseconds a run, and
/// runs of the loop that take as long.
pub(crate) fn compare(subjects: Vec<Subject<'_>>) {
    let text = text();
    let mut all = vec![Subject::new("reference loop", || {
        black_box(pass(black_box(&text)));
    })];
    all.extend(subjects);
    // `cargo test --benches` only asks whether this builds and runs.
    let (rounds, turn) =
        if std::env::args().any(|argument| argument == "--bench") { (ROUNDS, TURN) } else { (1, Duration::ZERO) };
    let rounds: Vec<Vec<f64>> =
        (0..rounds).map(|_| all.iter_mut().map(|subject| micros(&mut subject.run, turn)).collect()).collect();
    println!("{:24} {:>10} {:>10}", "median of rounds", "µs", "ratio");
    for (i, subject) in all.iter().enumerate() {
        let micros = median(rounds.iter().map(|round| round[i]).collect());
        let ratio = median(rounds.iter().map(|round| round[i] / round[0]).collect());
        println!("{:24} {micros:10.2} {ratio:10.3}", subject.name);
    }
}

/// Microseconds of one run, in the mean over a turn.
fn micros(run: &mut dyn FnMut(), turn: Duration) -> f64 {
    run();
    let began = Instant::now();
    let mut runs = 0u32;
    while runs == 0 || began.elapsed() < turn {
        run();
        runs += 1;
    }
    began.elapsed().as_secs_f64() * 1e6 / f64::from(runs)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
