//! What opening a data directory accepts, and what it says when it refuses.

use std::fs;

use innerworld_core::health::HealthState;
use innerworld_embedded::{FileError, LockError, MasterKeyError, OpenError};

use crate::place::Place;

#[tokio::test]
async fn a_fresh_directory_opens_healthy_and_opens_again() {
    let place = Place::new();
    for _ in 0..2 {
        let embedded = place.open().unwrap();
        let health = embedded.health().await;
        let names: Vec<_> = health.iter().map(|check| check.name).collect();
        assert_eq!(names, ["live_store", "memory_store", "keys", "disk"]);
        for check in health.iter().take(3) {
            assert_eq!(check.state, HealthState::Ok, "{}", check.detail);
        }
    }
    assert!(
        !place.data().join("live.db-wal").exists(),
        "a clean close empties the log"
    );
}

#[cfg(unix)]
#[test]
fn t16_the_master_key_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    drop(place.open().unwrap());
    let mode = fs::metadata(place.key_file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_second_opener_is_refused_and_told_who_holds_it() {
    let place = Place::new();
    let first = place.open().unwrap();
    let error = place.open().unwrap_err();
    assert!(matches!(error, OpenError::Lock(LockError::Held { .. })));
    let text = error.to_string();
    assert!(
        text.contains(&format!("process {}", std::process::id())),
        "{text}"
    );
    assert!(text.contains("stop it first"), "{text}");
    drop(first);
    place.open().unwrap();
}

#[test]
fn t16_a_wrong_or_missing_or_short_master_key_is_refused() {
    let place = Place::new();
    drop(place.open().unwrap());
    fs::write(place.key_file(), [7; 32]).unwrap();
    let wrong = place.open().unwrap_err();
    assert!(matches!(
        wrong,
        OpenError::MasterKey(MasterKeyError::Wrong { .. })
    ));
    fs::write(place.key_file(), [7; 31]).unwrap();
    let short = place.open().unwrap_err();
    assert!(matches!(
        short,
        OpenError::MasterKey(MasterKeyError::Length { .. })
    ));
    fs::remove_file(place.key_file()).unwrap();
    let missing = place.open().unwrap_err();
    assert!(matches!(
        missing,
        OpenError::MasterKey(MasterKeyError::Missing { .. })
    ));
    assert!(!place.key_file().exists(), "no new key beside old data");
}

#[test]
fn a_newer_file_is_refused_by_name() {
    let place = Place::new();
    drop(place.open().unwrap());
    let file = rusqlite::Connection::open(place.data().join("memory.db")).unwrap();
    file.pragma_update(None, "user_version", 99).unwrap();
    drop(file);
    let error = place.open().unwrap_err();
    assert!(matches!(
        error,
        OpenError::File(FileError::Newer { found: 99, .. })
    ));
    assert!(
        error.to_string().contains("memory.db has format 99"),
        "{error}"
    );
}

#[test]
fn a_foreign_file_is_refused() {
    let place = Place::new();
    fs::create_dir_all(place.data()).unwrap();
    fs::write(place.key_file(), [7; 32]).unwrap();
    let file = rusqlite::Connection::open(place.data().join("live.db")).unwrap();
    file.execute_batch("CREATE TABLE photos (id)").unwrap();
    drop(file);
    let error = place.open().unwrap_err();
    assert!(matches!(error, OpenError::File(FileError::Foreign { .. })));
}

#[test]
fn a_damaged_file_is_refused_with_advice() {
    for overwritten in [0..100, 4_096..40_000] {
        let place = Place::new();
        drop(place.open().unwrap());
        let path = place.data().join("live.db");
        let mut bytes = fs::read(&path).unwrap();
        bytes[overwritten].fill(0xA5);
        fs::write(&path, &bytes).unwrap();
        let error = place.open().unwrap_err();
        assert!(
            matches!(error, OpenError::File(FileError::Damaged { .. })),
            "{error:?}"
        );
        let text = error.to_string();
        assert!(text.contains("live.db is damaged"), "{text}");
        assert!(text.contains("restore the file from a backup"), "{text}");
        assert_eq!(
            fs::read(&path).unwrap(),
            bytes,
            "a damaged file is left as it is"
        );
    }
}
