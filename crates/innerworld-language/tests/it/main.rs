//! Tests of the public surface.

mod pii;
