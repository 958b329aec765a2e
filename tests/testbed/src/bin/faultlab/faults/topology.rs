//! What operators do to exchanges and queues.

use lapin::options::{QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::{AMQPValue, FieldTable};

use crate::scene::Scene;
use testbed::documents::raw;
use testbed::drain::QueueKind;
use testbed::newsroom::PATIENCE;
use testbed::wait::until;

pub(super) fn exchange_deleted(scene: &mut Scene<'_>) {
    let events = scene.newsroom.name("events");
    scene.newsroom.with_client(async |client| {
        let deleted = client.channel.exchange_delete(events.as_str().into(), Default::default()).await;
        deleted.expect("exchanges can be deleted");
    });
    scene.heal();
}

pub(super) fn unbound(scene: &mut Scene<'_>) {
    let (items, events) = (scene.newsroom.name("items"), scene.newsroom.name("events"));
    scene.newsroom.with_client(async |client| {
        let (queue, exchange) = (items.as_str().into(), events.as_str().into());
        let unbound = client.channel.queue_unbind(queue, exchange, "#".into(), FieldTable::default()).await;
        unbound.expect("queues can be unbound");
    });
    scene.heal();
}

/// What is in the queue is taken out first: what an operator throws away is not ours to keep. No worker misses the
/// queue, so the operator has to make it again.
pub(super) fn items_deleted(scene: &mut Scene<'_>) {
    scene.wait_until_quiet();
    delete(scene, "items");
    let wave = scene.wave(50);
    scene.newsroom.seed(&wave);
    scene.wait_until_parked();
    scene.newsroom.declare();
    scene.heal();
}

/// What is in the queue is let through first, for the same reason.
pub(super) fn documents_deleted(scene: &mut Scene<'_>) {
    scene.wait_until_quiet();
    scene.heal();
    scene.through_sessions(|scene| delete(scene, "documents"));
    let wave = scene.wave(50);
    scene.newsroom.seed(&wave);
}

/// RabbitMQ 3.10 does not always notify the consumers of a quorum queue that is deleted and at once declared again;
/// only the renewal of an idle session shows it.
pub(super) fn begin_with_renewal(scene: &mut Scene<'_>) {
    scene.newsroom.set("broker.idle_renewal", "\"5s\"");
    scene.begin();
}

pub(super) fn declared_otherwise(scene: &mut Scene<'_>) {
    scene.wait_until_quiet();
    let mut limit = FieldTable::default();
    limit.insert("x-max-length".into(), AMQPValue::LongInt(1000));
    // The worker may be quicker than we are, and declare its own first.
    assert!(until(PATIENCE, || {
        delete(scene, "documents");
        try_declare(scene, limit.clone())
    }));
    scene.wait_until_not_ready("PRECONDITION_FAILED");
    delete(scene, "documents");
    scene.heal();
    scene.wait_until_ready();
    let wave = scene.wave(50);
    scene.newsroom.seed(&wave);
}

/// Declares the queue of documents; reports whether nobody had declared it differently.
fn try_declare(scene: &Scene<'_>, mut arguments: FieldTable) -> bool {
    let kind = match scene.kind() {
        QueueKind::Classic => "classic",
        QueueKind::Quorum => "quorum",
    };
    arguments.insert("x-queue-type".into(), AMQPValue::LongString(kind.into()));
    let documents = scene.newsroom.name("documents");
    scene.newsroom.with_client(async |client| {
        let options = QueueDeclareOptions::durable();
        client.channel.queue_declare(documents.as_str().into(), options, arguments).await.is_ok()
    })
}

fn delete(scene: &mut Scene<'_>, name: &str) {
    let queue = scene.newsroom.name(name);
    scene.newsroom.with_client(async |client| {
        let deleted = client.channel.queue_delete(queue.as_str().into(), QueueDeleteOptions::default()).await;
        deleted.expect("queues can be deleted");
    });
}

/// The queue of events takes a few and refuses the rest.
pub(super) fn begin_with_full_queue(scene: &mut Scene<'_>) {
    scene.expect_reason("refused");
    scene.newsroom.bind(&[]);
    scene.newsroom.declare();
    let (items, events) = (scene.newsroom.name("items"), scene.newsroom.name("events"));
    let mut limit = FieldTable::default();
    limit.insert("x-max-length".into(), AMQPValue::LongInt(20));
    limit.insert("x-overflow".into(), AMQPValue::LongString("reject-publish".into()));
    scene.newsroom.with_client(async |client| {
        client.declare(&items, QueueKind::Classic, limit).await;
        client.bind(&items, &events, "#").await;
    });
    scene.begin();
}

/// Counting empties the queue.
pub(super) fn emptied(scene: &mut Scene<'_>) {
    scene.heal();
    scene.newsroom.comes_out(PATIENCE);
}

/// A bad document finds nowhere to go; good ones wait after it, and nothing is settled for it.
pub(super) fn dead_letters_unbound(scene: &mut Scene<'_>) {
    let (letters, dead) = (scene.newsroom.name("dead_letters"), scene.newsroom.name("dead"));
    scene.newsroom.with_client(async |client| {
        let (queue, exchange) = (letters.as_str().into(), dead.as_str().into());
        let unbound = client.channel.queue_unbind(queue, exchange, "#".into(), FieldTable::default()).await;
        unbound.expect("queues can be unbound");
    });
    let name = format!("nowhere-{}", scene.waves());
    scene.newsroom.seed(&[raw(&name, "text/plain", "")]);
    scene.heal();
}
