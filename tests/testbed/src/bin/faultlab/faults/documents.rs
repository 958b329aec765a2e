//! What documents do to a worker.

use crate::scene::Scene;
use testbed::documents::{asking_for, raw};

/// Deaths that one poison may cause, and some to spare.
const STARTS_MAX: usize = 8;

pub(super) fn malformed(scene: &mut Scene<'_>) {
    let wave = scene.waves();
    scene.newsroom.seed(&[
        raw(&format!("oversized-{wave}"), "text/plain", "Rain in Wales. ".repeat(400_000)),
        raw(&format!("truncated-{wave}"), "application/json", r#"{"id": "1", "title": "Cut o"#),
        raw(&format!("empty-{wave}"), "text/plain", ""),
        raw(&format!("binary-{wave}"), "text/plain", b"PK\x03\x04\x14\0\0\0\x08\0".to_vec()),
    ]);
    scene.heal();
}

pub(super) fn panics(scene: &mut Scene<'_>) {
    scene.expect_reason("panic");
    let poison = raw(&format!("panic-{}", scene.waves()), "text/plain", "Quake Shakes Peru");
    scene.newsroom.seed(&[asking_for("panic", poison)]);
    scene.heal();
}

/// Two poisons are in the stream before any worker reads it.
pub(super) fn begin_with_abort(scene: &mut Scene<'_>) {
    scene.expect_reason("crash-loop");
    scene.newsroom.declare();
    let documents = scene.wave(60);
    let offset = scene.random.usize(0..60);
    scene.note_offset(offset);
    scene.newsroom.seed(&documents[..offset]);
    let fault = if scene.random.bool() { "abort" } else { "exhaust-memory" };
    scene.newsroom.seed(&[asking_for(fault, raw("poison", "text/plain", "Quake Shakes Peru"))]);
    scene.newsroom.seed(&documents[offset..]);
}

pub(super) fn supervised(scene: &mut Scene<'_>) {
    scene.supervise(STARTS_MAX);
    scene.heal();
}
