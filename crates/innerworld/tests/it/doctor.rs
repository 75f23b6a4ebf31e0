//! `doctor` touches what it reports.

use std::{fs, os::unix::fs::PermissionsExt, process::Command, time::Duration};

use base64::Engine as _;
use serde_json::Value;

use super::{innerworld, serving::Home, stderr, stdout};

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

/// A home whose server ran once and ended in order.
fn used() -> Home {
    let home = Home::new("");
    let server = home.start();
    server.terminate();
    assert!(server.wait().0.success());
    home
}

fn examined(home: &Home) -> (Option<i32>, Value) {
    let output = home.verb("doctor").arg("--json").output().unwrap();
    assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
    let report = serde_json::from_str(&stdout(&output)).unwrap();
    (output.status.code(), report)
}

fn detail(report: &Value, name: &str) -> String {
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == name).unwrap();
    check["detail"].as_str().unwrap().to_owned()
}

#[test]
fn a_folder_of_a_server_is_looked_through_and_left_as_it_was() {
    let home = used();
    let names = |home: &Home| {
        let files = fs::read_dir(home.data()).unwrap();
        let mut names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names(&home);
    let (code, report) = examined(&home);
    assert_eq!(code, Some(0), "{report}");
    for name in [
        "data_folder",
        "clock",
        "server",
        "master_key",
        "live_store",
        "memory_store",
        "keys",
    ] {
        assert_eq!(state(&report, name), "ok", "{report}");
    }
    assert_eq!(detail(&report, "master_key"), "opens the data");
    assert!(detail(&report, "live_store").contains("has format 1"));
    assert!(detail(&report, "server").contains("nobody serves"));
    assert_eq!(names(&home), before);

    let output = home.verb("doctor").output().unwrap();
    let lines = stdout(&output);
    assert!(
        lines.contains("ok    master_key    opens the data"),
        "{lines}"
    );
    assert!(
        lines.contains("warn  configuration no model key"),
        "{lines}"
    );
}

#[test]
fn beside_a_running_server_it_works_and_says_so() {
    let home = Home::new("");
    let mut server = home.start();
    let (code, report) = examined(&home);
    assert_eq!(code, Some(0), "{report}");
    let process = server.pid();
    assert!(detail(&report, "server").contains(&format!("in use by process {process}")));
    assert_eq!(state(&report, "live_store"), "ok");
    assert!(server.is_alive());
    // What a killed server leaves is read as well.
    server.kill();
    let (code, report) = examined(&home);
    assert_eq!(code, Some(0), "{report}");
    assert!(detail(&report, "server").contains("nobody serves"));
    assert_eq!(state(&report, "memory_store"), "ok");
}

#[test]
fn a_wrong_a_short_and_a_lost_master_key_are_told_apart() {
    let home = used();
    let key = home.data().join("master.key");
    let mode = fs::Permissions::from_mode(0o600);
    for (bytes, said) in [
        (vec![7; 32], "does not belong to this data"),
        (vec![7; 31], "exactly 32 bytes"),
    ] {
        fs::write(&key, bytes).unwrap();
        fs::set_permissions(&key, mode.clone()).unwrap();
        let (code, report) = examined(&home);
        assert_eq!(
            (code, state(&report, "master_key").as_str()),
            (Some(1), "down")
        );
        assert!(detail(&report, "master_key").contains(said), "{report}");
        assert_eq!(
            state(&report, "live_store"),
            "ok",
            "the files are whole all the same"
        );
    }
    fs::remove_file(&key).unwrap();
    let (code, report) = examined(&home);
    assert_eq!(code, Some(1));
    assert!(
        detail(&report, "master_key").contains("put it back"),
        "{report}"
    );
    assert!(!key.exists());
}

#[test]
fn a_newer_a_foreign_and_a_damaged_file_are_told_apart() {
    let home = used();
    let path = home.data().join("memory.db");
    let good = fs::read(&path).unwrap();
    // The header holds the format at 60 and the owner's mark at 68, the root of the schema follows.
    for (place, bytes, said) in [
        (60, vec![0, 0, 0, 99], "has format 99"),
        (68, vec![1, 2, 3, 4], "is not a database of InnerWorld"),
        (4_096, vec![0xA5; 12_288], "is damaged"),
        (0, vec![0xA5; 100], "is damaged"),
    ] {
        let mut bad = good.clone();
        bad[place..place + bytes.len()].copy_from_slice(&bytes);
        fs::write(&path, &bad).unwrap();
        let (code, report) = examined(&home);
        assert_eq!(
            (code, state(&report, "memory_store").as_str()),
            (Some(1), "down"),
            "{said}"
        );
        let detail = detail(&report, "memory_store");
        assert!(
            detail.contains("memory.db") && detail.contains(said),
            "{detail}"
        );
        assert_eq!(state(&report, "live_store"), "ok");
        assert_eq!(fs::read(&path).unwrap(), bad, "nothing was changed");
    }
}

#[test]
fn a_folder_that_takes_no_file_is_down() {
    let home = used();
    // The same refusal as by a full disk, and by a read-only folder for those who are not root.
    let doctor = home.verb("doctor");
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"])
        .arg(doctor.get_program())
        .args(doctor.get_args())
        .arg("--json")
        .current_dir(home.path())
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(state(&report, "data_folder"), "down");
    assert_eq!(
        state(&report, "live_store"),
        "ok",
        "reading still works: {report}"
    );
    let leftover = fs::read_dir(home.data()).unwrap();
    assert!(
        leftover
            .flatten()
            .all(|file| !file.file_name().to_string_lossy().contains("doctor"))
    );
}

#[test]
fn a_file_in_the_place_of_the_folder_is_down() {
    let home = Home::new("");
    fs::write(home.data(), "not a folder").unwrap();
    let (code, report) = examined(&home);
    assert_eq!(
        (code, state(&report, "data_folder").as_str()),
        (Some(1), "down")
    );
}

#[test]
fn a_provider_that_does_not_answer_is_a_warning() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let home = Home::new(&format!(
        "[[providers]]\nname = \"local\"\ncompany = \"Local Models\"\ndialect = \"openai\"\n\
         privacy = \"contract\"\nagreement = \"test\"\nallow_private = true\n\
         api_key_file = \"model.key\"\nbase_url = \"http://{address}/v1\"\n"
    ));
    let (code, report) = examined(&home);
    assert_eq!(
        (code, state(&report, "model").as_str()),
        (Some(0), "degraded"),
        "{report}"
    );
    assert!(!report.to_string().contains("sk-test"));
}

