//! Files and standard streams as a transport: the same pipeline without a broker.
//!
//! Documents come from readers, whole or a line each; events go to one writer and dead letters, as NDJSON, to another.

use std::io::{BufRead, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;
use tokio::sync::mpsc;

use super::{Acker, Delivery, PublishError, Publisher, SettleError, Settlement, Source, SourceError};
use crate::message::{Incoming, Outgoing, Properties, Target, header};

/// Documents read ahead of the pipeline.
const READ_AHEAD_MAX: usize = 64;

/// One stream of documents.
pub struct Input {
    /// Name used in dead letters and error messages: the file's, or `-`.
    pub name: String,
    /// Where the bytes come from.
    pub reader: Box<dyn BufRead + Send>,
    /// How the bytes are cut into documents.
    pub framing: Framing,
}

/// How a stream is cut into documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// The whole stream is one document.
    Whole,
    /// Each line is one JSON envelope; blank lines are passed over.
    Lines,
}

/// Reads documents from inputs, one after another, on a thread of its own.
pub struct StdioSource {
    documents: mpsc::Receiver<Result<Incoming, SourceError>>,
}

impl StdioSource {
    /// Reads `inputs` in order. A document of more than `body_bytes_max` bytes is delivered cut to one byte more than
    /// that, with its true size in a header, so that it is seen to be too large without being held in memory.
    pub fn new(inputs: Vec<Input>, body_bytes_max: usize) -> Self {
        let (sender, documents) = mpsc::channel(READ_AHEAD_MAX);
        std::thread::spawn(move || {
            for input in inputs {
                if read_input(input, body_bytes_max, &sender).is_none() {
                    return;
                }
            }
        });
        StdioSource { documents }
    }
}

impl Source for StdioSource {
    type Acker = StdioAcker;

    async fn next(&mut self) -> Result<Option<Delivery<StdioAcker>>, SourceError> {
        match self.documents.recv().await {
            Some(Ok(message)) => Ok(Some(Delivery { message: Arc::new(message), acker: StdioAcker })),
            Some(Err(error)) => Err(error),
            None => Ok(None),
        }
    }

    async fn stop(&mut self) -> Result<(), SourceError> {
        self.documents.close();
        Ok(())
    }
}

type Documents = mpsc::Sender<Result<Incoming, SourceError>>;

/// Sends every document of one input; `None` when nobody listens any more.
fn read_input(mut input: Input, body_bytes_max: usize, documents: &Documents) -> Option<()> {
    let mut number = 0u64;
    loop {
        number += 1;
        let body = match input.framing {
            Framing::Whole if number > 1 => return Some(()),
            Framing::Whole => read_whole(&mut input.reader, body_bytes_max).map(Some),
            Framing::Lines => read_line(&mut input.reader, body_bytes_max),
        };
        match body {
            Ok(Some(read)) if input.framing == Framing::Lines && read.body.trim_ascii().is_empty() => {}
            Ok(Some(read)) => documents.blocking_send(Ok(incoming(&input, number, read))).ok()?,
            Ok(None) => return Some(()),
            Err(cause) => {
                let error = SourceError { tried: "could not read the input", cause: Some(Box::new(cause)) };
                return documents.blocking_send(Err(error)).ok();
            }
        }
    }
}

/// The beginning of a document, all of it unless it is too large, and the size of the whole.
struct Beginning {
    body: Vec<u8>,
    bytes: u64,
}

fn read_whole(reader: &mut impl BufRead, body_bytes_max: usize) -> std::io::Result<Beginning> {
    let mut body = Vec::new();
    reader.take(body_bytes_max as u64 + 1).read_to_end(&mut body)?;
    let passed_over = std::io::copy(reader, &mut std::io::sink())?;
    let bytes = body.len() as u64 + passed_over;
    Ok(Beginning { body, bytes })
}

