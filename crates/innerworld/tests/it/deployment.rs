//! Verbs for a deployment on AWS, as far as they come without reaching it. What they do there is tried
//! in `tests/peers`.

use super::{chat::run, innerworld, stderr, stdout};

const KEY: &str = "sk-or-v1-Quillemboss7719";
const NAMES: [&str; 6] = [
    "--team-id",
    "TEAM123456",
    "--key-id",
    "KEY1234567",
    "--client-id",
    "org.example.signin",
];

/// A refused `secrets set`: what was said.
fn refused(words: &[&str], value: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let mut command = innerworld(home.path());
    command
        .args(["secrets", "set"])
        .args(words)
        .args(["--from", "-"]);
    let output = run(&mut command, value);
    assert_eq!(output.status.code(), Some(1), "{value}");
    assert_eq!(stdout(&output), "");
    stderr(&output)
}

#[test]
fn what_cannot_be_the_key_of_a_provider_is_refused_with_what_to_do_and_not_repeated() {
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{KEY}\n-----END PRIVATE KEY-----");
    for (value, said) in [
        (String::new(), "there is no value"),
        ("sk-or-v1-your-key".to_owned(), "placeholder of an example"),
        (r#"{"api_key":""}"#.to_owned(), "placeholder of an example"),
        (
            format!(r#"{{"apikey":"{KEY}"}}"#),
            "JSON object with an api_key",
        ),
        (
            format!(r#"{{"api_key":"{KEY}""#),
            "JSON object with an api_key",
        ),
        (format!("{KEY} {KEY}"), "a key is one word"),
        (pem, "secrets set apple"),
        (
            format!(r#"{{"api_key":"{KEY}","base_url":"http://example.org"}}"#),
            "base_url is not an https address",
        ),
        (KEY.repeat(5_000), "too long for a secret"),
    ] {
        let told = refused(&["model"], &value);
        assert!(told.contains(said), "{said}: {told}");
        assert!(!told.contains("Quillemboss"), "{told}");
    }
    let told = refused(&[&["model"], &NAMES[..]].concat(), KEY);
    assert!(told.contains("go with the key of Apple alone"), "{told}");
}

#[test]
fn what_cannot_be_the_key_of_apple_is_refused_with_what_to_do_and_not_repeated() {
    let rsa = "-----BEGIN RSA PRIVATE KEY-----\nQuillemboss\n-----END RSA PRIVATE KEY-----";
    let object = |pem: &str| {
        serde_json::json!({"team_id": "TEAM123456", "key_id": "KEY1234567",
            "client_id": "org.example.signin", "private_key": pem})
        .to_string()
    };
    for (words, value, said) in [
        (&["apple"][..], rsa.to_owned(), "name the rest by --team-id"),
        (
            &[&["apple"], &NAMES[..]].concat(),
            rsa.to_owned(),
            ".p8 file",
        ),
        (&["apple"], object(rsa), ".p8 file"),
        (
            &["apple"],
            object("YOUR_PRIVATE_KEY"),
            "placeholder of an example",
        ),
        (
            &["apple"],
            object("Quillemboss").replace("TEAM123456", "YOUR_TEAM_ID"),
            "team_id is not an id",
        ),
        (
            &["apple"],
            r#"{"private_key":"Quillemboss"}"#.to_owned(),
            "team_id, key_id",
        ),
    ] {
        let told = refused(words, &value);
        assert!(told.contains(said), "{said}: {told}");
        assert!(!told.contains("Quillemboss"), "{told}");
    }
}

#[test]
fn a_value_is_no_argument_and_a_script_must_say_where_it_comes_from() {
    let home = tempfile::tempdir().unwrap();
    let ask = |words: &[&str]| run(innerworld(home.path()).args(words), "");
    let told = ask(&["secrets", "set", "model", KEY]);
    assert_eq!(told.status.code(), Some(2));
    let told = ask(&["secrets", "set", "model", "--promote", "--from", "-"]);
    assert_eq!(told.status.code(), Some(2));
    let told = ask(&["secrets", "check", "--id", "another"]);
    assert_eq!(told.status.code(), Some(2), "an id is of one secret");
    for words in [
        &["secrets", "check", "--prefix", "a/b"][..],
        &["doctor", "--aws", "--prefix", "a/b"],
    ] {
        let told = ask(words);
        assert_eq!(told.status.code(), Some(1));
        assert!(stderr(&told).contains("--prefix"), "{}", stderr(&told));
    }
    for words in [
        &["doctor", "--prefix", "p"][..],
        &["doctor", "--aws", "--token-file", "-"],
        &["doctor", "--aws", "--user-pool", "us-east-1_x"],
        &["doctor", "--aws", "--neptune", "https://example.org"],
    ] {
        assert_eq!(ask(words).status.code(), Some(2), "{words:?}");
    }
}

#[test]
fn a_model_that_its_maker_took_back_is_a_warning_wherever_it_is_named() {
    let home = super::serving::Home::new(
        "[[providers]]\nname = \"local\"\ncompany = \"Local Models\"\ndialect = \"openai\"\n\
         privacy = \"contract\"\nagreement = \"test\"\nallow_private = true\n\
         api_key_file = \"model.json\"\nbase_url = \"http://127.0.0.1:9/v1\"\n\
         fallback = \"anthropic/claude-3.5-sonnet:beta\"\n",
    );
    let secret = format!(r#"{{"api_key":"{KEY}","model_primary":"anthropic/claude-3.5-sonnet"}}"#);
    home.secret("model.json", &secret);
    let output = home.verb("doctor").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let lines = stdout(&output);
    for place in ["providers.0.fallback", "the secret's model_primary"] {
        assert!(lines.contains(&format!("{place} ")), "{place}: {lines}");
    }
    assert!(lines.contains("2025-10-22") && !lines.contains("Quillemboss"));
}
