//! Port: words that mean about the same.

/// Port: a stem -> the stems that mean about the same. Synchronous, local and pure: recall asks it
/// while a teen waits.
///
/// "job" is asked for and "work" was said; "go" is asked for and "went" was said. A turn that holds
/// a near word answers a question as well, only less surely.
///
/// # Contract
/// * The same stem gives the same answer as long as `version` is the same.
/// * Each stem is given once, the nearest first, and never the one that was asked for.
/// * A share is above 0 and at most 1: what finding the near stem is worth beside finding the
///   stem itself.
pub trait Thesaurus: Send + Sync {
    /// Names the list.
    fn version(&self) -> &str;

    /// Calls `take` with each stem near to `stem`, and its share.
    fn near(&self, stem: &str, take: &mut dyn FnMut(&str, f32));
}
