//! How far each part of a decision counts for one item. An item of a kind that the model was trained on holds many
//! pairs it knows, and its words then deserve more trust than its phrases; an item from elsewhere is the reverse. The
//! numbers are fitted in `training/topics.py` on rows that the model had not seen and are part of the model's file.

use super::model::Reading;
use super::tally::Tally;

/// Parts that add up to a decision: terms, word vectors, the title's phrases and the body's.
pub(super) const PARTS: usize = 4;

/// Numbers that tell what is known of an item.
pub(super) const SIGNALS: usize = 7;

/// Bounds of a scale's logarithm, so that no hostile item reaches beyond what was fitted.
const LOG_MIN: f32 = -6.0;
const LOG_MAX: f32 = 4.0;

/// What each signal adds to the logarithm of each part's scale.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    pub(super) rows: [[f32; SIGNALS]; PARTS],
}

/// What each part counts for one item. Calibration is in them: what they scale adds up to log odds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scales {
    pub(super) terms: f32,
    pub(super) vectors: f32,
    pub(super) title: f32,
    pub(super) body: f32,
}

impl Settings {
    /// The scales for an item.
    pub(super) fn scales(&self, reading: &Reading, tally: &Tally) -> Scales {
        let signals = signals(reading, tally);
        let [terms, vectors, title, body] = self.rows.map(|row| {
            let log: f32 = row.iter().zip(signals).map(|(weight, signal)| weight * signal).sum();
            log.clamp(LOG_MIN, LOG_MAX).exp()
        });
        Scales { terms, vectors, title, body }
    }
}

/// The same numbers as `signals` of `training/topics.py`.
fn signals(reading: &Reading, tally: &Tally) -> [f32; SIGNALS] {
    [
        1.0,
        (tally.words_in_all() as f32).ln_1p(),
        f32::from(u8::from(tally.words[1] > 0)),
        reading.words_known,
        reading.pairs_known,
        // Their number, not their weight: an editor's heavy term must not make all phrases of an item count less.
        (tally.hits.len() as f32).ln_1p(),
        f32::from(u8::from(tally.lower)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::text::Text;
    use crate::classify::topic::lexicon::Lexicon;
    use crate::classify::topic::taxonomy::Taxonomy;

    fn scales(settings: Settings, reading: &Reading) -> Scales {
        let taxonomy = Taxonomy::media_topics();
        let tally = Tally::of(&Text::new("Rates rise", "", "Twice."), &Lexicon::new(), &taxonomy);
        settings.scales(reading, &tally)
    }

    #[test]
    fn each_part_follows_its_own_signals() {
        let mut rows = [[0.0; SIGNALS]; PARTS];
        rows[0][4] = 2.0;
        rows[3][1] = -1.0;
        let mut reading = Reading::default();
        reading.pairs_known = 0.5;
        let found = scales(Settings { rows }, &reading);
        assert!((found.terms - 1.0f32.exp()).abs() < 1e-6, "{found:?}");
        assert_eq!((found.vectors, found.title), (1.0, 1.0));
        assert!((found.body - 0.25).abs() < 1e-6, "three words: {found:?}");
    }

    #[test]
    fn a_scale_stays_within_its_bounds() {
        let found = scales(Settings { rows: [[1e30; SIGNALS]; PARTS] }, &Reading::default());
        assert_eq!(found.terms, LOG_MAX.exp());
        let found = scales(Settings { rows: [[-1e30; SIGNALS]; PARTS] }, &Reading::default());
        assert_eq!(found.body, LOG_MIN.exp());
    }
}
