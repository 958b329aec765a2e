//! A client that sends what no library would: one message whose header nests lists as deep as a frame allows.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use crate::drain::Seed;

const METHOD: u8 = 1;
const HEADER: u8 = 2;
const BODY: u8 = 3;
const FRAME_END: u8 = 0xCE;
/// RabbitMQ's own default, and what clients agree to.
const FRAME_BYTES_MAX: u32 = 131_072;
/// Which of the basic class's properties follow: content type, headers, delivery mode, message id.
const FLAGS: u16 = 1 << 15 | 1 << 13 | 1 << 12 | 1 << 7;

/// Publishes the document to a queue with one more header: lists nested this deep.
pub fn publish_nested(port: u16, queue: &str, document: &Seed, levels: usize) {
    let mut broker = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("the broker listens");
    broker.set_read_timeout(Some(Duration::from_secs(15))).expect("a timeout can be set");
    broker.write_all(b"AMQP\0\0\x09\x01").expect("the broker reads");
    expect_method(&mut broker, (10, 10));
    let start_ok = [&[0, 0, 0, 0][..], &short("PLAIN"), &long(b"\0guest\0guest"), &short("en_US")].concat();
    method(&mut broker, 0, (10, 11), &start_ok);
    expect_method(&mut broker, (10, 30));
    method(&mut broker, 0, (10, 31), &[&[7, 255][..], &FRAME_BYTES_MAX.to_be_bytes(), &[0, 0]].concat());
    method(&mut broker, 0, (10, 40), &[&short("/")[..], &short(""), &[0]].concat());
    expect_method(&mut broker, (10, 41));
    method(&mut broker, 1, (20, 10), &short(""));
    expect_method(&mut broker, (20, 11));
    method(&mut broker, 1, (60, 40), &[&[0, 0][..], &short(""), &short(queue), &[0]].concat());
    frame(&mut broker, HEADER, 1, &header(document, levels));
    frame(&mut broker, BODY, 1, &document.body);
    // Answered only after all before it.
    method(&mut broker, 1, (20, 40), &[&[0, 200][..], &short("done"), &[0; 4]].concat());
    expect_method(&mut broker, (20, 41));
}

fn header(document: &Seed, levels: usize) -> Vec<u8> {
    let mut nested = Vec::new();
    for level in 0..levels {
        let within = u32::try_from((levels - level - 1) * 5).expect("a frame is shorter");
        nested.push(b'A');
        nested.extend(within.to_be_bytes());
    }
    let mut table = [&short("nested")[..], &nested].concat();
    for (name, value) in &document.headers {
        table.extend([&short(name)[..], b"S", &long(value.as_bytes())].concat());
    }
    let content_type = document.content_type.as_deref().expect("documents here have one");
    let mut header = vec![0, 60, 0, 0];
    header.extend((document.body.len() as u64).to_be_bytes());
    header.extend(FLAGS.to_be_bytes());
    header.extend([&short(content_type)[..], &long(&table), &[2], &short(&document.id)].concat());
    assert!(header.len() < FRAME_BYTES_MAX as usize - 8, "a header of {} bytes fits no frame", header.len());
    header
}

fn method(broker: &mut TcpStream, channel: u16, (class, id): (u16, u16), arguments: &[u8]) {
    frame(broker, METHOD, channel, &[&class.to_be_bytes()[..], &id.to_be_bytes(), arguments].concat());
}

fn frame(broker: &mut TcpStream, kind: u8, channel: u16, payload: &[u8]) {
    let length = u32::try_from(payload.len()).expect("a frame is shorter");
    let frame = [&[kind][..], &channel.to_be_bytes(), &length.to_be_bytes(), payload, &[FRAME_END]].concat();
    broker.write_all(&frame).expect("the broker reads");
}

#[track_caller]
fn expect_method(broker: &mut TcpStream, (class, id): (u16, u16)) {
    let mut start = [0; 7];
    broker.read_exact(&mut start).expect("the broker answers");
    let length = u32::from_be_bytes([start[3], start[4], start[5], start[6]]);
    let mut rest = vec![0; length as usize + 1];
    broker.read_exact(&mut rest).expect("frames are whole");
    let got = (u16::from_be_bytes([rest[0], rest[1]]), u16::from_be_bytes([rest[2], rest[3]]));
    assert_eq!(got, (class, id), "{}", String::from_utf8_lossy(&rest));
}

fn short(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).expect("short strings have at most 255 bytes");
    [&[length][..], text.as_bytes()].concat()
}

fn long(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).expect("a frame is shorter");
    [&length.to_be_bytes()[..], bytes].concat()
}
