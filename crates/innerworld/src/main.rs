//! InnerWorld.
fn main() {}
