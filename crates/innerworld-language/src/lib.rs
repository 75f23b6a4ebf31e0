//! InnerWorld.
