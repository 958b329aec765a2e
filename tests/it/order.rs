//! What waits for its turn is in hand like everything else: held no longer than it may be, handed back at the end of a
//! drain, and counted.

use std::num::NonZeroUsize;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use dateline::daemon::build;
use dateline::daemon::config::Config;
use dateline::message::{Incoming, Outgoing, header};
use dateline::pipeline::handle::{Fault, Handler, HandlerOptions, WorkerMemory};
use dateline::pipeline::order::OrderBy;
use dateline::pipeline::{self, Finish, PipelineOptions, Signals};
use dateline::processing::Processor;
use dateline::transport::memory::{Memory, MemorySource};
use dateline::transport::{PublishError, Publisher};

static PROCESSOR: LazyLock<Arc<Processor>> =
    LazyLock::new(|| Arc::new(build::processor(&Config::default()).expect("the data compiled in can be used")));

/// A broker that confirms nothing; each publish is reported.
struct Silent(tokio::sync::mpsc::UnboundedSender<()>);

impl Publisher for Silent {
    async fn publish(&self, _: Arc<[Outgoing]>) -> Result<(), PublishError> {
        self.0.send(()).unwrap();
        std::future::pending().await
    }
}

const DOCUMENTS: usize = 3;

struct Row {
    name: &'static str,
    order_by: OrderBy,
    hold_max: Duration,
    stop: bool,
}

#[tokio::test]
async fn what_waits_for_its_turn_is_held_handed_back_and_counted_like_the_rest() {
    let (short, long) = (Duration::from_millis(20), Duration::from_secs(3600));
    for row in [
        Row { name: "held, by source", order_by: OrderBy::Source, hold_max: short, stop: false },
        Row { name: "held, by document", order_by: OrderBy::Document, hold_max: short, stop: false },
        Row { name: "abandoned, by source", order_by: OrderBy::Source, hold_max: long, stop: true },
        Row { name: "abandoned, by document", order_by: OrderBy::Document, hold_max: long, stop: true },
    ] {
        check(row).await;
    }
}

async fn check(row: Row) {
    let options = HandlerOptions { hold_max: row.hold_max, ..build::handler_options(&Config::default()) };
    let transport = Memory::default();
    for number in 0..DOCUMENTS {
        let mut message = Incoming { body: format!("Ferry {number} Sinks off Crete").into(), ..Incoming::default() };
        message.properties.headers.set(header::SOURCE, "wire");
        message.properties.headers.set(header::ID, "story");
        transport.push(message);
    }
    let worker = Arc::new(WorkerMemory::new(&options));
    let signals = Signals::default();
    let (sender, mut published) = tokio::sync::mpsc::unbounded_channel();
    let handler =
        Handler::new(Arc::clone(&PROCESSOR), Silent(sender), Arc::clone(&worker), options, signals.abandon.clone());
    let bounds = PipelineOptions {
        in_flight_max: NonZeroUsize::new(DOCUMENTS).unwrap(),
        drain_timeout: Duration::ZERO,
        hand_back_timeout: Duration::from_secs(10),
        order_by: row.order_by,
    };
    let stop = signals.stop.clone();
    let asked = tokio::spawn(async move {
        published.recv().await;
        if row.stop {
            stop.cancel();
        }
        published
    });
    // Never exhausted: as long as every slot is taken, nobody asks the source.
    let drained = pipeline::run(&mut MemorySource::new(&transport), Arc::new(handler), &bounds, &signals).await;
    let more = asked.await.unwrap().try_recv().is_ok();
    assert!(!more, "{}: a document was published before its turn", row.name);
    match row.stop {
        true => assert!(matches!(drained.finish, Finish::Stopped), "{}: {:?}", row.name, drained.finish),
        false => assert!(matches!(drained.finish, Finish::Fault(Fault::Held(_))), "{}", row.name),
    }
    let counts = worker.ledger.total();
    let requeued = DOCUMENTS as u64;
    assert_eq!((counts.received, counts.requeued, counts.in_flight), (requeued, requeued, 0), "{}", row.name);
    assert_eq!(transport.waiting(), DOCUMENTS, "{}", row.name);
}
