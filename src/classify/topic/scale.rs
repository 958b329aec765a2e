//! How far each part of a decision counts for one item. An item of a kind that the model was trained on holds many
//! pairs it knows, and its words then deserve more trust than its phrases; an item from elsewhere is the reverse. The
//! numbers are fitted in `training/topics.py` on rows that the model had not seen and are part of the model's file.

/// Parts that add up to a decision: terms, word vectors, the title's phrases and the body's.
pub(super) const PARTS: usize = 4;

/// Numbers that describe an item; see `signals` of its parent.
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
    /// The scales for an item of these signals.
    pub(super) fn scales(&self, signals: &[f32; SIGNALS]) -> Scales {
        let [terms, vectors, title, body] = self.rows.map(|row| {
            let log: f32 = row.iter().zip(signals).map(|(weight, signal)| weight * signal).sum();
            log.clamp(LOG_MIN, LOG_MAX).exp()
        });
        Scales { terms, vectors, title, body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three words, half of whose pairs the model knows.
    const ITEM: [f32; SIGNALS] = [1.0, 1.386_294_4, 1.0, 0.0, 0.5, 0.0, 0.0];

    #[test]
    fn each_part_follows_its_own_signals() {
        let mut rows = [[0.0; SIGNALS]; PARTS];
        rows[0][4] = 2.0;
        rows[3][1] = -1.0;
        let found = Settings { rows }.scales(&ITEM);
        assert!((found.terms - 1.0f32.exp()).abs() < 1e-6, "{found:?}");
        assert_eq!((found.vectors, found.title), (1.0, 1.0));
        assert!((found.body - 0.25).abs() < 1e-6, "three words: {found:?}");
    }

    #[test]
    fn a_scale_stays_within_its_bounds() {
        let found = Settings { rows: [[1e30; SIGNALS]; PARTS] }.scales(&ITEM);
        assert_eq!(found.terms, LOG_MAX.exp());
        let found = Settings { rows: [[-1e30; SIGNALS]; PARTS] }.scales(&ITEM);
        assert_eq!(found.body, LOG_MIN.exp());
    }
}
