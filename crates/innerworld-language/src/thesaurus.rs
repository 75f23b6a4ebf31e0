//! Words that mean about the same, by their stems: which are near in the space of word pieces, and
//! which are forms of one irregular verb or noun.

use innerworld_core::memory::thesaurus::Thesaurus;

use crate::{
    asset::{Bytes, Packed},
    load_error::LoadError,
};

/// The name of the asset.
pub(crate) const NAME: &str = "thesaurus";
/// The form of its payload.
pub(crate) const FORMAT: u32 = 1;
/// The asset inside the program.
pub(crate) const SHIPPED: &[u8] = include_bytes!("../assets/thesaurus.iwa");
/// A share of one, in steps.
pub(crate) const STEPS: f32 = 255.0;

/// Stems with the stems near to each.
#[derive(Debug)]
pub struct ShippedThesaurus {
    version: String,
    /// In the order of their letters.
    stems: Vec<Box<str>>,
    /// Where the list of each stem ends; it begins where the one before ends.
    ends: Vec<usize>,
    near: Vec<Near>,
}

#[derive(Debug, Clone, Copy)]
struct Near {
    stem: u16,
    share: u8,
}

impl ShippedThesaurus {
    /// The thesaurus inside the program.
    ///
    /// # Errors
    /// [`LoadError`] if the program was built with damaged parts.
    pub fn shipped() -> Result<Self, LoadError> {
        Self::read(SHIPPED)
    }

    /// Reads the asset.
    ///
    /// # Errors
    /// [`LoadError`] if it is damaged or another one.
    pub fn read(bytes: &[u8]) -> Result<Self, LoadError> {
        let asset = Packed::read(bytes, NAME, FORMAT)?;
        let version = format!("thesaurus-{}", asset.header.version());
        Ok(Self::of_payload(version, asset.unpack()?).map_err(|reason| asset.invalid(reason))?)
    }

    /// A count of stems; for each the length of its list; the lists one after the other, first all
    /// low bytes of their stems' numbers, then all high ones, then all shares; the stems, a line
    /// each.
    fn of_payload(version: String, mut bytes: Bytes<'_>) -> Result<Self, &'static str> {
        let short = |_short| "a list has another length";
        let count = bytes.count(1).map_err(short)?;
        let mut ends = Vec::with_capacity(count);
        let mut end = 0;
        for length in bytes.take(count).map_err(short)? {
            end += usize::from(length);
            ends.push(end);
        }
        let low = bytes.take(end).map_err(short)?;
        let high = bytes.take(end).map_err(short)?;
        let shares = bytes.take(end).map_err(short)?;
        let stems = String::from_utf8(bytes.rest().map_err(short)?)
            .map_err(|_error| "a stem is no text")?;
        let stems: Vec<Box<str>> = stems.lines().map(Box::from).collect();
        if stems.len() != count || !stems.is_sorted() {
            return Err("there are other stems than lists");
        }
        let numbers = low.into_iter().zip(high);
        let numbers = numbers.map(|(low, high)| u16::from_le_bytes([low, high]));
        let near: Vec<Near> = numbers
            .zip(shares)
            .map(|(stem, share)| Near { stem, share })
            .collect();
        if near
            .iter()
            .any(|near| usize::from(near.stem) >= count || near.share == 0)
        {
            return Err("a list names a stem that is not there");
        }
        Ok(Self {
            version,
            stems,
            ends,
            near,
        })
    }

    fn list(&self, place: usize) -> &[Near] {
        let start = place
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .copied()
            .unwrap_or_default();
        let end = self.ends.get(place).copied().unwrap_or_default();
        self.near.get(start..end).unwrap_or_default()
    }
}

impl Thesaurus for ShippedThesaurus {
    fn version(&self) -> &str {
        &self.version
    }

    fn near(&self, stem: &str, take: &mut dyn FnMut(&str, f32)) {
        let Ok(place) = self.stems.binary_search_by(|known| (**known).cmp(stem)) else {
            return;
        };
        for near in self.list(place) {
            if let Some(stem) = self.stems.get(usize::from(near.stem)) {
                take(stem, f32::from(near.share) / STEPS);
            }
        }
    }
}
