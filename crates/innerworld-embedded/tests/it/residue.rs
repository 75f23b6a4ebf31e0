//! What an erase leaves in the files, byte by byte: no word, no subject, no key.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::Duration,
};

use innerworld_core::ids::TeenId;
use innerworld_testkit::records::{NOW, Records};
use rusqlite::types::ValueRef;
use tokio::task::JoinSet;

use crate::{
    everything::{MARKER, settle},
    place::Place,
};

const NEEDLE: usize = 16;

/// Every long value of every row.
fn values(place: &Place) -> BTreeSet<Vec<u8>> {
    let mut values = BTreeSet::new();
    for file in ["keys.db", "live.db", "memory.db"] {
        let connection = rusqlite::Connection::open(place.data().join(file)).unwrap();
        let mut tables = connection
            .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
            .unwrap();
        let tables = tables.query_map([], |row| row.get(0)).unwrap();
        for table in tables.map(Result::<String, _>::unwrap) {
            let mut all = connection
                .prepare(&format!("SELECT * FROM \"{table}\""))
                .unwrap();
            let columns = all.column_count();
            let mut rows = all.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                for column in 0..columns {
                    if let ValueRef::Blob(bytes) | ValueRef::Text(bytes) =
                        row.get_ref(column).unwrap()
                        && bytes.len() >= NEEDLE
                    {
                        values.insert(bytes.to_vec());
                    }
                }
            }
        }
    }
    values
}

/// The ends of each value: its middle may lie on another page.
fn ends<'a>(values: impl Iterator<Item = &'a Vec<u8>>) -> BTreeSet<Vec<u8>> {
    values
        .flat_map(|value| [value.first_chunk::<NEEDLE>(), value.last_chunk()])
        .flatten()
        .map(|end| end.to_vec())
        .collect()
}

fn files(place: &Place) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(place.data())
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

/// Which needles are found, and in which file.
fn found(place: &Place, needles: &BTreeSet<Vec<u8>>) -> BTreeMap<Vec<u8>, String> {
    let mut found = BTreeMap::new();
    for (name, bytes) in files(place) {
        for window in bytes.windows(NEEDLE) {
            if needles.contains(window) {
                found.insert(window.to_vec(), name.clone());
            }
        }
    }
    found
}

fn copies(place: &Place, needle: &[u8]) -> usize {
    let files = files(place);
    files
        .keys()
        .map(|file| copies_in(place, file, needle))
        .sum()
}

fn copies_in(place: &Place, file: &str, needle: &[u8]) -> usize {
    let bytes = fs::read(place.data().join(file)).unwrap();
    let windows = bytes.windows(needle.len());
    windows.filter(|window| *window == needle).count()
}

fn number_of(place: &Place, teen: TeenId) -> [u8; 8] {
    let connection = rusqlite::Connection::open(place.data().join("keys.db")).unwrap();
    let number: i64 = connection
        .query_row(
            "SELECT teen FROM teen_key WHERE user_id = ?1",
            [teen.to_bytes()],
            |row| row.get(0),
        )
        .unwrap();
    number.to_be_bytes()
}

#[tokio::test]
async fn nothing_of_an_erased_teen_is_in_any_file() {
    let place = Place::new();
    let embedded = place.open().unwrap();
    let records = Records::named("nothing_of_an_erased_teen");
    for _ in 0..3 {
        settle(&embedded, &records).await;
    }
    let teen = settle(&embedded, &records).await;
    for _ in 0..3 {
        settle(&embedded, &records).await;
    }
    assert_eq!(copies(&place, MARKER.as_bytes()), 0, "words at rest");
    let (before, number) = (values(&place), number_of(&place, teen));
    let present = found(&place, &ends(before.iter()));
    assert_eq!(
        present.len(),
        ends(before.iter()).len(),
        "the scan sees all"
    );

    let erasure = embedded.erasure();
    erasure.fence(teen, NOW).await.unwrap();
    erasure.destroy_key(teen).await.unwrap();
    while erasure.delete_rows(teen, 50).await.unwrap() > 0 {}
    erasure.truncate_logs().await.unwrap();
    let until = NOW.plus(Duration::from_secs(60));
    erasure.bury(teen, until).await.unwrap();

    let after = values(&place);
    let gone: Vec<_> = before.difference(&after).collect();
    assert!(gone.len() > 150, "only {} values went", gone.len());
    let mut left = ends(gone.into_iter());
    for kept in ends(after.iter()) {
        left.remove(&kept);
    }
    // A page that was split may keep a copy of a row that moved. It opens no more; what would open
    // it is in no file.
    let residue = found(&place, &left);
    assert!(residue.len() * 20 < left.len(), "{} ends", residue.len());
    assert!(residue.values().all(|file| file != "keys.db"));
    assert_eq!(copies(&place, &teen.to_bytes()), 0, "the subject is left");
    assert_eq!(copies_in(&place, "keys.db", &number), 0, "its number");
    drop(embedded);
    assert_eq!(copies(&place, MARKER.as_bytes()), 0, "after closing");
    assert_eq!(copies(&place, &teen.to_bytes()), 0, "after closing");
}

#[tokio::test]
async fn no_page_keeps_a_destroyed_key() {
    let place = Place::new();
    let embedded = place.open().unwrap();
    let records = Records::named("no_page_keeps_a_destroyed_key");
    // Enough keys that their pages were split many times.
    let teens: Vec<TeenId> = (0..2_000).map(|_| records.teen()).collect();
    let mut making = JoinSet::new();
    for teen in teens.clone() {
        let namers = embedded.namers();
        making.spawn(async move { namers.namer(teen).await.is_ok() });
    }
    assert!(making.join_all().await.iter().all(|made| *made));
    let before = values(&place);
    let erasure = embedded.erasure();
    let mut destroying = JoinSet::new();
    for teen in teens.into_iter().step_by(3) {
        let erasure = embedded.erasure();
        destroying.spawn(async move { erasure.destroy_key(teen).await.is_ok() });
    }
    assert!(destroying.join_all().await.iter().all(|gone| *gone));
    erasure.truncate_logs().await.unwrap();
    let after = values(&place);
    let gone = before
        .difference(&after)
        .filter(|value| value.len() > NEEDLE);
    let keys = ends(gone);
    assert!(keys.len() >= 2 * 667, "each key has two ends");
    assert_eq!(found(&place, &keys).len(), 0);
    assert_eq!(
        found(&place, &ends(after.iter())).len(),
        ends(after.iter()).len()
    );
}
