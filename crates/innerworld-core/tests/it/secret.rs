//! T10: what a secret leaves behind in memory when it is dropped, which is nothing.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
};

use innerworld_core::{
    seal::TeenKey,
    secret::{Redacted, Secret},
};
use zeroize::ZeroizeOnDrop;

/// Short enough that the allocator keeps its place for this thread.
const CANARY: &str = "quenbyhollisrake-4417-";
const TIMES: usize = 20;

fn canary() -> String {
    CANARY.repeat(TIMES)
}

/// How often the canary stands in this process's memory at `place`. Makes no room of its own, which
/// could be that place.
#[cfg(target_os = "linux")]
fn left_at(place: usize) -> usize {
    let mut memory = File::open("/proc/self/mem").unwrap();
    memory.seek(SeekFrom::Start(place as u64)).unwrap();
    let mut bytes = [0; CANARY.len() * TIMES];
    memory.read_exact(&mut bytes).unwrap();
    let windows = bytes.windows(CANARY.len());
    windows
        .filter(|window| *window == CANARY.as_bytes())
        .count()
}

#[cfg(target_os = "linux")]
#[test]
fn t10_a_dropped_secret_is_gone_from_memory() {
    let secret = Secret::new(canary());
    let place = secret.reveal().as_ptr().addr();
    assert_eq!(left_at(place), TIMES, "the look sees what is there");
    drop(secret);
    assert_eq!(left_at(place), 0);
}

/// A type that is only silent leaves its bytes where they were.
#[cfg(target_os = "linux")]
#[test]
fn t10_a_dropped_text_that_only_does_not_print_is_still_there() {
    let text = Redacted::new(canary());
    let place = text.reveal().as_ptr().addr();
    drop(text);
    // The allocator writes its own notes over the first few bytes.
    assert!(left_at(place) > TIMES / 2);
}

#[test]
fn t10_keys_and_secrets_are_wiped_on_drop() {
    fn wiped<T: ZeroizeOnDrop>() {}
    wiped::<Secret>();
    wiped::<TeenKey>();
}
