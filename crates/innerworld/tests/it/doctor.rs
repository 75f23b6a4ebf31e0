//! `doctor` touches what it reports.

use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

use super::{innerworld, stdout};

fn report(home: &std::path::Path, variables: &[(&str, &str)]) -> (bool, serde_json::Value) {
    let mut command = innerworld(home);
    command
        .args(["doctor", "--json", "--data-dir", "data"])
        .envs(variables.iter().copied());
    let output = command.output().unwrap();
    (
        output.status.success(),
        serde_json::from_str(&stdout(&output)).unwrap(),
    )
}

fn state(report: &serde_json::Value, name: &str) -> String {
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == name).unwrap();
    check["state"].as_str().unwrap().to_owned()
}

#[test]
fn a_good_folder_is_ok_and_left_as_it_was() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("data")).unwrap();
    let (ok, report) = report(home.path(), &[]);
    assert!(ok, "{report}");
    assert_eq!(state(&report, "data_folder"), "ok");
    assert_eq!(state(&report, "clock"), "ok");
    assert_eq!(fs::read_dir(home.path().join("data")).unwrap().count(), 0);
}

#[test]
fn a_clock_behind_the_files_is_down() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    fs::create_dir(&data).unwrap();
    let file = fs::File::create(data.join("live.db")).unwrap();
    let written = file.metadata().unwrap().modified().unwrap();
    file.set_modified(written + Duration::from_secs(3_600))
        .unwrap();
    let (ok, report) = report(home.path(), &[]);
    assert!(!ok);
    assert_eq!(state(&report, "clock"), "down");
}

#[test]
fn an_open_key_file_and_a_dead_mail_server_are_named() {
    let home = tempfile::tempdir().unwrap();
    let key = home.path().join("master.key");
    fs::write(&key, [7; 32]).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    // Bound and dropped: nobody listens there now.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let (ok, report) = report(
        home.path(),
        &[
            ("INNERWORLD_STORAGE__MASTER_KEY_FILE", key.to_str().unwrap()),
            ("INNERWORLD_MAIL__SMTP_HOST", "127.0.0.1"),
            ("INNERWORLD_MAIL__SMTP_PORT", &port.to_string()),
            ("INNERWORLD_MAIL__FROM", "no-reply@example.org"),
        ],
    );
    assert!(!ok);
    assert_eq!(state(&report, "data_folder"), "degraded");
    assert_eq!(state(&report, "master_key"), "degraded");
    assert_eq!(state(&report, "mail"), "down");
}
