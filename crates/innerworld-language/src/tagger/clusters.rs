//! Words of a kind: paths of bits, so that words which share more of a path are more alike.
//!
//! One path comes from what a word is about: a tree of planes through the space of the static
//! vectors, by which any word finds its place, also one that no training text had. The other comes
//! from the words it stood beside: a list of the words seen in training texts.

use std::{collections::HashMap, sync::Arc};

use innerworld_core::memory::encoder::{Encoder as _, Vector};

use crate::{
    asset::{Bytes, Packed, Short},
    embed::StaticEncoder,
    fnv::WordMap,
    load_error::LoadError,
};

/// The name of the asset.
pub(crate) const CLUSTERS_NAME: &str = "clusters";
/// The form of its payload.
pub(crate) const CLUSTERS_FORMAT: u32 = 1;
/// Components of a word's vector that a plane looks at: the most telling ones.
pub(crate) const PLANE_DIMENSIONS: usize = 128;

/// A way down a tree: the bits that were taken, the first one highest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) bits: u32,
    pub(crate) depth: u32,
}

impl Path {
    /// Its first `bits` bits, or all if it has fewer, with how many they are.
    pub(super) const fn first(self, bits: u32) -> u64 {
        let taken = if bits < self.depth { bits } else { self.depth };
        // Bits above a path's depth would be none: a shift by 32 cannot be.
        let value = if taken == 0 {
            0
        } else {
            self.bits >> (self.depth - taken)
        };
        ((bits as u64) << 32) | ((taken as u64) << 40) | value as u64
    }

    /// One bit further down.
    pub(crate) const fn then(self, bit: bool) -> Self {
        Self {
            bits: self.bits << 1 | bit as u32,
            depth: self.depth + 1,
        }
    }

    /// Where every path begins.
    pub(crate) const TOP: Self = Self { bits: 0, depth: 0 };
}

/// A plane that parts words in two.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plane {
    /// Across it, in steps.
    pub(crate) across: Vec<i8>,
    /// What a word's product with `across` is compared with.
    pub(crate) offset: f32,
    /// The planes behind, on the side of lesser and of greater products; 0 is none.
    pub(crate) behind: [u32; 2],
}

/// A tree of planes; the first is the root.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct StaticTree {
    pub(crate) planes: Vec<Plane>,
}

/// Paths of words by what stands beside them.
pub(crate) type Distribution = WordMap<Box<str>, Path>;

/// Paths in the tree of the words read so far: most words of a talk are old ones, and going down
/// takes longer than anything else that a word is asked.
#[derive(Debug, Default)]
pub(crate) struct Paths(HashMap<Box<str>, Option<Path>>);

/// Both kinds of clusters.
#[derive(Debug)]
pub(crate) struct Clusters {
    encoder: Arc<StaticEncoder>,
    tree: StaticTree,
    list: Distribution,
    version: String,
}

impl StaticTree {
    /// The way of a vector down the tree.
    pub(crate) fn path(&self, vector: &[f32]) -> Path {
        let word = Vector::of(vector.get(..PLANE_DIMENSIONS).unwrap_or(vector));
        let mut path = Path::TOP;
        let mut next = self.planes.first();
        while let Some(plane) = next {
            let [less, more] = plane.behind;
            let bit = word.product(&plane.across) > plane.offset;
            path = path.then(bit);
            let behind = if bit { more } else { less };
            // Every plane stands behind an earlier one: this ends.
            next = (behind > 0)
                .then(|| self.planes.get(behind as usize))
                .flatten();
        }
        path
    }

    fn read(bytes: &mut Bytes<'_>) -> Result<Self, Short> {
        let count = bytes.count(PLANE_DIMENSIONS + 4 + 8)?;
        let mut planes = Vec::with_capacity(count);
        for _plane in 0..count {
            planes.push(Plane {
                across: bytes.int8s(PLANE_DIMENSIONS)?,
                offset: 0.0,
                behind: [0; 2],
            });
        }
        for (place, plane) in (0_u32..).zip(&mut planes) {
            plane.offset = bytes.f32()?;
            for behind in &mut plane.behind {
                *behind = bytes.u32()?;
                if *behind != 0 && *behind <= place {
                    return Err(Short);
                }
            }
        }
        Ok(Self { planes })
    }
}

impl Clusters {
    /// Reads the asset.
    ///
    /// # Errors
    /// [`LoadError`] if it is damaged, another one, or made with other vectors.
    pub(crate) fn read(bytes: &[u8], encoder: Arc<StaticEncoder>) -> Result<Self, LoadError> {
        let asset = Packed::read(bytes, CLUSTERS_NAME, CLUSTERS_FORMAT)?;
        if asset.header.settings.get("vectors").map(String::as_str) != Some(encoder.version()) {
            return Err(asset.invalid("it was made with other vectors").into());
        }
        let (tree, list) =
            parts(asset.unpack()?).map_err(|_short| asset.invalid("a list has another length"))?;
        Ok(Self {
            tree,
            list,
            version: asset.header.version().to_owned(),
            encoder,
        })
    }

    /// The path by what a lower-cased word is about; none if the encoder does not know it.
    pub(super) fn in_tree(&self, word: &str, paths: &mut Paths) -> Option<Path> {
        if let Some(path) = paths.0.get(word) {
            return *path;
        }
        let vector = self.encoder.encode(word);
        let known = vector.iter().any(|component| component.abs() > 0.0);
        let path = known.then(|| self.tree.path(&vector));
        paths.0.insert(word.into(), path);
        path
    }

    /// The path by what a lower-cased word stands beside; none if no training text had it.
    pub(super) fn in_list(&self, word: &str) -> Option<Path> {
        self.list.get(word).copied()
    }

    /// The content version.
    pub(super) fn version(&self) -> &str {
        &self.version
    }
}

fn parts(mut bytes: Bytes<'_>) -> Result<(StaticTree, Distribution), Short> {
    let tree = StaticTree::read(&mut bytes)?;
    let count = bytes.count(4)?;
    let mut paths = Vec::with_capacity(count);
    for _word in 0..count {
        let packed = bytes.u32()?;
        let depth = packed >> 24;
        if depth > 24 {
            return Err(Short);
        }
        paths.push(Path {
            bits: packed & 0x00ff_ffff,
            depth,
        });
    }
    let words = String::from_utf8(bytes.rest()?).map_err(|_error| Short)?;
    if words.lines().count() != count {
        return Err(Short);
    }
    let list = words.lines().map(Box::from).zip(paths).collect();
    Ok((tree, list))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_of_paths_are_told_apart() {
        let path = Path::TOP.then(true).then(false).then(true);
        assert_eq!(
            path,
            Path {
                bits: 0b101,
                depth: 3
            }
        );
        let other = Path::TOP.then(true).then(false).then(false);
        assert_eq!(path.first(2), other.first(2));
        assert_ne!(path.first(3), other.first(3));
        assert_ne!(path.first(2), path.first(4));
        assert_ne!(path.first(4), path.first(8));
    }
}
