//! T16: a disk or a backup in other hands. The data folder alone tells nothing; the master key, which
//! is kept apart from it, is what opens it.

use std::{fs, path::Path};

use innerworld_core::hex;
use innerworld_testkit::records::Records;
use tempfile::TempDir;

use crate::{
    everything::{MARKER, settle},
    place::Place,
};

/// The data folder as it is at this moment, somewhere else.
fn copy_of(place: &Place) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    let data = copy.path().join("data");
    fs::create_dir(&data).unwrap();
    for file in fs::read_dir(place.data()).unwrap() {
        let path = file.unwrap().path();
        fs::copy(&path, data.join(path.file_name().unwrap())).unwrap();
    }
    copy
}

/// Every file below `folder` that holds one of `needles`, as it is or in hexadecimal.
fn holding(folder: &Path, needles: &[&[u8]]) -> Vec<String> {
    let mut found = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap().to_ascii_lowercase();
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        let any = |needle: &&[u8]| {
            let lower = needle.to_ascii_lowercase();
            holds(&lower) || holds(hex::encode(needle).as_bytes())
        };
        if needles.iter().any(any) {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found
}

#[tokio::test]
async fn t16_a_copy_of_the_data_folder_tells_no_word_and_opens_for_nobody() {
    let place = Place::new();
    let embedded = place.open().unwrap();
    let records = Records::named("t16_a_copy_of_the_data_folder");
    settle(&embedded, &records).await;
    // While the server runs, with what is only in the logs of the databases, and after it ended.
    let running = copy_of(&place);
    drop(embedded);
    let stopped = copy_of(&place);
    let key = fs::read(place.key_file()).unwrap();
    assert_eq!(key.len(), 32);
    for copy in [running, stopped] {
        let data = copy.path().join("data");
        let none = Vec::<String>::new();
        assert_eq!(holding(&data, &[MARKER.as_bytes()]), none, "words");
        assert_eq!(holding(&data, &[&key, &key[..16]]), none, "the key");

        let thief = Place::of(copy.path());
        let refused = thief.open().unwrap_err().to_string();
        assert!(refused.contains("is missing"), "{refused}");
        // Another key is no way in, and a key is never made for data that is there.
        assert!(!thief.key_file().exists());
        fs::write(thief.key_file(), [7; 32]).unwrap();
        let refused = thief.open().unwrap_err().to_string();
        assert!(refused.contains("does not belong"), "{refused}");
    }
}

/// What keeps a copy shut is that key alone: where it lies beside the data, as on a machine for
/// development, a thief reads everything.
#[tokio::test]
async fn t16_with_the_master_key_beside_it_the_same_copy_opens() {
    let place = Place::new();
    let embedded = place.open().unwrap();
    let records = Records::named("t16_with_the_master_key");
    let teen = settle(&embedded, &records).await;
    let copy = copy_of(&place);
    fs::copy(place.key_file(), copy.path().join("master.key")).unwrap();
    let thief = Place::of(copy.path()).open().unwrap();
    let profile = thief.profiles().load(teen).await.unwrap().unwrap();
    assert_eq!(profile.name.unwrap().reveal(), MARKER);
    let account = thief.accounts().by_id(teen).await.unwrap().unwrap();
    assert!(account.email.reveal().contains(MARKER));
}

/// The same look finds a store that writes words as they are, in whichever column.
#[tokio::test]
async fn t16_a_store_that_does_not_seal_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let plain = rusqlite::Connection::open(folder.path().join("plain.db")).unwrap();
    plain
        .execute_batch("CREATE TABLE turn (id INTEGER PRIMARY KEY, text TEXT, raw BLOB);")
        .unwrap();
    let store = "INSERT INTO turn (text, raw) VALUES (?1, ?2)";
    plain
        .execute(store, (MARKER.to_uppercase(), b"nothing".as_slice()))
        .unwrap();
    drop(plain);
    assert_eq!(holding(folder.path(), &[MARKER.as_bytes()]), ["plain.db"]);
    fs::write(
        folder.path().join("plain.db"),
        hex::encode(MARKER.as_bytes()),
    )
    .unwrap();
    assert_eq!(holding(folder.path(), &[MARKER.as_bytes()]), ["plain.db"]);
}
