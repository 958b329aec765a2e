//! Single questions to a broker, each on a channel of its own, for a refusal ends the channel.
//!
//! A question is put so that the broker must refuse it in any case: whether it refuses the person or the request shows
//! what is permitted, and nothing has happened either way.

use lapin::options::{
    BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable, LongString};
use lapin::{BasicProperties, Channel, Connection, ErrorKind, ExchangeKind};

use super::super::rpc::{Rpc, RpcError};
use super::super::topology::exchange_kind;
use super::super::topology::options::Exchange;
use crate::error::chain;

/// What a broker says to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// It did as it was asked.
    Done,
    /// 403: not this user.
    Forbidden(String),
    /// 404: no such object.
    Missing,
    /// 406: not this request. For questions that must be refused: the user may.
    Unfit(String),
    /// Anything else, silence included.
    Unclear(String),
}

/// A routing key that no queue is bound with or named.
const NOWHERE: &str = "dateline.preflight.nowhere";

pub(super) struct Prober<'a> {
    pub(super) connection: &'a Connection,
    pub(super) rpc: Rpc,
}

impl Prober<'_> {
    /// Whether a queue is there.
    pub(super) async fn queue(&self, queue: &str) -> Answer {
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let Ok(channel) = self.channel().await else { return unclear() };
        let asked = channel.queue_declare(queue.into(), passive, FieldTable::default());
        answer(self.rpc.call("look for a queue", asked).await.map(drop))
    }

    /// Whether an exchange is there.
    pub(super) async fn exchange(&self, exchange: &str) -> Answer {
        let passive = ExchangeDeclareOptions { passive: true, ..ExchangeDeclareOptions::default() };
        let Ok(channel) = self.channel().await else { return unclear() };
        let asked = channel.exchange_declare(exchange.into(), ExchangeKind::Topic, passive, FieldTable::default());
        answer(self.rpc.call("look for an exchange", asked).await)
    }

    /// Whether declaring this queue, which is there, would be the same again.
    pub(super) async fn queue_again(&self, queue: &str, arguments: FieldTable) -> Answer {
        let Ok(channel) = self.channel().await else { return unclear() };
        let asked = channel.queue_declare(queue.into(), QueueDeclareOptions::durable(), arguments);
        answer(self.rpc.call("compare a queue", asked).await.map(drop))
    }

    /// The same of an exchange.
    pub(super) async fn exchange_again(&self, exchange: Exchange<'_>) -> Answer {
        let Ok(channel) = self.channel().await else { return unclear() };
        let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        let kind = exchange_kind(exchange);
        let asked = channel.exchange_declare(exchange.name.into(), kind, durable, FieldTable::default());
        answer(self.rpc.call("compare an exchange", asked).await)
    }

    /// Whether the user may read a queue. The broker looks at that before it looks at arguments, and no consumer has a
    /// priority that is a text.
    pub(super) async fn read(&self, queue: &str) -> Answer {
        let Ok(channel) = self.channel().await else { return unclear() };
        let mut arguments = FieldTable::default();
        arguments.insert("x-priority".into(), AMQPValue::LongString(LongString::from("preflight")));
        let options = BasicConsumeOptions::default();
        let asked = channel.basic_consume(queue.into(), "preflight".into(), options, arguments);
        answer(self.rpc.call("ask to consume", asked).await.map(drop))
    }

    /// Whether the user may publish to an exchange, and a body of this size. The broker looks at size and user first,
    /// and takes no message whose time to live is not a number; moreover the routing key leads nowhere.
    pub(super) async fn write(&self, exchange: &str, body_bytes: usize) -> Answer {
        let Ok(channel) = self.channel().await else { return unclear() };
        let asked = async {
            channel.confirm_select(ConfirmSelectOptions::default()).await?;
            let properties = BasicProperties::default().with_expiration("preflight".into());
            let options = BasicPublishOptions::default();
            let body = vec![0; body_bytes];
            channel.basic_publish(exchange.into(), NOWHERE.into(), options, &body, properties).await?.await
        };
        answer(self.rpc.call("ask to publish", asked).await.map(drop))
    }

    async fn channel(&self) -> Result<Channel, RpcError> {
        self.rpc.call("open a channel", self.connection.create_channel()).await
    }
}

fn unclear() -> Answer {
    Answer::Unclear("the broker opens no channel".to_owned())
}

fn answer(asked: Result<(), RpcError>) -> Answer {
    let Err(error) = asked else { return Answer::Done };
    let protocol = error.cause.as_ref().map(lapin::Error::kind);
    let Some(ErrorKind::ProtocolError(refusal)) = protocol else { return Answer::Unclear(chain(&error)) };
    let text = refusal.get_message().to_string();
    match refusal.get_id() {
        403 => Answer::Forbidden(text),
        404 => Answer::Missing,
        406 => Answer::Unfit(text),
        _ => Answer::Unclear(text),
    }
}
