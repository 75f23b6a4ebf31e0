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
        "tables",
        "tables create",
        "tables check",
        "secrets",
        "secrets set",
        "secrets check",
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

/// Every verb below `path`, with those below each.
fn verbs(home: &std::path::Path, path: &[&str]) -> Vec<String> {
    let output = innerworld(home).args(path).arg("--help").output().unwrap();
    let text = stdout(&output);
    let Some((_, list)) = text.split_once("\nCommands:\n") else {
        return Vec::new();
    };
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let mut all = Vec::new();
    for name in names.filter(|name| !name.is_empty() && *name != "help") {
        let inner = [path, &[name]].concat();
        all.push(inner.join(" "));
        all.extend(verbs(home, &inner));
    }
    all
}

/// T16: whoever runs the server has no verb that shows what somebody said. A new verb belongs here with
/// whose words it can show.
#[test]
fn t16_no_verb_reads_a_talk() {
    let home = tempfile::tempdir().unwrap();
    let as_the_teen = [
        "chat",
        "graph",
        "graph show",
        "graph why",
        "graph draw",
        "graph export",
        "graph forget",
        "graph correct",
        "graph unmerge",
        "graph erase",
    ];
    let of_given_files = [
        "extract",
        "safety",
        "safety eval",
        "safety classify",
        "token",
        "token inspect",
        "token verify",
    ];
    let of_nobody = [
        "serve",
        "check-config",
        "report",
        "tables",
        "tables create",
        "tables check",
        // Puts what somebody gives it, and tells names of fields.
        "secrets",
        "secrets set",
        "secrets check",
        "doctor",
        "outbox",
        "schema",
        "assets",
        "completions",
    ];
    let mut all = verbs(home.path(), &[]);
    all.sort();
    let mut known: Vec<&str> = [&as_the_teen[..], &of_given_files, &of_nobody].concat();
    known.sort_unstable();
    assert_eq!(all, known);
    // Those that act as the teen need the teen's own sign-in, and open no data folder.
    for verb in as_the_teen.iter().filter(|verb| **verb != "graph") {
        let mut command = innerworld(home.path());
        let help = command.args(verb.split(' ')).arg("--help").output();
        let help = stdout(&help.unwrap());
        assert!(help.contains("--token-file"), "{verb}: {help}");
        assert!(!help.contains("--data-dir"), "{verb}: {help}");
    }
    for verb in of_given_files {
        let mut command = innerworld(home.path());
        let help = command.args(verb.split(' ')).arg("--help").output();
        assert!(!stdout(&help.unwrap()).contains("--data-dir"), "{verb}");
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
