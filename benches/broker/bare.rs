//! The loop over lapin: consume, publish what the worker published, await the confirms, acknowledge.

use std::time::Instant;

use futures_util::StreamExt;
use futures_util::future::join_all;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, ConfirmSelectOptions,
};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties};
use testbed::drain::Drained;

use crate::worker::{cpu_seconds, seed};
use crate::{Case, PREFETCH, Turn};

/// One turn: as many documents as the case has, and those that come again.
pub(crate) async fn turn(url: &str, case: &Case, events: &[Drained]) -> Turn {
    seed(url, case, case.documents).await;
    let connect = || Connection::connect(url, ConnectionProperties::default());
    let (consuming, publishing) = (connect().await.expect("a broker"), connect().await.expect("a broker"));
    let publish = publishing.create_channel().await.expect("a channel");
    publish.confirm_select(ConfirmSelectOptions::default()).await.expect("confirms");
    let consume = consuming.create_channel().await.expect("a channel");
    consume.basic_qos(PREFETCH, BasicQosOptions::default()).await.expect("a prefetch");
    let (began, cpu) = (Instant::now(), cpu_seconds("self"));
    let options = BasicConsumeOptions::default();
    let deliveries = consume.basic_consume("dateline.documents".into(), "".into(), options, FieldTable::default());
    let deliveries = deliveries.await.expect("a consumer").take(case.documents);
    deliveries
        .for_each_concurrent(usize::from(PREFETCH), |delivery| async {
            let delivery = delivery.expect("a delivery");
            let sent = join_all(events.iter().map(|event| send(&publish, event))).await;
            for confirmation in join_all(sent).await {
                assert!(confirmation.expect("a confirm").is_ack());
            }
            delivery.ack(BasicAckOptions::default()).await.expect("an acknowledgement");
        })
        .await;
    let documents = case.documents as f64;
    let rate = documents / began.elapsed().as_secs_f64();
    let cpu = (cpu_seconds("self") - cpu) / documents * 1e6;
    // A quorum queue may still be applying settlements when the channel ends; what it drops comes again, and whoever
    // is next purges or counts it.
    for connection in [consuming, publishing] {
        connection.close(200, "the turn is over".into()).await.expect("the broker closes the connection");
    }
    Turn { rate, cpu: Some(cpu) }
}

async fn send(channel: &Channel, event: &Drained) -> lapin::PublisherConfirm {
    let options = BasicPublishOptions { mandatory: true, immediate: false };
    let key = event.routing_key.as_str().into();
    channel
        .basic_publish("dateline.events".into(), key, options, &event.body, event.properties.clone())
        .await
        .expect("a publish")
}
