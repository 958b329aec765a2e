//! One reader for each raw format.

pub(super) mod digest;
pub(super) mod envelope;
