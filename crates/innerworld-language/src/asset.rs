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

use std::io::Read as _;

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

impl Asset {
    /// Reads the asset called `name` of format `format` from a whole file.
    ///
    /// # Errors
    /// [`InvalidAsset`] says what is wrong with a file that is cut, changed, of another part or of
    /// another format. Any bytes may be given.
    pub fn read(bytes: &[u8], name: &str, format: u32) -> Result<Self, InvalidAsset> {
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
        let payload = unpack(packed, &header)?;
        Ok(Self { header, payload })
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

fn unpack(packed: &[u8], header: &Header) -> Result<Vec<u8>, InvalidAsset> {
    let broken = || InvalidAsset::Packed {
        name: header.name.clone(),
    };
    if header.bytes > PAYLOAD_LIMIT {
        return Err(broken());
    }
    let decoder = StreamingDecoder::new(packed).map_err(|_error| broken())?;
    // One byte more than promised is enough to know that the promise is broken.
    let mut payload = Vec::new();
    decoder
        .take(header.bytes + 1)
        .read_to_end(&mut payload)
        .map_err(|_error| broken())?;
    if payload.len() as u64 == header.bytes {
        Ok(payload)
    } else {
        Err(broken())
    }
}
