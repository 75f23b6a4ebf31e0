//! `check-config` names every mistake and its line, and shows where values came from.

use std::fs;

use base64::Engine as _;

use super::{innerworld, stderr, stdout};

/// Lines, and a part of what is said about each.
type Places = &'static [(usize, &'static str)];

/// Broken files: the text, and for each mistake its line and a part of what is said.
const BROKEN: [(&str, &str, Places); 14] = [
    ("syntax", "[limits\ndaily_s = 1\n", &[(1, "")]),
    (
        "misspelt key",
        "[limits]\n\ndayly_s = 1\n",
        &[(3, "did you mean `daily_s`")],
    ),
    (
        "misspelt section",
        "[limit]\ndaily_s = 1\n",
        &[(1, "did you mean `limits`")],
    ),
    (
        "type",
        "[limits]\ndaily_s = \"long\"\n",
        &[(2, "expected u32")],
    ),
    (
        "negative",
        "[limits]\nconnections = -1\n",
        &[(2, "expected u32")],
    ),
    (
        "range",
        "[memory]\nevidence_days = 366\n",
        &[(2, "must be from 1 to 365")],
    ),
    (
        "price",
        "[extraction]\nusd_per_day = -1.0\n",
        &[(2, "must be from 0 to 1000000")],
    ),
    (
        "unknown provider",
        "[extraction]\nprovider = \"nobody\"\n",
        &[(2, "no provider has this name")],
    ),
    (
        "choice",
        "[runtime]\nmode = \"prod\"\n",
        &[(2, "`production`")],
    ),
    (
        "address",
        "[http]\nlisten = \"8787\"\n",
        &[(2, "socket address")],
    ),
    (
        "two in one file",
        "[http]\nlisten = \"0.0.0.0:80\"\nadmin_listen = \"0.0.0.0:81\"\n",
        &[(2, "loopback"), (3, "loopback")],
    ),
    (
        "provider",
        "[[providers]]\nname = \"local\"\ncompany = \"us\"\ndialect = \"openai\"\n\
         base_url = \"http://10.0.0.1\"\n",
        &[(5, "https")],
    ),
    (
        "secret in the file",
        "[[providers]]\nname = \"openrouter\"\ncompany = \"OpenRouter\"\napi_key = \"sk-test-1\"\n",
        &[(4, "api_key_file")],
    ),
    (
        "doubled key",
        "[mail]\nfrom = \"a\"\nfrom = \"b\"\n",
        &[(3, "duplicate key")],
    ),
];

/// What `check-config` makes of a file with this text: its exit code, and what it says.
fn check(text: &str) -> (Option<i32>, String) {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("innerworld.toml");
    fs::write(&file, text).unwrap();
    let output = innerworld(home.path())
        .args(["check-config", "--config"])
        .arg(&file)
        .output()
        .unwrap();
    (output.status.code(), stderr(&output))
}

#[test]
fn every_mistake_is_named_with_its_line() {
    for (name, text, expected) in BROKEN {
        let (code, said) = check(text);
        assert_eq!(code, Some(1), "{name}: {said}");
        for (line, part) in expected {
            let found = said
                .lines()
                .any(|l| l.contains(&format!("innerworld.toml:{line}:")) && l.contains(part));
            assert!(found, "{name}: line {line} `{part}` is not in\n{said}");
        }
        assert!(!said.contains("sk-test-1"), "{name}: a secret was printed");
    }
}

#[test]
fn production_says_all_that_is_missing() {
    let home = tempfile::tempdir().unwrap();
    let output = innerworld(home.path())
        .args(["check-config", "--json"])
        .env("INNERWORLD_RUNTIME__MODE", "production")
        .output()
        .unwrap();
    let answer: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    let keys: Vec<&str> = answer["mistakes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["key"].as_str().unwrap())
        .collect();
    assert_eq!(
        keys,
        [
            "safety.dir",
            "auth.public_url",
            "mail.smtp_host",
            "storage.master_key_file"
        ]
    );
}

#[test]
fn t10_values_show_where_they_came_from_and_secrets_only_that_they_are_set() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::write(data.join("innerworld.toml"), "[limits]\ndaily_s = 60\n").unwrap();
    let output = innerworld(home.path())
        .args(["check-config", "--data-dir"])
        .arg(&data)
        .env("INNERWORLD_MEMORY__GRAPH_DAYS", "90")
        .env("INNERWORLD_PROVIDERS__OPENROUTER__API_KEY", "sk-test-2")
        .output()
        .unwrap();
    let said = stdout(&output);
    assert!(output.status.success(), "{}", stderr(&output));
    let line = |key: &str| said.lines().find(|line| line.starts_with(key)).unwrap();
    assert!(line("limits.daily_s").ends_with("file, line 2"));
    assert!(line("memory.graph_days").ends_with("INNERWORLD_MEMORY__GRAPH_DAYS"));
    assert!(line("runtime.data_dir").ends_with("--data-dir"));
    assert!(line("providers.openrouter.api_key").contains(" set "));
    assert!(!said.contains("sk-test-2"));
}

