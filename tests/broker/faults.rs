//! The proxy's faults, seen from both ends of plain TCP connections.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::Duration;

use testbed::proxy::{Direction, Ending, Mode, Proxy};

const PATIENCE: Duration = Duration::from_secs(20);
/// Long enough for bytes on loopback that nobody holds.
const MOMENT: Duration = Duration::from_millis(200);

/// A proxy and the listener it forwards to.
struct Link {
    proxy: Proxy,
    listener: TcpListener,
}

impl Link {
    fn new() -> Link {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
        let proxy = Proxy::start(listener.local_addr().expect("it is bound").port());
        Link { proxy, listener }
    }

    fn dial(&self) -> TcpStream {
        let client = TcpStream::connect((Ipv4Addr::LOCALHOST, self.proxy.port())).expect("the proxy listens");
        client.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        client
    }

    /// Both ends of one connection.
    fn connect(&self) -> (TcpStream, TcpStream) {
        let client = self.dial();
        let (server, _) = self.listener.accept().expect("the proxy connects");
        server.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        (client, server)
    }
}

#[track_caller]
fn passes(from: &mut TcpStream, to: &mut TcpStream) {
    from.write_all(b"ping").expect("the connection is open");
    let mut bytes = [0; 4];
    to.read_exact(&mut bytes).expect("the connection is open");
    assert_eq!(&bytes, b"ping");
}

#[track_caller]
fn silent(stream: &mut TcpStream) {
    stream.set_read_timeout(Some(MOMENT)).expect("a timeout can be set");
    let error = stream.read(&mut [0; 16]).expect_err("nothing was to come");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
}

#[track_caller]
fn ended(stream: &mut TcpStream, ending: Ending) {
    let mut rest = Vec::new();
    let seen = stream.read_to_end(&mut rest).map_err(|error| error.kind());
    match ending {
        Ending::Close => assert_eq!(seen, Ok(0)),
        Ending::Reset => assert_eq!(seen, Err(ErrorKind::ConnectionReset)),
    }
}

#[test]
fn a_stalled_way_keeps_its_bytes_and_the_other_way_is_open() {
    let link = Link::new();
    let (mut client, mut server) = link.connect();
    passes(&mut client, &mut server);
    link.proxy.set(Mode::Stall(Direction::ToServer));
    client.write_all(b"held").expect("the connection is open");
    silent(&mut server);
    passes(&mut server, &mut client);
    link.proxy.set(Mode::StallBoth);
    server.write_all(b"back").expect("the connection is open");
    silent(&mut client);
    link.proxy.set(Mode::Pass);
    for (stream, expected) in [(&mut server, b"held"), (&mut client, b"back")] {
        let mut bytes = [0; 4];
        stream.read_exact(&mut bytes).expect("the connection is open");
        assert_eq!(&bytes, expected);
    }
}

#[test]
fn a_cut_ends_both_sides_alike_and_the_next_connection_is_welcome() {
    let link = Link::new();
    for ending in [Ending::Close, Ending::Reset] {
        let (mut client, mut server) = link.connect();
        passes(&mut client, &mut server);
        link.proxy.cut(ending);
        ended(&mut client, ending);
        ended(&mut server, ending);
    }
    let (mut client, mut server) = link.connect();
    passes(&mut server, &mut client);
    assert_eq!(link.proxy.accepted(), 3);
}

#[test]
fn a_cut_after_n_bytes_lets_exactly_n_pass() {
    let link = Link::new();
    for bytes in [0, 1, 100_000] {
        let (mut client, mut server) = link.connect();
        link.proxy.cut_after(bytes, Direction::ToClient, Ending::Close);
        passes(&mut client, &mut server);
        let sender = std::thread::spawn(move || server.write_all(&[b'x'; 1_000_000]).is_ok());
        let mut got = Vec::new();
        // How it ends depends on what was unread; how much came does not.
        client.read_to_end(&mut got).ok();
        assert_eq!(got.len(), bytes);
        drop(client);
        sender.join().expect("the sender does not panic");
    }
}

#[test]
fn new_connections_can_be_left_in_silence_or_refused() {
    let link = Link::new();
    let (mut client, mut server) = link.connect();
    link.proxy.set(Mode::Silent);
    let mut waiting = link.dial();
    waiting.write_all(b"AMQP").expect("the connection is open");
    silent(&mut waiting);
    passes(&mut client, &mut server);
    link.proxy.set(Mode::Refuse);
    ended(&mut link.dial(), Ending::Reset);
    passes(&mut client, &mut server);
    link.proxy.cut(Ending::Reset);
    ended(&mut waiting, Ending::Reset);
}