/// The next line, or `None` at the end of the stream.
fn read_line(reader: &mut impl BufRead, body_bytes_max: usize) -> std::io::Result<Option<Beginning>> {
    let mut body = Vec::new();
    let read = reader.take(body_bytes_max as u64 + 1).read_until(b'\n', &mut body)?;
    let cut = read > body_bytes_max && body.last() != Some(&b'\n');
    let passed_over = if cut { reader.skip_until(b'\n')? } else { 0 };
    let bytes = (read + passed_over) as u64;
    Ok((read > 0).then_some(Beginning { body, bytes }))
}

fn incoming(input: &Input, line: u64, read: Beginning) -> Incoming {
    let (routing_key, content_type) = match input.framing {
        Framing::Whole => (input.name.clone(), None),
        Framing::Lines => (format!("{}:{line}", input.name), Some("application/json".to_owned())),
    };
    let mut properties = Properties { content_type, ..Properties::default() };
    if read.bytes > read.body.len() as u64 {
        properties.headers.set(header::ORIGINAL_BYTES, read.bytes);
    }
    Incoming { body: read.body.into(), routing_key, properties, ..Incoming::default() }
}

/// A file takes no settlement: settling always succeeds.
#[derive(Debug)]
pub struct StdioAcker;

impl Acker for StdioAcker {
    async fn settle(self, _: Settlement) -> Result<(), SettleError> {
        Ok(())
    }
}

/// Writes events to one writer, each on a line of its own, and dead letters to another.
pub struct StdioPublisher<W, E> {
    events: Mutex<W>,
    dead_letters: Mutex<E>,
}

impl<W: Write, E: Write> StdioPublisher<W, E> {
    /// Events are written as they are, dead letters as NDJSON.
    pub fn new(events: W, dead_letters: E) -> Self {
        StdioPublisher { events: Mutex::new(events), dead_letters: Mutex::new(dead_letters) }
    }
}

/// Each event's body and a line feed.
fn lines(events: &[&Outgoing]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(events.iter().map(|event| event.body.len() + 1).sum());
    for event in events {
        lines.extend_from_slice(&event.body);
        lines.push(b'\n');
    }
    lines
}

impl<W, E> Publisher for StdioPublisher<W, E>
where
    W: Write + Send + 'static,
    E: Write + Send + 'static,
{
    async fn publish(&self, batch: Arc<[Outgoing]>) -> Result<(), PublishError> {
        let (events, others): (Vec<_>, Vec<_>) = batch.iter().partition(|message| message.target == Target::Events);
        let written = write_all(&self.events, &lines(&events)).and_then(|()| {
            let dead_letters: Vec<u8> = others.into_iter().flat_map(dead_letter_line).collect();
            write_all(&self.dead_letters, &dead_letters)
        });
        written.map_err(|cause| PublishError::InDoubt { tried: "could not write", cause: Some(Box::new(cause)) })
    }
}

fn write_all<W: Write>(writer: &Mutex<W>, bytes: &[u8]) -> std::io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
    writer.write_all(bytes)?;
    writer.flush()
}

/// A dead letter as a line of JSON: reason, stage, detail, where it came from, and the bytes (base64 when not UTF-8).
/// Of a document that was too large to be held it has the beginning, and says so.
fn dead_letter_line(message: &Outgoing) -> Vec<u8> {
    let headers = &message.properties.headers;
    let mut line = json!({
        "reason": headers.text(header::REASON),
        "stage": headers.text(header::STAGE),
        "detail": headers.text(header::DETAIL),
        "input": headers.text(header::ORIGINAL_ROUTING_KEY),
    });
    if let Some(bytes) = headers.count(header::ORIGINAL_BYTES) {
        line["truncated"] = true.into();
        line["original_bytes"] = bytes.into();
    }
    match std::str::from_utf8(&message.body) {
        Ok(text) => line["body"] = text.into(),
        Err(_) => line["body_base64"] = BASE64.encode(&message.body).into(),
    }
    let mut line = line.to_string().into_bytes();
    line.push(b'\n');
    line
}
