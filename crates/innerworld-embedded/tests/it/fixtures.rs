//! Data folders of earlier formats open with today's program and read as they did then.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use innerworld_embedded::{Embedded, OpenOptions, OsIds};
use innerworld_testkit::FakeClock;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::fixture_contents::{FILES, contents};

fn fixtures() -> Vec<PathBuf> {
    let parent = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let entries = fs::read_dir(parent).unwrap().map(|entry| entry.unwrap());
    let mut folders: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("data-v"))
        .map(|entry| entry.path())
        .collect();
    folders.sort();
    folders
}

fn open(folder: &Path) -> Embedded {
    Embedded::open(OpenOptions {
        data_dir: folder.to_owned(),
        master_key_file: folder.join("master.key"),
        clock: Arc::new(FakeClock::default()),
        ids: Arc::new(OsIds),
    })
    .unwrap()
}

/// The `user_version` of each file, read without changing anything.
fn versions(folder: &Path) -> Vec<(&'static str, i32)> {
    let version = |name| {
        // Immutable: not even an empty log appears beside a committed file.
        let uri = format!("file:{}?immutable=1", folder.join(name).display());
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(uri, flags).unwrap();
        connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap()
    };
    FILES.map(|name| (name, version(name))).to_vec()
}

#[tokio::test]
async fn data_of_every_version_reads_as_it_did() {
    assert!(!fixtures().is_empty());
    for fixture in fixtures() {
        let copy = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(&fixture).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
        let then: Value =
            serde_json::from_slice(&fs::read(fixture.join("contents.json")).unwrap()).unwrap();
        // Once as it was upgraded, once as it lies there afterwards.
        for _ in 0..2 {
            let now = contents(&open(copy.path())).await.unwrap();
            assert_eq!(now, then, "{}", fixture.display());
        }
    }
}

#[test]
fn every_version_of_every_file_has_a_fixture() {
    let fresh = tempfile::tempdir().unwrap();
    drop(open(fresh.path()));
    let kept: BTreeSet<_> = fixtures()
        .iter()
        .flat_map(|folder| versions(folder))
        .collect();
    for (file, version) in versions(fresh.path()) {
        for version in 1..=version {
            assert!(
                kept.contains(&(file, version)),
                "no fixture holds version {version} of {file}: run `cargo xtask fixture` and \
                 commit what it makes"
            );
        }
    }
}
