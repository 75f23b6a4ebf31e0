//! `token` shows claims and says that nobody checked them.

use std::fs;

use super::{innerworld, stderr, stdout};

/// Header `{"alg":"none"}`, claims `{"sub":"a","exp":1800000000}`, no signature.
const UNSIGNED: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIiwiZXhwIjoxODAwMDAwMDAwfQ.";

#[test]
fn inspect_shows_times_and_warns() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("token"), UNSIGNED).unwrap();
    let output = innerworld(home.path())
        .args(["token", "inspect", "--token-file", "token"])
        .output()
        .unwrap();
    let said = stdout(&output);
    assert!(
        said.starts_with("NOT VERIFIED"),
        "{said}{}",
        stderr(&output)
    );
    assert!(
        said.contains("1800000000  (2027-01-15T08:00:00Z)"),
        "{said}"
    );
}

#[test]
fn what_is_no_token_is_refused_without_being_repeated() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("token"), "hunter2-hunter2").unwrap();
    let output = innerworld(home.path())
        .args(["token", "inspect", "--token-file", "token"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("not a JSON web token"));
    assert!(!stderr(&output).contains("hunter2"));
}
