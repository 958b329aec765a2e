//! The exchanges and queues a worker needs: declared, verified or taken for granted.

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, LongString};
use lapin::{Channel, ExchangeKind};

use super::options::{QueueType, TopologyMode, TopologyOptions};
use super::rpc::{Rpc, RpcError};
use crate::message::Target;

/// Makes sure of the topology as its mode says.
pub(super) async fn ensure(topology: &TopologyOptions, channel: &Channel, rpc: Rpc) -> Result<(), RpcError> {
    match topology.mode {
        TopologyMode::Declare => declare(topology, channel, rpc).await,
        TopologyMode::Verify => verify(topology, channel, rpc).await,
        TopologyMode::None => Ok(()),
    }
}

/// The exchange and routing key of a message for `target`.
pub(super) fn address(topology: &TopologyOptions, target: Target, routing_key: &str) -> (String, String) {
    let to_queue = |queue: &str| (String::new(), queue.to_owned());
    match target {
        Target::Events => (topology.events.clone(), routing_key.to_owned()),
        Target::Unrouted => (topology.unrouted.clone(), routing_key.to_owned()),
        Target::Dead => (topology.dead.clone(), routing_key.to_owned()),
        Target::Retry(step) => to_queue(&topology.retry_queue(step)),
        Target::Suspects => to_queue(&topology.suspects),
        Target::Documents => to_queue(&topology.documents),
    }
}

async fn declare(topology: &TopologyOptions, channel: &Channel, rpc: Rpc) -> Result<(), RpcError> {
    let declaration = Declaration { topology, channel, rpc };
    declaration.exchange(&topology.events, ExchangeKind::Topic).await?;
    declaration.exchange(&topology.unrouted, ExchangeKind::Fanout).await?;
    declaration.exchange(&topology.dead, ExchangeKind::Topic).await?;
    declaration.queue(&topology.parked).await?;
    declaration.bind(&topology.parked, &topology.unrouted, "").await?;
    declaration.queue(&topology.dead_letters).await?;
    declaration.bind(&topology.dead_letters, &topology.dead, "#").await?;
    for queue in queues(topology) {
        declaration.queue(&queue).await?;
    }
    for binding in &topology.bindings {
        declaration.queue(&binding.queue).await?;
        for key in &binding.keys {
            declaration.bind(&binding.queue, &topology.events, key).await?;
        }
    }
    Ok(())
}

async fn verify(topology: &TopologyOptions, channel: &Channel, rpc: Rpc) -> Result<(), RpcError> {
    let passive = ExchangeDeclareOptions { passive: true, ..ExchangeDeclareOptions::default() };
    for (exchange, kind) in [
        (&topology.events, ExchangeKind::Topic),
        (&topology.unrouted, ExchangeKind::Fanout),
        (&topology.dead, ExchangeKind::Topic),
    ] {
        let verified = channel.exchange_declare(exchange.as_str().into(), kind, passive, FieldTable::default());
        rpc.call(format!("verify exchange {exchange:?}"), verified).await?;
    }
    for queue in queues(topology) {
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let verified = channel.queue_declare(queue.as_str().into(), passive, FieldTable::default());
        rpc.call(format!("verify queue {queue:?}"), verified).await?;
    }
    Ok(())
}

/// Every queue a worker itself reads or writes.
fn queues(topology: &TopologyOptions) -> Vec<String> {
    let mut queues = vec![topology.documents.clone()];
    if !topology.suspects.is_empty() {
        queues.push(topology.suspects.clone());
    }
    queues.extend((0..topology.retry_delays.len()).map(|step| topology.retry_queue(step)));
    queues
}

/// What a queue is declared with.
pub(super) fn queue_arguments(topology: &TopologyOptions, queue: &str) -> FieldTable {
    let mut table = FieldTable::default();
    let queue_type = match topology.queue_type {
        QueueType::Quorum => "quorum",
        QueueType::Classic => "classic",
    };
    table.insert("x-queue-type".into(), text(queue_type));
    for (name, value) in arguments(topology, queue) {
        table.insert(name.into(), value);
    }
    table
}

