//! The assets that the program carries.

use super::{Asset, Header, InvalidAsset};
use crate::{embed, emotion, safety::scorer, tagger, thesaurus};

/// Name, format and bytes of each.
const ALL: &[(&str, u32, &[u8])] = &[
    (emotion::NAME, emotion::FORMAT, emotion::SHIPPED),
    (scorer::NAME, scorer::FORMAT, scorer::SHIPPED),
    (embed::NAME, embed::FORMAT, embed::SHIPPED),
    (
        tagger::CLUSTERS_NAME,
        tagger::CLUSTERS_FORMAT,
        tagger::SHIPPED_CLUSTERS,
    ),
    (
        tagger::NAMES_NAME,
        tagger::NAMES_FORMAT,
        tagger::SHIPPED_NAMES,
    ),
    (
        tagger::TAGGER_NAME,
        tagger::TAGGER_FORMAT,
        tagger::SHIPPED_TAGGER,
    ),
    (thesaurus::NAME, thesaurus::FORMAT, thesaurus::SHIPPED),
];

/// An asset of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipped {
    /// What it says of itself.
    pub header: Header,
    /// How much of the program it is, in bytes.
    pub packed: usize,
}

/// Every asset, unpacked and checked.
///
/// # Errors
/// [`InvalidAsset`] if the program was built with a damaged one.
pub fn shipped() -> Result<Vec<Shipped>, InvalidAsset> {
    let read = |(name, format, bytes): &(&str, u32, &[u8])| {
        let asset = Asset::read(bytes, name, *format)?;
        Ok(Shipped {
            header: asset.header,
            packed: bytes.len(),
        })
    };
    ALL.iter().map(read).collect()
}