#[test]
fn an_unknown_variable_is_refused_with_a_suggestion() {
    let home = tempfile::tempdir().unwrap();
    let output = innerworld(home.path())
        .arg("check-config")
        .env("INNERWORLD_LIMITS__DAYLY_S", "5")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("did you mean INNERWORLD_LIMITS__DAILY_S?"));
}

/// A section with everything that Sign in with Apple needs, but for what `without` names.
fn apple(home: &std::path::Path, without: &str, more: &str) -> String {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let encoded = base64::engine::general_purpose::STANDARD.encode(key.serialize_der());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{encoded}\n-----END PRIVATE KEY-----\n");
    fs::write(home.join("apple.p8"), pem).unwrap();
    let lines = [
        "team_id = \"TEAM123456\"",
        "key_id = \"KEY1234567\"",
        "client_id = \"org.example.signin\"",
        "private_key_file = \"apple.p8\"",
        "redirect_uris = [\"org.example.app://signed-in\"]",
    ];
    let kept = lines
        .iter()
        .filter(|line| without.is_empty() || !line.starts_with(without));
    let kept: Vec<_> = kept.copied().collect();
    format!("[auth.apple]\n{}\n{more}\n", kept.join("\n"))
}

/// What `check-config` makes of a section for Apple in `home`.
fn check_apple(without: &str, more: &str, other: &[(&str, &[u8])]) -> (Option<i32>, String) {
    let home = tempfile::tempdir().unwrap();
    let text = apple(home.path(), without, more);
    for (name, bytes) in other {
        fs::write(home.path().join(name), bytes).unwrap();
    }
    let file = home.path().join("innerworld.toml");
    fs::write(&file, text).unwrap();
    let mut command = innerworld(home.path());
    let output = command
        .args(["check-config", "--config"])
        .arg(&file)
        .output()
        .unwrap();
    (output.status.code(), stdout(&output) + &stderr(&output))
}

#[test]
fn a_half_set_or_broken_section_for_apple_is_named() {
    let (code, said) = check_apple("", "", &[]);
    assert_eq!(code, Some(0), "{said}");
    let private = said
        .lines()
        .find(|line| line.starts_with("auth.apple.private_key "));
    assert!(private.unwrap().contains(" set "), "{said}");
    assert!(said.contains("set `auth.public_url`"), "a warning: {said}");
    for key in [
        "team_id",
        "key_id",
        "client_id",
        "private_key_file",
        "redirect_uris",
    ] {
        let (code, said) = check_apple(key, "", &[]);
        assert_eq!(code, Some(1), "{key}: {said}");
        let named = said
            .lines()
            .any(|line| line.contains(&format!("auth.apple.{key}")) && line.contains("half set"));
        assert!(named, "{key}: {said}");
    }
    for (key, value, part) in [
        (
            "redirect_uris",
            "[\"http://app.example.org/\"]",
            "each must be like",
        ),
        (
            "redirect_uris",
            "[\"app://signed-in\"]",
            "each must be like",
        ),
        (
            "redirect_uris",
            "[\"org.example.app://a#b\"]",
            "each must be like",
        ),
        ("issuer", "\"http://127.0.0.1:1\"", "must be an https URL"),
        ("team_id", "\"TEAM 1\"", "is not an id"),
        ("store_root_file", "\"root.cer\"", "could not be read"),
    ] {
        let more = format!("bundle_id = \"org.example\"\n{key} = {value}");
        let (code, said) = check_apple(key, &more, &[]);
        assert_eq!(code, Some(1), "{key}: {said}");
        assert!(said.contains(part), "{key} = {value}: {said}");
    }
}

