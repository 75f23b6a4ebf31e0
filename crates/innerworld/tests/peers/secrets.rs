//! `secrets set` and `secrets check`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{
    place::{Place, call},
    stderr, stdout,
};

const KEY: &str = "sk-or-v1-Quillemboss7719";
const NEXT: &str = "sk-or-v1-Trestlewick2204";

/// What the service has in use.
async fn stored(id: &str) -> Value {
    let wanted = json!({"SecretId": id, "VersionStage": "AWSCURRENT"});
    let get = ("secretsmanager", "secretsmanager.GetSecretValue");
    let answer = call("SECRETS", get, wanted).await;
    serde_json::from_str(answer["SecretString"].as_str().unwrap()).unwrap()
}

fn first(report: &Value) -> &Value {
    &report["secrets"][0]
}

#[tokio::test]
async fn a_key_is_put_told_replaced_and_never_shown() {
    let place = Place::new().await;
    let id = format!("{}/openai/api-key", place.prefix);
    let (ok, none) = place.json(&["secrets", "check", "model"], "");
    assert!(!ok);
    assert_eq!(first(&none)["state"], "absent");

    let mut said = Vec::new();
    let mut run = |words: &[&str], input: &str| {
        let output = place.run(&[&["secrets"], words].concat(), input);
        said.extend([output.stdout.clone(), output.stderr.clone()].concat());
        output
    };
    let made = run(&["set", "model", "--from", "-"], &format!("{KEY}\n"));
    assert!(stdout(&made).contains("made "), "{}", stderr(&made));
    assert_eq!(stored(&id).await, json!({"api_key": KEY}));

    // As the first documents had it, with a model that is no more and a field that nobody reads.
    let whole = json!({
        "api_key": KEY, "model_primary": "anthropic/claude-3.5-sonnet",
        "model_fallback": "openai/gpt-4o", "something_new": 1,
    });
    place.home.secret("model.json", &whole.to_string());
    let put = run(&["set", "model", "--from", "model.json"], "");
    assert!(stdout(&put).contains("something_new"), "{}", stderr(&put));
    assert_eq!(stored(&id).await, whole, "unknown fields stay");
    let told = run(&["check", "model"], "");
    assert!(told.status.success());
    for part in [
        "ok    model",
        "openai/gpt-4o",
        "2025-10-22",
        "something_new",
        "api_key",
    ] {
        assert!(stdout(&told).contains(part), "{part}: {}", stdout(&told));
    }

    // Two slots: the old one is in use until the new one is promoted.
    let early = run(&["set", "model", "--promote"], "");
    assert!(stderr(&early).contains("no value") && !early.status.success());
    run(&["set", "model", "--from", "-", "--stage", "pending"], NEXT);
    assert_eq!(stored(&id).await, whole);
    let waits = run(&["check", "model"], "");
    assert!(
        stdout(&waits).contains("another value waits"),
        "{}",
        stdout(&waits)
    );
    let promoted = run(&["set", "model", "--promote"], "");
    assert!(promoted.status.success(), "{}", stderr(&promoted));
    assert_eq!(stored(&id).await, json!({"api_key": NEXT}));
    run(&["check", "--json"], "");

    let said = String::from_utf8(said).unwrap();
    for key in ["Quillemboss", "Trestlewick"] {
        assert!(!said.contains(key), "{said}");
    }
}

#[tokio::test]
async fn a_placeholder_is_told_and_a_value_that_is_none_fails_the_check() {
    let place = Place::new().await;
    let id = format!("{}/openai/api-key", place.prefix);
    let make = ("secretsmanager", "secretsmanager.CreateSecret");
    // What Terraform writes.
    let placeholder = json!({"Name": id, "SecretString": "{\"api_key\":\"\"}", "ClientRequestToken": "0".repeat(32)});
    call("SECRETS", make, placeholder).await;
    let (ok, report) = place.json(&["secrets", "check", "model"], "");
    assert!(ok, "{report}");
    assert_eq!(first(&report)["state"], "not_configured");
    assert_eq!(first(&report)["fields"], json!(["api_key"]));
    let put = ("secretsmanager", "secretsmanager.PutSecretValue");
    let broken = json!({"SecretId": id, "SecretString": KEY, "ClientRequestToken": "1".repeat(32)});
    call("SECRETS", put, broken).await;
    let (ok, report) = place.json(&["secrets", "check", "model"], "");
    assert!(!ok);
    assert_eq!(first(&report)["state"], "invalid");
    assert!(!report.to_string().contains("Quillemboss"));
    let delete = ("secretsmanager", "secretsmanager.DeleteSecret");
    call("SECRETS", delete, json!({"SecretId": id})).await;
    let (ok, report) = place.json(&["secrets", "check", "model"], "");
    assert!(!ok);
    assert_eq!(first(&report)["state"], "ending", "{report}");
}

#[tokio::test]
async fn the_key_of_apple_is_put_alone_with_its_names() {
    let place = Place::new().await;
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let encoded = STANDARD.encode(key.serialize_der());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{encoded}\n-----END PRIVATE KEY-----");
    place.home.secret("apple.p8", &pem);
    let names = [
        "--team-id",
        "TEAM123456",
        "--key-id",
        "KEY1234567",
        "--client-id",
        "org.example.signin",
    ];
    let words = [
        &["secrets", "set", "apple", "--from", "apple.p8"][..],
        &names,
    ]
    .concat();
    let (ok, put) = place.json(&words, "");
    assert!(ok, "{put}");
    assert_eq!(
        put["fields"],
        json!(["client_id", "key_id", "private_key", "team_id"])
    );
    let id = format!("{}/apple/signin-key", place.prefix);
    assert_eq!(stored(&id).await["team_id"], "TEAM123456");
    // A second one under a name of its own.
    let (ok, other) = place.json(&[&words[..], &["--id", "of-another/apple"]].concat(), "");
    assert!(ok, "{other}");
    assert_eq!(other["id"], "of-another/apple");
    let (ok, report) = place.json(&["secrets", "check", "apple"], "");
    assert!(ok, "{report}");
    assert_eq!(first(&report)["state"], "configured");
    assert!(!report.to_string().contains(encoded.get(40..80).unwrap()));
}
