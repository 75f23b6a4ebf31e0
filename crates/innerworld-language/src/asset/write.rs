//! Writing an asset, for trainers.

use std::collections::BTreeMap;

use innerworld_core::hex;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::{Header, MAGIC, Source};

/// Who makes an asset: its name, the form of its payload, and the version of its trainer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Maker {
    pub(crate) name: &'static str,
    pub(crate) format: u32,
    pub(crate) trainer: u32,
}

impl Maker {
    /// The header of an asset that is yet to be written.
    pub(crate) fn header<const N: usize>(
        self,
        sources: Vec<Source>,
        settings: [(&str, String); N],
        figures: BTreeMap<String, String>,
    ) -> Header {
        let named = |(name, value): (&str, String)| (name.to_owned(), value);
        Header {
            name: self.name.to_owned(),
            format: self.format,
            sha256: String::new(),
            bytes: 0,
            trainer: self.trainer,
            sources,
            settings: settings.map(named).into(),
            figures,
        }
    }
}

/// The bytes of an asset with this payload; hash and length in `header` are filled in.
///
/// # Errors
/// If the header cannot be written as JSON, which only a header beyond its limits can cause.
pub fn write(mut header: Header, payload: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
    let packed = compress_to_vec(payload, CompressionLevel::Fastest);
    header.sha256 = hex::sha256(&packed);
    header.bytes = payload.len() as u64;
    let header = serde_json::to_vec_pretty(&header)?;
    let length = u32::try_from(header.len()).map_err(serde::ser::Error::custom)?;
    let mut bytes = MAGIC.to_vec();
    bytes.extend(length.to_le_bytes());
    bytes.extend(&header);
    bytes.extend(packed);
    Ok(bytes)
}
