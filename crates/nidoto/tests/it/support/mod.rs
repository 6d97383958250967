//! What the tests are made of: roots in folders that vanish, a server that misbehaves at will.

pub mod http;
pub mod process;
pub mod root;

use std::path::{Path, PathBuf};

/// The checkout that is being tested.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// A free port on loopback. Somebody may take it meanwhile; then the server that wanted it fails.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
