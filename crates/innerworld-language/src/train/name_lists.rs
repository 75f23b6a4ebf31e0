//! Packing of the name lists.

use std::collections::{BTreeMap, BTreeSet};

use super::TrainError;
use crate::{
    asset::{self, Maker, Source},
    embed::StaticEncoder,
    load_error::LoadError,
    tagger::{Clusters, Features, NAMES_FORMAT, NAMES_NAME, NameLists},
    train::TaggerFeatures,
};

/// `trainer` counts changes that change what is made from the same lists.
const MAKER: Maker = Maker {
    name: NAMES_NAME,
    format: NAMES_FORMAT,
    trainer: 1,
};

/// A list of names under a title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedList {
    /// What the names are.
    pub title: &'static str,
    /// The names; case does not count.
    pub names: Vec<String>,
}

/// Makes the asset. The order of the lists is part of what it says.
///
/// # Errors
/// If the header cannot be written.
pub fn pack_names(lists: &[NamedList], sources: Vec<Source>) -> Result<Vec<u8>, TrainError> {
    let mut text = String::new();
    let mut figures = BTreeMap::new();
    for list in lists {
        let names: BTreeSet<String> = list
            .names
            .iter()
            .map(|name| name.to_lowercase().replace('’', "'"))
            .map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|name| !name.is_empty() && !name.starts_with('='))
            .collect();
        figures.insert(list.title.to_owned(), names.len().to_string());
        text.push('=');
        text.push_str(list.title);
        text.push('\n');
        for name in names {
            text.push_str(&name);
            text.push('\n');
        }
    }
    let header = MAKER.header(sources, [], figures);
    Ok(asset::write(header, text.as_bytes())?)
}

impl TaggerFeatures {
    /// Reads the clusters and the name lists that a tagger is trained with.
    ///
    /// # Errors
    /// [`LoadError`] if one is damaged or another one.
    pub fn read(
        encoder: std::sync::Arc<StaticEncoder>,
        clusters: &[u8],
        names: &[u8],
    ) -> Result<Self, LoadError> {
        Ok(Self(Features::new(
            Clusters::read(clusters, encoder)?,
            std::sync::Arc::new(NameLists::read(names)?),
        )))
    }
}