type Argument = (&'static str, AMQPValue);

fn arguments(topology: &TopologyOptions, queue: &str) -> Vec<Argument> {
    if queue == topology.documents {
        let one_at_a_time = [("x-single-active-consumer", AMQPValue::Boolean(true))];
        let one_at_a_time = one_at_a_time.into_iter().filter(|_| topology.single_active_consumer);
        return dead_lettered(topology).into_iter().chain(one_at_a_time).collect();
    }
    if queue == topology.suspects {
        return dead_lettered(topology);
    }
    let step = (0..topology.retry_delays.len()).find(|&step| topology.retry_queue(step) == queue);
    step.map_or_else(|| kept(topology), |step| delayed(topology, step))
}

/// As good as no limit: RabbitMQ 4 writes -1 for that, which 3.10 refuses.
pub(super) const DELIVERY_LIMIT_NONE: i32 = i32::MAX;

/// What nobody has taken stays. Without a limit of its own, a quorum queue of RabbitMQ 4 drops a message that was
/// handed back twenty times.
fn kept(topology: &TopologyOptions) -> Vec<Argument> {
    match topology.queue_type {
        QueueType::Quorum => vec![("x-delivery-limit", AMQPValue::LongInt(DELIVERY_LIMIT_NONE))],
        QueueType::Classic => Vec::new(),
    }
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(LongString::from(value))
}

struct Declaration<'a> {
    topology: &'a TopologyOptions,
    channel: &'a Channel,
    rpc: Rpc,
}

impl Declaration<'_> {
    async fn exchange(&self, exchange: &str, kind: ExchangeKind) -> Result<(), RpcError> {
        let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        let declared = self.channel.exchange_declare(exchange.into(), kind, durable, FieldTable::default());
        self.rpc.call(format!("declare exchange {exchange:?}"), declared).await
    }

    async fn queue(&self, queue: &str) -> Result<(), RpcError> {
        let arguments = queue_arguments(self.topology, queue);
        let declared = self.channel.queue_declare(queue.into(), QueueDeclareOptions::durable(), arguments);
        self.rpc.call(format!("declare queue {queue:?}"), declared).await.map(|_| ())
    }

    async fn bind(&self, queue: &str, exchange: &str, key: &str) -> Result<(), RpcError> {
        let options = QueueBindOptions::default();
        let bound = self.channel.queue_bind(queue.into(), exchange.into(), key.into(), options, FieldTable::default());
        self.rpc.call(format!("bind queue {queue:?} to {exchange:?}"), bound).await
    }
}

/// What the broker gives up on becomes a dead letter like any other.
fn dead_lettered(topology: &TopologyOptions) -> Vec<Argument> {
    let mut arguments =
        vec![("x-dead-letter-exchange", text(&topology.dead)), ("x-dead-letter-routing-key", text("delivery-limit"))];
    if topology.queue_type == QueueType::Quorum {
        let limit = i32::try_from(topology.delivery_limit).unwrap_or(i32::MAX);
        arguments.push(("x-delivery-limit", AMQPValue::LongInt(limit)));
        arguments.extend(at_least_once());
    }
    arguments
}

/// Documents come back to the work queue when the delay is over.
fn delayed(topology: &TopologyOptions, step: usize) -> Vec<Argument> {
    let delay = i64::try_from(topology.retry_delays[step].as_millis()).unwrap_or(i64::MAX);
    let mut arguments = vec![
        ("x-message-ttl", AMQPValue::LongLongInt(delay)),
        ("x-dead-letter-exchange", text("")),
        ("x-dead-letter-routing-key", text(&topology.documents)),
    ];
    if topology.queue_type == QueueType::Quorum {
        arguments.extend(at_least_once());
    }
    arguments
}

/// Without this a quorum queue drops what its dead-letter exchange does not take at once.
fn at_least_once() -> [Argument; 2] {
    [("x-dead-letter-strategy", text("at-least-once")), ("x-overflow", text("reject-publish"))]
}
