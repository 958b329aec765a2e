//! The exchanges and queues a worker needs: declared, verified or assumed to be there.

pub mod options;

use std::borrow::Cow;

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, LongString};
use lapin::{Channel, ExchangeKind};

use super::rpc::{Rpc, RpcError};
use crate::message::Target;
use options::{Exchange, QueueType, Role, TopologyMode, TopologyOptions};

/// Practically no limit: RabbitMQ 4 writes -1 for that, which 3.10 refuses.
pub(super) const DELIVERY_LIMIT_NONE: i32 = i32::MAX;

/// Makes sure of the topology as its mode says.
pub(super) async fn ensure(topology: &TopologyOptions, channel: &Channel, rpc: Rpc) -> Result<(), RpcError> {
    match topology.mode {
        TopologyMode::Declare => declare(&Declaration { topology, channel, rpc }).await,
        TopologyMode::Verify => verify(topology, channel, rpc).await,
        TopologyMode::None => Ok(()),
    }
}

/// The exchange and routing key of a message for `target`.
pub(super) fn address<'a>(
    topology: &'a TopologyOptions,
    target: Target,
    routing_key: &'a str,
) -> (&'a str, Cow<'a, str>) {
    match target {
        Target::Events => (&topology.events, routing_key.into()),
        Target::Unrouted => (&topology.unrouted, routing_key.into()),
        Target::Dead => (&topology.dead, routing_key.into()),
        // The default exchange takes a queue's name for a routing key.
        Target::Retry(step) => ("", topology.retry_queue(step).into()),
        Target::Suspects => ("", topology.suspects.as_str().into()),
        Target::Documents => ("", topology.documents.as_str().into()),
    }
}

/// The type of an exchange, as lapin has it.
pub(super) fn exchange_kind(exchange: Exchange<'_>) -> ExchangeKind {
    if exchange.kind == "fanout" { ExchangeKind::Fanout } else { ExchangeKind::Topic }
}

async fn declare(declaration: &Declaration<'_>) -> Result<(), RpcError> {
    let topology = declaration.topology;
    for exchange in topology.exchanges() {
        declaration.exchange(exchange).await?;
    }
    for queue in topology.queues() {
        declaration.queue(&queue.name, queue.role).await?;
    }
    declaration.bind(&topology.parked, &topology.unrouted, "").await?;
    declaration.bind(&topology.dead_letters, &topology.dead, "#").await?;
    for binding in &topology.bindings {
        for key in &binding.keys {
            declaration.bind(&binding.queue, &topology.events, key).await?;
        }
    }
    Ok(())
}

/// Who keeps dead letters and events, and by which queues, is the operator's business where nothing is declared.
async fn verify(topology: &TopologyOptions, channel: &Channel, rpc: Rpc) -> Result<(), RpcError> {
    let passive = ExchangeDeclareOptions { passive: true, ..ExchangeDeclareOptions::default() };
    for exchange in topology.exchanges() {
        let kind = exchange_kind(exchange);
        let verified = channel.exchange_declare(exchange.name.into(), kind, passive, FieldTable::default());
        rpc.call(format!("verify exchange {:?}", exchange.name), verified).await?;
    }
    let own = |role| matches!(role, Role::Documents | Role::Suspects | Role::Retry(_));
    for queue in topology.queues().into_iter().filter(|queue| own(queue.role)) {
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let verified = channel.queue_declare(queue.name.as_str().into(), passive, FieldTable::default());
        rpc.call(format!("verify queue {:?}", queue.name), verified).await?;
    }
    Ok(())
}

struct Declaration<'a> {
    topology: &'a TopologyOptions,
    channel: &'a Channel,
    rpc: Rpc,
}

impl Declaration<'_> {
    async fn exchange(&self, exchange: Exchange<'_>) -> Result<(), RpcError> {
        let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        let kind = exchange_kind(exchange);
        let declared = self.channel.exchange_declare(exchange.name.into(), kind, durable, FieldTable::default());
        self.rpc.call(format!("declare exchange {:?}", exchange.name), declared).await
    }

    async fn queue(&self, queue: &str, role: Role) -> Result<(), RpcError> {
        let arguments = queue_arguments(self.topology, role);
        let declared = self.channel.queue_declare(queue.into(), QueueDeclareOptions::durable(), arguments);
        self.rpc.call(format!("declare queue {queue:?}"), declared).await.map(drop)
    }

    async fn bind(&self, queue: &str, exchange: &str, key: &str) -> Result<(), RpcError> {
        let options = QueueBindOptions::default();
        let bound = self.channel.queue_bind(queue.into(), exchange.into(), key.into(), options, FieldTable::default());
        self.rpc.call(format!("bind queue {queue:?} to {exchange:?}"), bound).await
    }
}

/// What a queue is declared with.
pub(super) fn queue_arguments(topology: &TopologyOptions, role: Role) -> FieldTable {
    let mut arguments = vec![("x-queue-type", text(topology.queue_type.name()))];
    arguments.extend(match role {
        Role::Documents => {
            let one_at_a_time = topology.single_active_consumer.then_some(AMQPValue::Boolean(true));
            let one_at_a_time = one_at_a_time.map(|on| ("x-single-active-consumer", on));
            dead_lettered(topology).into_iter().chain(one_at_a_time).collect()
        }
        Role::Suspects => dead_lettered(topology),
        Role::Retry(step) => delayed(topology, step),
        Role::DeadLetters | Role::Parked | Role::Desk => kept(topology),
    });
    let mut table = FieldTable::default();
    for (name, value) in arguments {
        table.insert(name.into(), value);
    }
    table
}

type Argument = (&'static str, AMQPValue);

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

/// What nobody has taken stays. Without a limit of its own, a quorum queue of RabbitMQ 4 drops a message that was
/// handed back twenty times.
fn kept(topology: &TopologyOptions) -> Vec<Argument> {
    match topology.queue_type {
        QueueType::Quorum => vec![("x-delivery-limit", AMQPValue::LongInt(DELIVERY_LIMIT_NONE))],
        QueueType::Classic => Vec::new(),
    }
}

/// Without this a quorum queue drops what its dead-letter exchange does not take at once.
fn at_least_once() -> [Argument; 2] {
    [("x-dead-letter-strategy", text("at-least-once")), ("x-overflow", text("reject-publish"))]
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(LongString::from(value))
}
