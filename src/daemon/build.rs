//! From a configuration to the parts that do the work.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::config::Config;
use crate::classify::region::RegionClassifier;
use crate::classify::topic::TopicClassifier;
use crate::classify::{Classifier, DataError};
use crate::dateline::Dateline;
use crate::parse::Limits;
use crate::pipeline::PipelineOptions;
use crate::pipeline::handle::HandlerOptions;
use crate::pipeline::quarantine::QuarantineOptions;
use crate::processing::Processor;

/// Loads the classifiers' data and makes a processor.
///
/// # Errors
/// When a file of data cannot be used.
pub fn processor(config: &Config) -> Result<Processor, DataError> {
    let processing = &config.processing;
    let limits = Limits {
        body_bytes_max: usize::try_from(processing.body_bytes_max.as_u64()).unwrap_or(usize::MAX),
        items_max: processing.items_max.get(),
        lines_max: processing.lines_max.get(),
        format: processing.format,
    };
    let dateline = Dateline::new(Arc::new(classifier(config)?), limits, config.sources.clone());
    Ok(Processor::new(dateline, processing.source.clone()))
}

/// Loads the classifiers' data.
///
/// # Errors
/// When a file of data cannot be used.
pub fn classifier(config: &Config) -> Result<Classifier, DataError> {
    let classify = &config.classify;
    // Side by side: nothing can be handled before both are there.
    let (regions, topics) = std::thread::scope(|scope| {
        let topics = scope.spawn(|| TopicClassifier::load(&classify.topic_paths()));
        let regions = RegionClassifier::load(&classify.region_paths());
        (regions, topics.join().expect("loading does not panic"))
    });
    Ok(Classifier::new(regions?, topics?, classify.review_below))
}

/// The bounds of one delivery's life.
pub fn handler_options(config: &Config) -> HandlerOptions {
    let pipeline = &config.pipeline;
    let in_flight_max = NonZeroUsize::from(pipeline.in_flight_max);
    HandlerOptions {
        hold_max: pipeline.hold_max,
        retry_steps: config.topology.retry_delays.len(),
        duplicates_remembered_max: NonZeroUsize::new(pipeline.duplicates_remembered_max),
        quarantine: QuarantineOptions {
            lane: !config.topology.suspects.is_empty(),
            crash_attempts_max: pipeline.crash_attempts_max,
            // What one session held may be held again by the next before it is delivered.
            excused_remembered_max: in_flight_max.saturating_mul(NonZeroUsize::new(4).expect("4 is not 0")),
        },
    }
}

/// The bounds of a run.
pub fn pipeline_options(config: &Config) -> PipelineOptions {
    let pipeline = &config.pipeline;
    PipelineOptions {
        in_flight_max: NonZeroUsize::from(pipeline.in_flight_max),
        drain_timeout: pipeline.drain_timeout,
        hand_back_timeout: pipeline.hand_back_timeout,
        order_by: pipeline.order_by,
    }
}
