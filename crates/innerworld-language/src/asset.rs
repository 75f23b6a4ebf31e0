//! The files that carry trained weights and lists: a readable header, then a packed payload.
//!
//! Layout: the eight bytes `IWASSET1`, the header's length as a little-endian `u32`, the header as
//! JSON, the payload packed with zstd. The header says what the payload was made from and what it
//! scored; its hash of the packed payload makes sure that it is that payload.

mod bytes;
mod header;
mod invalid;
mod shipped;
#[cfg(feature = "train")]
mod write;

use innerworld_core::hex;
use ruzstd::decoding::StreamingDecoder;

pub(crate) use bytes::{Bytes, Short};
pub use header::{Header, Source};
pub use invalid::InvalidAsset;
pub use shipped::{Shipped, shipped};
#[cfg(feature = "train")]
pub(crate) use write::Maker;
#[cfg(feature = "train")]
pub use write::write;

const MAGIC: &[u8; 8] = b"IWASSET1";
/// Bytes of a header at most; a longer one is a damaged length.
const HEADER_LIMIT: usize = 64 * 1024;
/// Bytes of an unpacked payload at most.
const PAYLOAD_LIMIT: u64 = 64 * 1024 * 1024;

/// An asset whose payload is the one that its header speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// What it is and what it was made from.
    pub header: Header,
    /// The weights or lists, in the form that the part named in the header knows.
    pub payload: Vec<u8>,
}

/// An asset of which nothing is unpacked yet.
#[derive(Debug)]
pub(crate) struct Packed<'a> {
    pub(crate) header: Header,
    packed: &'a [u8],
}

impl Asset {
    /// Reads the asset called `name` of format `format` from a whole file.
    ///
    /// # Errors
    /// [`InvalidAsset`] says what is wrong with a file that is cut, changed, of another part or of
    /// another format. Any bytes may be given.
    pub fn read(bytes: &[u8], name: &str, format: u32) -> Result<Self, InvalidAsset> {
        let asset = Packed::read(bytes, name, format)?;
        let broken = |_short| InvalidAsset::Packed {
            name: name.to_owned(),
        };
        let payload = asset.unpack()?.rest().map_err(broken)?;
        Ok(Self {
            header: asset.header,
            payload,
        })
    }
}

impl<'a> Packed<'a> {
    /// Makes sure that these bytes are the asset called `name` of format `format`.
    pub(crate) fn read(bytes: &'a [u8], name: &str, format: u32) -> Result<Self, InvalidAsset> {
        let (header, packed) = split(bytes)?;
        if header.name != name {
            return Err(InvalidAsset::Other {
                expected: name.to_owned(),
                found: header.name,
            });
        }
        if header.format != format {
            return Err(InvalidAsset::Format {
                name: header.name,
                expected: format,
                found: header.format,
            });
        }
        if hex::sha256(packed) != header.sha256 {
            return Err(InvalidAsset::Changed { name: header.name });
        }
        Ok(Self { header, packed })
    }

    /// The payload, unpacked as it is read.
    pub(crate) fn unpack(&self) -> Result<Bytes<'a>, InvalidAsset> {
        let broken = || InvalidAsset::Packed {
            name: self.header.name.clone(),
        };
        if self.header.bytes > PAYLOAD_LIMIT {
            return Err(broken());
        }
        let length = usize::try_from(self.header.bytes).map_err(|_error| broken())?;
        let decoder = StreamingDecoder::new(self.packed).map_err(|_error| broken())?;
        Ok(Bytes::new(decoder, length))
    }

    /// What is wrong with the payload.
    pub(crate) fn invalid(&self, reason: &'static str) -> InvalidAsset {
        InvalidAsset::Payload {
            name: self.header.name.clone(),
            reason,
        }
    }
}

fn split(bytes: &[u8]) -> Result<(Header, &[u8]), InvalidAsset> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(InvalidAsset::NoAsset)?;
    let (length, rest) = rest.split_first_chunk().ok_or(InvalidAsset::Cut)?;
    let length = u32::from_le_bytes(*length) as usize;
    if length > HEADER_LIMIT {
        return Err(InvalidAsset::NoAsset);
    }
    let (header, packed) = rest.split_at_checked(length).ok_or(InvalidAsset::Cut)?;
    let header = serde_json::from_slice(header).map_err(|source| InvalidAsset::Header {
        source: Box::new(source),
    })?;
    Ok((header, packed))
}
