//! The trainer of the word clusters.

use std::collections::BTreeMap;

use innerworld_core::memory::encoder::{Encoder as _, Vector};

use super::{
    TrainError,
    distribution::{self, distributed},
    steps::in_steps,
    two_means::Cloud,
};
use crate::{
    asset::{self, Maker, Source},
    embed::StaticEncoder,
    tagger::{CLUSTERS_FORMAT, CLUSTERS_NAME, PLANE_DIMENSIONS, Path, Plane, StaticTree},
};

/// `trainer` counts changes that change what it makes from the same data.
const MAKER: Maker = Maker {
    name: CLUSTERS_NAME,
    format: CLUSTERS_FORMAT,
    trainer: 1,
};
/// Depth of the tree by what words are about.
const TREE_DEPTH: u32 = 16;
/// Depth of the paths by what stands beside them.
const LIST_DEPTH: u32 = 12;
/// Fewer words than this stay together.
const FEWEST: usize = 8;

/// Makes the asset from sentences of lower-cased words. `said` is told what is being done.
///
/// # Errors
/// If the header cannot be written.
pub fn train_clusters(
    sentences: &[Vec<String>],
    encoder: &StaticEncoder,
    sources: Vec<Source>,
    said: &mut dyn FnMut(&str),
) -> Result<Vec<u8>, TrainError> {
    let tree = tree(sentences, encoder);
    said(&format!("{} planes", tree.planes.len()));
    let list = list(sentences);
    said(&format!("{} words with a path of their own", list.len()));
    let header = MAKER.header(
        sources,
        [
            ("vectors", encoder.version().to_owned()),
            ("tree depth", TREE_DEPTH.to_string()),
            ("list depth", LIST_DEPTH.to_string()),
        ],
        BTreeMap::from([
            ("planes".to_owned(), tree.planes.len().to_string()),
            ("words".to_owned(), list.len().to_string()),
        ]),
    );
    Ok(asset::write(header, &payload(&tree, &list))?)
}

fn payload(tree: &StaticTree, list: &BTreeMap<String, Path>) -> Vec<u8> {
    let mut bytes = (tree.planes.len() as u32).to_le_bytes().to_vec();
    for plane in &tree.planes {
        bytes.extend(plane.across.iter().map(|step| step.cast_unsigned()));
    }
    for plane in &tree.planes {
        bytes.extend(plane.offset.to_le_bytes());
        bytes.extend(plane.behind.iter().flat_map(|behind| behind.to_le_bytes()));
    }
    bytes.extend((list.len() as u32).to_le_bytes());
    for path in list.values() {
        bytes.extend((path.depth << 24 | path.bits).to_le_bytes());
    }
    let words: Vec<&str> = list.keys().map(String::as_str).collect();
    bytes.extend(words.join("\n").bytes());
    bytes
}

fn tree(sentences: &[Vec<String>], encoder: &StaticEncoder) -> StaticTree {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for word in sentences.iter().flatten() {
        *counts.entry(word).or_default() += 1;
    }
    let (mut vectors, mut stored, mut weights) = (Vec::new(), Vec::new(), Vec::new());
    for (word, count) in counts {
        let mut vector = encoder.encode(word);
        vector.truncate(PLANE_DIMENSIONS);
        if vector.iter().all(|x| x.abs() <= 0.0) {
            continue;
        }
        stored.push(Vector::of(&vector));
        weights.push(libm::logf(1.0 + count as f32));
        vectors.extend(vector);
    }
    let cloud = Cloud {
        vectors: &vectors,
        width: PLANE_DIMENSIONS,
        weights: &weights,
    };
    let mut tree = StaticTree::default();
    let members = (0..stored.len() as u32).collect();
    grow(&mut tree, &cloud, &stored, (members, 0));
    tree
}

/// Adds the plane that parts these members, and those behind it; returns its place, 0 for none.
fn grow(
    tree: &mut StaticTree,
    cloud: &Cloud<'_>,
    stored: &[Vector],
    (members, depth): (Vec<u32>, u32),
) -> u32 {
    if members.len() < FEWEST || depth == TREE_DEPTH {
        return 0;
    }
    let Some(centres) = cloud.halves(&members) else {
        return 0;
    };
    let (across, offset) = centres.plane();
    let (across, scale) = in_steps(&across);
    if scale <= 0.0 {
        return 0;
    }
    let offset = offset / scale;
    // As words will be parted when they are read.
    let (more, less): (Vec<u32>, Vec<u32>) = members.into_iter().partition(|member| {
        let word = stored.get(*member as usize);
        word.is_some_and(|word| word.product(&across) > offset)
    });
    if more.is_empty() || less.is_empty() {
        return 0;
    }
    let place = tree.planes.len();
    tree.planes.push(Plane {
        across,
        offset,
        behind: [0; 2],
    });
    let behind = [less, more].map(|half| grow(tree, cloud, stored, (half, depth + 1)));
    if let Some(plane) = tree.planes.get_mut(place) {
        plane.behind = behind;
    }
    place as u32
}

fn list(sentences: &[Vec<String>]) -> BTreeMap<String, Path> {
    let words = distributed(sentences);
    let weights: Vec<f32> = words
        .counts
        .iter()
        .map(|count| libm::logf(1.0 + *count as f32))
        .collect();
    let cloud = Cloud {
        vectors: &words.vectors,
        width: distribution::WIDTH,
        weights: &weights,
    };
    let mut paths = vec![Path::TOP; words.words.len()];
    let members = (0..words.words.len() as u32).collect();
    part(&cloud, members, Path::TOP, &mut paths);
    words.words.into_iter().zip(paths).collect()
}

fn part(cloud: &Cloud<'_>, members: Vec<u32>, path: Path, paths: &mut [Path]) {
    for member in &members {
        if let Some(place) = paths.get_mut(*member as usize) {
            *place = path;
        }
    }
    if members.len() < FEWEST || path.depth == LIST_DEPTH {
        return;
    }
    let Some(centres) = cloud.halves(&members) else {
        return;
    };
    let (across, offset) = centres.plane();
    let (more, less): (Vec<u32>, Vec<u32>) = members
        .into_iter()
        .partition(|member| super::two_means::dot(cloud.vector(*member), &across) > offset);
    for (half, bit) in [(less, false), (more, true)] {
        if !half.is_empty() {
            part(cloud, half, path.then(bit), paths);
        }
    }
}
