//! A TCP proxy on loopback that fails the way networks do: cut, reset, stalled, truncated, silent.
//!
//! It runs on a thread of its own, so that a test which waits for another process does not stop the traffic. It knows
//! nothing about AMQP: bytes are passed, held or dropped as they come.

use std::future;
use std::io;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, oneshot, watch};

const CHUNK_BYTES: usize = 16 * 1024;

/// What the proxy does with connections and bytes from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Forwards everything.
    Pass,
    /// Forwards nothing this way; what was read is kept and forwarded when the mode is `Pass` again.
    Stall(Direction),
    /// Forwards nothing either way: a half-open link.
    StallBoth,
    /// Accepts new connections and never says a word; open ones go on.
    Silent,
    /// Resets new connections at once; open ones go on.
    Refuse,
}

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the broker.
    ToServer,
    /// From the broker to the client.
    ToClient,
}

/// How a connection ends, on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With FIN, as a process that exits.
    Close,
    /// With RST, as a firewall that forgot.
    Reset,
}

/// A proxy in front of one port of this machine; gone when dropped.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    upstream: (String, u16),
    mode: watch::Sender<Mode>,
    endings: broadcast::Sender<Ending>,
    cut: Mutex<Option<Cut>>,
    accepted: AtomicUsize,
}

/// A connection is to end when this many more bytes went this way.
struct Cut {
    bytes: usize,
    direction: Direction,
    ending: Ending,
}

impl Proxy {
    /// Listens on a port of its own and forwards to the given one of this machine.
    pub fn start(upstream: u16) -> Proxy {
        Proxy::start_to(Ipv4Addr::LOCALHOST.to_string(), upstream)
    }

    /// The same with a port of any host.
    pub fn start_to(host: String, port: u16) -> Proxy {
        let upstream = (host, port);
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
        listener.set_nonblocking(true).expect("a socket can be non-blocking");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let shared = Arc::new(Shared {
            upstream,
            mode: watch::Sender::new(Mode::Pass),
            endings: broadcast::Sender::new(16),
            cut: Mutex::new(None),
            accepted: AtomicUsize::new(0),
        });
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn({
            let shared = Arc::clone(&shared);
            move || run(listener, shared, stopped)
        });
        Proxy { port, shared, stop: Some(stop), thread: Some(thread) }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many connections it has accepted so far.
    pub fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::Acquire)
    }

    /// Changes what it does, for open connections too where the mode says so.
    pub fn set(&self, mode: Mode) {
        self.shared.mode.send_replace(mode);
    }

    /// Ends every open connection now; new ones are welcome.
    pub fn cut(&self, ending: Ending) {
        // Nobody listening means that no connection is open: nothing to end.
        self.shared.endings.send(ending).ok();
    }

    /// Ends the connection on which the n-th byte from now goes this way, right after that byte, whatever it was in
    /// the middle of. Once.
    pub fn cut_after(&self, bytes: usize, direction: Direction, ending: Ending) {
        *self.shared.cut.lock().expect("no holder panics") = Some(Cut { bytes, direction, ending });
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the proxy's thread does not panic");
        }
    }
}

fn run(listener: std::net::TcpListener, shared: Arc<Shared>, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    // When the runtime is dropped all connections are.
    runtime.expect("a runtime can be built").block_on(async move {
        let listener = TcpListener::from_std(listener).expect("the socket is non-blocking");
        tokio::select! {
            () = accept(listener, shared) => (),
            _ = stopped => (),
        }
    });
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((client, _)) = listener.accept().await else { continue };
        shared.accepted.fetch_add(1, Ordering::Release);
        let endings = shared.endings.subscribe();
        tokio::spawn(serve(client, Arc::clone(&shared), endings));
    }
}

/// One connection, from its acceptance to its end.
async fn serve(mut client: TcpStream, shared: Arc<Shared>, mut endings: broadcast::Receiver<Ending>) {
    let mode = *shared.mode.borrow();
    match mode {
        Mode::Refuse => return reset(&client),
        Mode::Silent => {
            if let Ok(Ending::Reset) = endings.recv().await {
                reset(&client);
            }
            return;
        }
        Mode::Pass | Mode::Stall(_) | Mode::StallBoth => (),
    }
    let Ok(mut server) = TcpStream::connect((shared.upstream.0.as_str(), shared.upstream.1)).await else {
        return reset(&client);
    };
    let ending = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        tokio::select! {
            ending = forward(from_client, to_server, Direction::ToServer, &shared) => ending,
            ending = forward(from_server, to_client, Direction::ToClient, &shared) => ending,
            ending = endings.recv() => ending.unwrap_or(Ending::Close),
        }
    };
    if ending == Ending::Reset {
        reset(&client);
        reset(&server);
    }
}

/// Forwards one way until one side ends or the proxy has to cut; returns how the other side is to learn of it.
async fn forward<R, W>(mut from: R, mut to: W, direction: Direction, shared: &Shared) -> Ending
where
    R: AsyncReadExt + Unpin,
    W: AsyncWriteExt + Unpin,
{
    let mut mode = shared.mode.subscribe();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = match from.read(&mut chunk).await {
            Ok(0) => return Ending::Close,
            Ok(read) => read,
            Err(error) => return ending_for(&error),
        };
        if mode.wait_for(|mode| !mode.stalls(direction)).await.is_err() {
            return future::pending().await;
        }
        let (allowed, cut) = shared.allow(read, direction);
        if let Err(error) = to.write_all(&chunk[..allowed]).await {
            return ending_for(&error);
        }
        if let Some(ending) = cut {
            return ending;
        }
    }
}

impl Mode {
    fn stalls(self, direction: Direction) -> bool {
        self == Mode::StallBoth || self == Mode::Stall(direction)
    }
}

impl Shared {
    /// How many of the bytes at hand may still pass, and whether the connection ends after them.
    fn allow(&self, bytes: usize, direction: Direction) -> (usize, Option<Ending>) {
        let mut armed = self.cut.lock().expect("no holder panics");
        match armed.take() {
            Some(cut) if cut.direction == direction && cut.bytes <= bytes => (cut.bytes, Some(cut.ending)),
            Some(mut cut) => {
                if cut.direction == direction {
                    cut.bytes -= bytes;
                }
                *armed = Some(cut);
                (bytes, None)
            }
            None => (bytes, None),
        }
    }
}

/// What one side did is done to the other.
fn ending_for(error: &io::Error) -> Ending {
    if error.kind() == io::ErrorKind::ConnectionReset { Ending::Reset } else { Ending::Close }
}

/// Makes the coming close of the socket send RST.
fn reset(stream: &TcpStream) {
    // A socket whose peer is gone needs no reset.
    stream.set_zero_linger().ok();
}