#[test]
fn t10_a_broken_key_or_root_file_is_named_and_not_shown() {
    for broken in [
        "",
        "SECRETMARKER",
        "-----BEGIN PRIVATE KEY-----\nSECRETMARKER\n-----END PRIVATE KEY-----\n",
    ] {
        let (code, said) = check_apple("", "", &[("apple.p8", broken.as_bytes())]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("innerworld.toml:5:"), "{said}");
        assert!(said.contains("apple.p8"), "{said}");
        assert!(!said.contains("SECRETMARKER"), "{said}");
    }
    let more = "bundle_id = \"org.example\"\nstore_root_file = \"root.cer\"";
    let (code, said) = check_apple("", more, &[("root.cer", b"no certificate")]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("root.cer is not an X.509 root certificate"),
        "{said}"
    );
    let store = innerworld_testkit::apple::store::StoreDouble::default();
    let (code, said) = check_apple("", more, &[("root.cer", &store.root())]);
    assert_eq!(code, Some(0), "{said}");
    // The key may come from the environment, but not for a section that is not there.
    let home = tempfile::tempdir().unwrap();
    let output = innerworld(home.path())
        .arg("check-config")
        .env("INNERWORLD_AUTH__APPLE__PRIVATE_KEY", "SECRETMARKER")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(
        said.contains("INNERWORLD_AUTH__APPLE__PRIVATE_KEY"),
        "{said}"
    );
    assert!(!said.contains("SECRETMARKER"), "{said}");
}

/// A list of helpers that somebody checked so many days ago, in a folder of its own.
fn checked(days: i32) -> tempfile::TempDir {
    use innerworld_core::{calendar::day_in, clock::Clock as _, safety::content::Files};
    let today = day_in("UTC", innerworld_embedded::SystemClock.now());
    let day = today.checked_sub(jiff::Span::new().days(days)).unwrap();
    let shipped = Files::shipped();
    let mut list: serde_json::Value =
        serde_json::from_str(shipped.text("resources.json").unwrap()).unwrap();
    for entry in list["resources"].as_array_mut().unwrap() {
        entry["verified_on"] = day.to_string().into();
        entry["verified_by"] = "A. Reviewer".into();
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("resources.json"), list.to_string()).unwrap();
    folder
}

/// What `check-config --json` says of a list of this age, with further settings of `[safety]`.
fn age(days: i32, settings: &str) -> (bool, String) {
    let folder = checked(days);
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("innerworld.toml");
    let text = format!(
        "[safety]\ndir = \"{}\"\n{settings}",
        folder.path().display()
    );
    fs::write(&file, text).unwrap();
    let output = innerworld(home.path())
        .args(["check-config", "--json", "--config"])
        .arg(&file)
        .output()
        .unwrap();
    let said: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    (
        said["ok"] == true,
        format!("{}{}", said["warnings"], said["mistakes"]),
    )
}

#[test]
fn helpers_that_nobody_checked_for_long_are_warned_about_and_then_refused() {
    let old = "nobody checked us-988";
    for (days, ok, warned) in [
        (1, true, false),
        (179, true, false),
        (180, true, true),
        (400, false, true),
    ] {
        let (may, said) = age(days, "");
        assert_eq!((may, said.contains(old)), (ok, warned), "{days}: {said}");
    }
    let (may, said) = age(
        100,
        "resources_warn_days = 10\nresources_refuse_days = 50\n",
    );
    assert!(!may && said.contains("for 50 days or more"), "{said}");
    let (may, said) = age(1, "resources_warn_days = 50\nresources_refuse_days = 50\n");
    assert!(!may && said.contains("less than"), "{said}");
}

#[test]
fn a_server_does_not_start_with_helpers_that_are_too_old() {
    let folder = checked(401);
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("innerworld.toml");
    fs::write(
        &file,
        format!("[safety]\ndir = \"{}\"\n", folder.path().display()),
    )
    .unwrap();
    let output = innerworld(home.path())
        .args(["serve", "--listen", "127.0.0.1:0", "--config"])
        .arg(&file)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(
        said.contains("us-988") && said.contains("verified_on"),
        "{said}"
    );
}

#[test]
fn production_takes_no_helpers_that_nobody_checked() {
    let (code, said) = check("[runtime]\nmode = \"production\"\n");
    assert_eq!(code, Some(1));
    assert!(said.contains("nobody has checked us-988"), "{said}");
    let (code, said) = check("");
    assert_eq!(code, Some(0), "{said}");
}
