//! Why an asset was refused.

/// A file that cannot be used as the asset it should be.
#[derive(Debug, thiserror::Error)]
pub enum InvalidAsset {
    /// It does not begin as an asset does.
    #[error("this is not an asset")]
    NoAsset,
    /// It ends before its header does.
    #[error("the asset is cut off")]
    Cut,
    /// Its header cannot be read.
    #[error("could not read the header of an asset")]
    Header {
        /// What the reader says.
        #[source]
        source: Box<serde_json::Error>,
    },
    /// It is an asset of another part.
    #[error("this is the asset {found}, not {expected}")]
    Other {
        /// The part that reads.
        expected: String,
        /// The part it is for.
        found: String,
    },
    /// It was written for another version of the program.
    #[error("the asset {name} has format {found}, this program reads {expected}")]
    Format {
        /// Its name.
        name: String,
        /// What the program reads.
        expected: u32,
        /// What it has.
        found: u32,
    },
    /// Its payload cannot be unpacked or has another length.
    #[error("the payload of the asset {name} is damaged")]
    Packed {
        /// Its name.
        name: String,
    },
    /// Its payload is not the one that the header names.
    #[error("the payload of the asset {name} was changed")]
    Changed {
        /// Its name.
        name: String,
    },
    /// Its payload is whole, but not what its part expects.
    #[error("the payload of the asset {name} does not fit: {reason}")]
    Payload {
        /// Its name.
        name: String,
        /// What does not fit.
        reason: &'static str,
    },
}
