//! AMQP 0-9-1 through lapin, on sessions that are built, watched and thrown away as one.
//!
//! lapin's own recovery is off: with it, a broker's refusal can leave a consumer waiting forever. Two connections,
//! because a broker in alarm stops reading from those that publish, and acknowledgements must still get through.

pub mod dead_letters;
mod dial;
pub mod ending;
mod in_hand;
mod list;
pub mod options;
pub mod preflight;
pub mod publisher;
pub mod rpc;
pub mod session;
mod settler;
pub mod source;
pub mod topology;
mod wire;