#[test]
fn whether_people_can_sign_in_with_apple_is_said() {
    let home = tempfile::tempdir().unwrap();
    let (ok, off) = report(home.path(), &[]);
    assert!(ok);
    let detail = |report: &Value, name: &str| {
        let checks = report["checks"].as_array().unwrap().clone();
        let check = checks.into_iter().find(|check| check["name"] == name);
        check.map(|check| check["detail"].as_str().unwrap().to_owned())
    };
    assert!(detail(&off, "apple").unwrap().contains("is off"));
    assert_eq!(detail(&off, "apple_keys"), None);
    let double = innerworld_testkit::apple::store::StoreDouble::default();
    fs::write(home.path().join("root.cer"), double.root()).unwrap();
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let encoded = base64::engine::general_purpose::STANDARD.encode(key.serialize_der());
    let pem = format!("-----BEGIN PRIVATE KEY-----\\n{encoded}\\n-----END PRIVATE KEY-----");
    // Bound and dropped: nobody listens there now.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (ok, on) = report(
        home.path(),
        &[
            ("INNERWORLD_AUTH__APPLE__TEAM_ID", "TEAM123456"),
            ("INNERWORLD_AUTH__APPLE__KEY_ID", "KEY1234567"),
            ("INNERWORLD_AUTH__APPLE__CLIENT_ID", "org.example.signin"),
            ("INNERWORLD_AUTH__APPLE__PRIVATE_KEY", &pem),
            (
                "INNERWORLD_AUTH__APPLE__REDIRECT_URIS",
                "org.example.app://in",
            ),
            ("INNERWORLD_AUTH__APPLE__BUNDLE_ID", "org.example"),
            ("INNERWORLD_AUTH__APPLE__STORE_ROOT_FILE", "root.cer"),
            ("INNERWORLD_AUTH__APPLE__ISSUER", &issuer),
            ("INNERWORLD_AUTH__APPLE__ALLOW_PRIVATE", "true"),
        ],
    );
    assert!(
        ok,
        "an Apple that is away is no fault of this machine: {on}"
    );
    assert!(detail(&on, "apple").unwrap().contains("is on"));
    assert_eq!(state(&on, "apple_keys"), "degraded");
}
