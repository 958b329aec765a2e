//! Ports that no parallel test will take: each is a locked file, and the lock dies with the process that holds it.
//!
//! Below the kernel's ephemeral range, where the socket of any outgoing connection could sit on the port between the
//! moment it is chosen and the moment the broker listens on it.

use std::fs::{self, File};
use std::net::TcpListener;
use std::process;
use std::sync::atomic::{AtomicU16, Ordering};

use rustix::fs::{FlockOperation, flock};

const FIRST: u16 = 10_240;
const EPHEMERAL: u16 = 32_768;

/// Where in the range this process looks next; spread by process id, so that parallel processes seldom meet.
static OFFSET: AtomicU16 = AtomicU16::new(0);

/// A port on loopback that is ours until it is dropped.
pub struct Port {
    /// Its number.
    pub number: u16,
    _lock: File,
}

impl Port {
    /// Takes a free one.
    pub fn reserve() -> Port {
        let range = EPHEMERAL - FIRST;
        let start =
            u16::try_from(process::id().wrapping_mul(97) % u32::from(range)).expect("the range fits in 16 bits");
        (0..range)
            .map(|_| {
                FIRST
                    + (u32::from(start) + u32::from(OFFSET.fetch_add(1, Ordering::Relaxed))).rem_euclid(range.into())
                        as u16
            })
            .find_map(lock)
            .expect("some of 22,528 ports is free")
    }
}

fn lock(number: u16) -> Option<Port> {
    let directory = std::env::temp_dir().join("dateline-ports");
    fs::create_dir_all(&directory).expect("the temporary directory can be written");
    let file = File::create(directory.join(number.to_string())).expect("a lock file can be created");
    flock(&file, FlockOperation::NonBlockingLockExclusive).ok()?;
    // A program that is not a test of ours takes no lock, but its port shows as bound.
    TcpListener::bind(("127.0.0.1", number)).ok()?;
    Some(Port { number, _lock: file })
}

#[test]
fn no_port_is_given_twice() {
    let ports: Vec<Port> = (0..50).map(|_| Port::reserve()).collect();
    let numbers: std::collections::BTreeSet<u16> = ports.iter().map(|port| port.number).collect();
    assert_eq!(numbers.len(), 50);
    assert!(lock(ports[0].number).is_none());
}
