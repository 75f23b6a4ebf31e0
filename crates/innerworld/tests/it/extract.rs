//! `extract`: what memory would read, for machines and for people; and input that is none.

use std::{
    fs,
    io::Write as _,
    process::{Output, Stdio},
};

use serde_json::Value;

use super::{innerworld, stderr, stdout};

/// Invented; a friend and a group, a change, a persona's idea that must not be read, an address.
const SESSION: &str = r#"{"date": "2026-05-08", "zone": "America/Chicago", "lines": [
  {"id": "L1", "speaker": "teen", "at": "16:05", "text": "my best friend maya and i joined the swim team on monday!!"},
  {"id": "L2", "speaker": "persona", "at": "16:06", "text": "Maybe your brother Tom can come and watch in Dallas?"},
  {"id": "L3", "speaker": "teen", "at": "16:07", "text": "i don't play soccer anymore. coach dan was mean and it made me sad"},
  {"id": "L4", "speaker": "teen", "at": "16:08", "text": "write me at maya.b@example.org"}]}"#;

/// Runs the verb with `input` on standard input.
fn extract(arguments: &[&str], input: impl AsRef<[u8]>) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut child = innerworld(home.path())
        .arg("extract")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_ref()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let kept = fs::read_dir(home.path()).unwrap().count();
    assert_eq!(kept, 0, "a data folder was made");
    output
}

fn found(arguments: &[&str], input: impl AsRef<[u8]>) -> Value {
    let output = extract(arguments, input);
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_str(&stdout(&output)).unwrap()
}

/// What is said of input that cannot be read.
fn refusal(arguments: &[&str], input: impl AsRef<[u8]>) -> String {
    let output = extract(arguments, input);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout(&output), "");
    stderr(&output)
}

/// The version changes with every word list and weight.
fn without_version(text: &str) -> String {
    let version = found(&[], "hi")["version"].as_str().unwrap().to_owned();
    text.replace(&version, "[version]")
}

#[test]
fn a_session_is_explained() {
    let output = extract(&["--explain"], SESSION);
    insta::assert_snapshot!("extract_explained", without_version(&stdout(&output)));
}

#[test]
fn a_session_is_printed_as_json() {
    let found = found(&[], SESSION);
    let pretty = serde_json::to_string_pretty(&found).unwrap();
    insta::assert_snapshot!("extract_json", without_version(&pretty));
}

#[test]
fn a_file_reads_as_standard_input_does() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("session.json"), SESSION).unwrap();
    let output = innerworld(home.path())
        .args(["extract", "session.json"])
        .output()
        .unwrap();
    assert_eq!(stdout(&output), stdout(&extract(&[], SESSION)));
    let output = innerworld(home.path())
        .args(["extract", "absent.json"])
        .output()
        .unwrap();
    assert!(stderr(&output).contains("could not open absent.json"));
}

