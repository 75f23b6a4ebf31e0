//! The files of infrastructure/, parsed.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use hcl::{Block, Body};

/// Whether a type is made or only read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Resource,
    Data,
}

/// A file of the tree.
#[derive(Debug)]
pub(super) struct File {
    /// Below the tree's folder.
    pub(super) path: PathBuf,
    pub(super) text: String,
    pub(super) body: Body,
}

/// Every `.tf` and `.tftest.hcl` file, in the order of their paths.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) files: Vec<File>,
}

impl Tree {
    /// Reads the tree below `folder`.
    pub(super) fn read(folder: &Path) -> anyhow::Result<Self> {
        let mut paths = Vec::new();
        collect(folder, &mut paths)?;
        paths.sort();
        let files = paths.into_iter().map(|path| {
            let text = fs::read_to_string(&path)?;
            File::parse(path.strip_prefix(folder)?, text)
        });
        let files = files.collect::<anyhow::Result<_>>()?;
        Ok(Self { files })
    }

    /// Files that are not on disk.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> anyhow::Result<Self> {
        let files = files.iter();
        let files = files.map(|(path, text)| File::parse(Path::new(path), (*text).to_owned()));
        let files = files.collect::<anyhow::Result<_>>()?;
        Ok(Self { files })
    }

    /// The files that make resources, not those of tests.
    pub(super) fn sources(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| !file.is_test())
    }

    /// Every folder that is a root or a module.
    pub(super) fn modules(&self) -> BTreeSet<PathBuf> {
        let parents = self.sources().filter_map(|file| file.path.parent());
        parents.map(Path::to_owned).collect()
    }

    /// Every type of the provider that is used.
    pub(super) fn types(&self) -> BTreeSet<(Kind, String)> {
        let blocks = self.sources().flat_map(|file| file.body.blocks());
        let used = blocks.filter_map(|block| {
            let kind = match block.identifier() {
                "resource" => Kind::Resource,
                "data" => Kind::Data,
                _ => return None,
            };
            let name = label(block, 0)?;
            name.starts_with("aws_").then(|| (kind, name.to_owned()))
        });
        used.collect()
    }
}

impl File {
    fn parse(path: &Path, text: String) -> anyhow::Result<Self> {
        let body =
            hcl::parse(&text).with_context(|| format!("could not parse {}", path.display()))?;
        let path = path.to_owned();
        Ok(Self { path, text, body })
    }

    pub(super) fn is_test(&self) -> bool {
        self.path.to_string_lossy().ends_with(".tftest.hcl")
    }

    /// The blocks of one kind, outermost.
    pub(super) fn blocks<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        let blocks = self.body.blocks();
        blocks.filter(move |block| block.identifier() == kind)
    }
}

/// A label of a block, such as its name.
pub(super) fn label(block: &Block, index: usize) -> Option<&str> {
    block.labels().get(index).map(hcl::BlockLabel::as_str)
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("could not list {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && !name.starts_with('.') {
            collect(&path, paths)?;
        } else if name.ends_with(".tf") || name.ends_with(".tftest.hcl") {
            paths.push(path);
        }
    }
    Ok(())
}
