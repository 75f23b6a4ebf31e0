//! `doctor --aws`.

use std::time::{SystemTime, UNIX_EPOCH};

use innerworld_core::{clock::Timestamp, ids::TeenId};
use innerworld_testkit::user_pool::{CLIENT_ID, POOL_ID, UserPoolDouble};
use serde_json::Value;

use crate::{place::Place, stderr, stdout};

const TEEN: TeenId = TeenId::from_subject_bits(7);

/// The executable has no clock but the machine's.
#[expect(clippy::disallowed_methods, reason = "tokens must suit its clock")]
fn wall_clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap())
}

fn states(report: &Value, name: &str) -> Vec<String> {
    let checks = report["checks"].as_array().unwrap();
    let named = checks.iter().filter(|check| check["name"] == name);
    named
        .map(|check| check["state"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_deployment_is_looked_over_and_what_is_missing_fails() {
    let place = Place::with_tables().await;
    let (ok, report) = place.json(&["doctor", "--aws"], "");
    assert!(ok, "{report}");
    assert_eq!(report["prefix"], place.prefix.as_str());
    for (name, state) in [
        ("credentials", "ok"),
        ("tables", "ok"),
        ("table_protection", "ok"),
        ("key_state", "ok"),
        ("key_use", "ok"),
        ("secret_model", "warn"),
        ("secret_apple", "warn"),
        ("queues", "warn"),
        ("token", "not_checked"),
        ("neptune", "not_checked"),
        ("throttling", "ok"),
    ] {
        assert_eq!(states(&report, name), [state], "{name}: {report}");
    }
    let output = place.run(&["doctor", "--aws"], "");
    let lines = stdout(&output);
    assert!(
        lines.contains("Name=Operation,Value=TransactWriteItems"),
        "{lines}"
    );
    assert!(
        lines.contains("-     token            not checked: no user pool was given"),
        "{lines}"
    );

    // Under another prefix nothing is there.
    let (ok, report) = place.json(&["doctor", "--aws", "--prefix", "of-nobody"], "");
    assert!(!ok);
    assert_eq!(states(&report, "tables").len(), 8);
    // Without the flag it looks at this machine, whose folder has no part in it.
    let (_ok, local) = place.json(&["doctor"], "");
    assert_eq!(states(&local, "stores"), ["ok"]);
    assert!(states(&local, "live_store").is_empty());
}

// The pool's double answers while the executable runs.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_tried_at_the_door_and_never_shown() {
    let place = Place::with_tables().await;
    let double = UserPoolDouble::start().await;
    let endpoint = double.endpoint();
    let pool = [
        "--user-pool",
        POOL_ID,
        "--client",
        CLIENT_ID,
        "--user-pool-endpoint",
        &endpoint,
    ];
    let words = [&["doctor", "--aws", "--token-file", "-"][..], &pool].concat();
    let token = double.token(TEEN, wall_clock());
    let (ok, report) = place.json(&words, &token);
    assert_eq!(states(&report, "token"), ["ok"], "{report}");
    assert_eq!(states(&report, "clock"), ["ok"]);
    assert_eq!(states(&report, "standing"), ["failed"], "no profile");
    assert!(!ok);
    let mut claims = double.claims(TEEN, wall_clock());
    claims["token_use"] = "id".into();
    let id_token = double.sign(&claims);
    let refused = place.run(&words, &id_token);
    assert_eq!(refused.status.code(), Some(1));
    let said = stdout(&refused) + &stderr(&refused);
    assert!(
        said.contains("`token_use` is not `access`") && said.contains("AccessToken"),
        "{said}"
    );
    for hidden in [&TEEN.to_string(), &id_token, &token] {
        assert!(!said.contains(hidden) && !report.to_string().contains(hidden));
    }
}

#[tokio::test]
async fn without_credentials_it_says_so_and_asks_nobody() {
    let place = Place::new().await;
    let mut command = crate::innerworld(place.home.path());
    command.args(["doctor", "--aws", "--json", "--config", "innerworld.toml"]);
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(states(&report, "credentials"), ["failed"]);
    assert_eq!(states(&report, "tables"), ["not_checked"]);
}