#[test]
fn each_line_of_a_text_is_the_teens() {
    let text = "my best friend is maya\r\n\r\nwe have a math test tomorrow\n";
    let found = found(
        &["--date", "2026-05-08", "--zone", "Europe/Berlin"],
        format!("\u{feff}{text}"),
    );
    assert_eq!(found["zone"], "Europe/Berlin");
    let ids: Vec<&Value> = found["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| &l["id"])
        .collect();
    // Named as an editor numbers them.
    assert_eq!(ids, ["L1", "L3"]);
    assert_eq!(found["lines"][0]["at"], "2026-05-08T10:00:00Z");
    assert_eq!(found["lines"][0]["text"], "my best friend is maya");
    let names: Vec<&Value> = found["graph"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| &n["name"])
        .collect();
    assert!(names.contains(&&Value::from("maya")), "{names:?}");
}

#[test]
fn what_looks_like_json_can_be_a_text() {
    let found = found(&["--text"], "{my best friend is maya");
    assert_eq!(found["lines"][0]["id"], "L1");
}

#[test]
fn nothing_found_is_said() {
    let explained = stdout(&extract(&["--explain"], "ok"));
    assert!(explained.contains("nothing found"), "{explained}");
    assert!(explained.contains("the graph stays empty"), "{explained}");
    for empty in ["", "\n \n", r#"{"lines": []}"#] {
        assert_eq!(found(&[], empty)["lines"], Value::Array(Vec::new()));
        let explained = stdout(&extract(&["--explain"], empty));
        assert!(explained.contains("no line was said"), "{explained}");
    }
}

#[test]
fn contact_data_is_nowhere_in_the_output() {
    for arguments in [&[][..], &["--explain"]] {
        let output = stdout(&extract(arguments, SESSION));
        assert!(output.contains("[email]"), "{output}");
        assert!(!output.contains("example.org"), "{output}");
    }
}

#[test]
fn a_name_of_ten_thousand_characters_is_bounded() {
    let name = "Maxi".repeat(2_500);
    for arguments in [&[][..], &["--explain"]] {
        let output = extract(arguments, format!("my best friend is {name}"));
        assert!(output.status.success());
        let longest = stdout(&output).lines().map(|l| l.chars().count()).max();
        let most = if arguments.is_empty() { 4_000 } else { 400 };
        assert!(longest.unwrap() < most, "{longest:?}");
    }
    let found = found(&[], format!("my best friend is {name}"));
    assert_eq!(found["lines"][0]["cut"], true);
    for node in found["graph"]["nodes"].as_array().unwrap() {
        assert!(node["name"].as_str().unwrap().chars().count() <= 80);
    }
}

#[test]
fn text_of_any_writing_is_read() {
    let lines =
        "😭😭😭 🎉🎉\nأنا أحب كرة القدم مع صديقي\nשלום\n\u{202e}txet live\n\u{1b}[31mred\u{7}";
    assert_eq!(found(&[], lines)["lines"].as_array().unwrap().len(), 5);
    let explained = stdout(&extract(&["--explain"], lines));
    assert!(explained.contains("😭😭😭 🎉🎉"), "{explained}");
    assert!(explained.contains("أنا أحب"), "{explained}");
    // What would turn the line around or colour the terminal is not passed on.
    assert!(
        !explained.contains(['\u{202e}', '\u{1b}', '\u{7}']),
        "{explained}"
    );
}

#[test]
fn no_colours_without_a_terminal_or_with_no_color() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("s.json"), SESSION).unwrap();
    let output = innerworld(home.path())
        .args(["extract", "--explain", "s.json"])
        .envs([("NO_COLOR", "1"), ("CLICOLOR_FORCE", "0")])
        .output()
        .unwrap();
    assert!(!stdout(&output).contains('\u{1b}'));
    let output = innerworld(home.path())
        .args(["extract", "--explain", "s.json"])
        .env("CLICOLOR_FORCE", "1")
        .output()
        .unwrap();
    assert!(stdout(&output).contains('\u{1b}'));
}

#[test]
fn bad_json_is_refused_with_its_place() {
    for (json, reason) in [
        (
            "{\"lines\": [\n  {\"speaker\": \"teen\" \"text\": \"secret\"}]}",
            "line 2, column 22: expected `,` or `}`",
        ),
        (
            "{\"lines\": [",
            "line 1, column 11: EOF while parsing a list",
        ),
        (
            "{\"lines\": \"secret\"}",
            "line 1, column 18: something of another type",
        ),
        ("{}", "line 1, column 2: missing field `lines`"),
        (
            "{\"lines\": [{\"speaker\": \"teen\"}]}",
            "missing field `text`",
        ),
        (
            "{\"lines\": [{\"speaker\": \"secret\", \"text\": \"a\"}]}",
            "line 1, column 31: a `speaker` is either",
        ),
        (
            "{\"date\": \"secret\", \"lines\": []}",
            "line 1, column 17: a `date` is written like",
        ),
        (
            "{\"zone\": \"secret\", \"lines\": []}",
            "not one of the IANA list",
        ),
        (
            "{\"lines\": [{\"speaker\": \"teen\", \"text\": \"a\", \"at\": \"secret\"}]}",
            "line 1 of the session: `at`",
        ),
    ] {
        let said = refusal(&[], json);
        assert!(said.contains(reason), "{said}");
        assert!(!said.contains("secret"), "{said}");
    }
}

#[test]
fn what_is_over_a_limit_is_refused() {
    let long = "a".repeat(16 * 1024 + 1);
    assert!(refusal(&[], format!("hi\n{long}")).contains("line 2 is longer than 16384 bytes"));
    assert!(refusal(&[], "hi\n".repeat(2_001)).contains("more than 2000 lines"));
    assert!(refusal(&[], [0x68, 0xff]).contains("byte 1 belongs to no character"));
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("big"), vec![b'\n'; 1 << 21]).unwrap();
    let output = innerworld(home.path())
        .args(["extract", "big"])
        .output()
        .unwrap();
    assert!(stderr(&output).contains("big is longer than 1048576 bytes"));
    assert!(refusal(&["--zone", "Atlantis"], "hi").contains("IANA"));
}
