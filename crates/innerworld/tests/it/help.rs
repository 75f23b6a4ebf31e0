//! Help texts.

use super::{innerworld, stderr, stdout};

#[test]
fn help_reads_well() {
    let home = tempfile::tempdir().unwrap();
    for verb in [
        "chat",
        "check-config",
        "completions",
        "serve",
        "outbox",
        "schema",
        "assets",
        "doctor",
        "extract",
        "graph",
        "graph show",
        "graph why",
        "graph draw",
        "graph export",
        "graph forget",
        "graph correct",
        "graph unmerge",
        "graph erase",
        "report",
        "token",
    ] {
        let output = innerworld(home.path())
            .args(verb.split(' '))
            .arg("--help")
            .output()
            .unwrap();
        insta::assert_snapshot!(format!("help_{}", verb.replace(' ', "_")), stdout(&output));
    }
}

#[test]
fn an_unknown_verb_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let output = innerworld(home.path()).arg("check-confg").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("check-config"));
}

#[test]
fn completions_are_a_script() {
    let home = tempfile::tempdir().unwrap();
    let output = innerworld(home.path())
        .args(["completions", "bash"])
        .output()
        .unwrap();
    assert!(stdout(&output).contains("complete -F _innerworld"));
}
