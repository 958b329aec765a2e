//! What every transport promises, checked on each: on memory and stdio in `tests/it`, on RabbitMQ in `tests/broker`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use dateline::message::{Outgoing, Properties, Target};
use dateline::transport::{Acker, Delivery, Publisher, Settlement, Source};
use futures_util::FutureExt;
use tokio::time::timeout;

/// Longest wait for anything that must happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// A transport under test.
pub trait Fixture {
    /// Where its documents come from.
    type Source: Source;
    /// Where its events go.
    type Publisher: Publisher;

    /// A source that will deliver exactly these bodies.
    fn source(&mut self, bodies: &[&str]) -> impl Future<Output = Self::Source>;

    /// Somewhere to publish to.
    fn publisher(&mut self) -> impl Future<Output = Self::Publisher>;

    /// What of the published events has arrived, by body.
    fn arrived(&mut self) -> impl Future<Output = Vec<String>>;

    /// Whether the source ends by itself, as a file does and a queue does not.
    const ENDS: bool;

    /// Whether a delivery that is handed back is delivered again.
    const REDELIVERS: bool;
}

/// Runs the whole suite, each promise on a fixture of its own.
pub async fn keeps_the_contract<F: Fixture>(mut fixture: impl FnMut() -> F) {
    every_document_is_delivered(fixture()).await;
    a_dropped_next_loses_nothing(fixture()).await;
    after_stop_nothing_is_lost_and_the_end_comes(fixture()).await;
    what_is_handed_back_is_delivered_again(fixture()).await;
    a_publish_resolves_when_everything_has_arrived(fixture()).await;
    an_empty_batch_is_published_at_once(fixture()).await;
}

async fn next<S: Source>(source: &mut S) -> Option<Delivery<S::Acker>> {
    timeout(PATIENCE, source.next()).await.expect("a delivery in time").expect("a source that works")
}

fn body<A>(delivery: &Delivery<A>) -> String {
    String::from_utf8_lossy(&delivery.message.body).trim_end().to_owned()
}

async fn ack<A: Acker>(delivery: Delivery<A>) -> String {
    let body = body(&delivery);
    delivery.acker.settle(Settlement::Ack).await.expect("an acknowledgement that leaves");
    body
}

async fn every_document_is_delivered<F: Fixture>(mut fixture: F) {
    let mut source = fixture.source(&["one", "two", "three"]).await;
    for expected in ["one", "two", "three"] {
        let delivery = next(&mut source).await.expect("a delivery");
        assert_eq!(ack(delivery).await, expected);
    }
    if F::ENDS {
        assert!(next(&mut source).await.is_none(), "the source is exhausted");
    }
}

async fn a_dropped_next_loses_nothing<F: Fixture>(mut fixture: F) {
    let mut source = fixture.source(&["one", "two", "three"]).await;
    let mut bodies = BTreeSet::new();
    while bodies.len() < 3 {
        // A future that is dropped unless it is ready at once.
        if let Some(ready) = source.next().now_or_never() {
            bodies.insert(ack(ready.expect("a source that works").expect("a delivery")).await);
            continue;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(bodies.into_iter().collect::<Vec<_>>(), ["one", "three", "two"]);
}

async fn after_stop_nothing_is_lost_and_the_end_comes<F: Fixture>(mut fixture: F) {
    let mut source = fixture.source(&["one", "two"]).await;
    let first = next(&mut source).await.expect("a delivery");
    source.stop().await.expect("a source that stops");
    // What the broker had already sent may still come; then the end does.
    while let Some(delivery) = next(&mut source).await {
        delivery.acker.settle(Settlement::Requeue).await.expect("a settlement that leaves");
    }
    assert_eq!(ack(first).await, "one", "a delivery in hand can be settled after stop");
}

async fn what_is_handed_back_is_delivered_again<F: Fixture>(mut fixture: F) {
    if !F::REDELIVERS {
        return;
    }
    let mut source = fixture.source(&["again"]).await;
    let delivery = next(&mut source).await.expect("a delivery");
    assert!(!delivery.message.redelivered);
    delivery.acker.settle(Settlement::Requeue).await.expect("a settlement that leaves");
    let again = next(&mut source).await.expect("the delivery again");
    assert!(again.message.redelivered);
    assert_eq!(ack(again).await, "again");
}

fn event(body: &str) -> Outgoing {
    let properties = Properties { message_id: Some(format!("id-{body}")), ..Properties::default() };
    let routing_key = "headline.world.zz.unclassified".to_owned();
    Outgoing { target: Target::Events, routing_key, properties, body: body.to_owned().into() }
}

async fn a_publish_resolves_when_everything_has_arrived<F: Fixture>(mut fixture: F) {
    let publisher = fixture.publisher().await;
    let bodies: Vec<String> = (0..100).map(|number| format!("event-{number:03}")).collect();
    let batch: Arc<[Outgoing]> = bodies.iter().map(|body| event(body)).collect();
    timeout(PATIENCE, publisher.publish(batch)).await.expect("confirms in time").expect("a publish that succeeds");
    let mut arrived = fixture.arrived().await;
    arrived.sort();
    assert_eq!(arrived, bodies);
}

async fn an_empty_batch_is_published_at_once<F: Fixture>(mut fixture: F) {
    let publisher = fixture.publisher().await;
    timeout(PATIENCE, publisher.publish(Arc::new([]))).await.expect("in time").expect("nothing to fail");
}
