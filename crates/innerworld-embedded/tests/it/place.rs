//! A data directory of a test, and its clock.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use innerworld_core::{
    clock::{Clock, Timestamp},
    ids::TeenId,
};
use innerworld_embedded::{Embedded, OpenError, OpenOptions, OsIds};
use innerworld_testkit::FakeClock;
use tempfile::TempDir;

/// Where the stores of a test live.
pub(crate) struct Place {
    directory: PathBuf,
    // Deleted with the place that made it.
    _made: Option<TempDir>,
    pub(crate) clock: Arc<FakeClock>,
}

impl Place {
    pub(crate) fn new() -> Self {
        let made = tempfile::tempdir().unwrap();
        Self {
            directory: made.path().to_owned(),
            _made: Some(made),
            clock: Arc::default(),
        }
    }

    /// A directory that somebody else made and deletes.
    pub(crate) fn of(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            _made: None,
            clock: Arc::default(),
        }
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    pub(crate) fn key_file(&self) -> PathBuf {
        self.directory.join("master.key")
    }

    pub(crate) fn open(&self) -> Result<Embedded, OpenError> {
        Embedded::open(OpenOptions {
            data_dir: self.data(),
            master_key_file: self.key_file(),
            clock: self.clock.clone(),
            ids: Arc::new(OsIds),
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// The nth teen; the bits are such that no file holds them by chance.
pub(crate) fn teen(n: u128) -> TeenId {
    TeenId::from_subject_bits(0x0f8f_ad5b_d9cb_469f_a165_7086_7728_9500 + n)
}
