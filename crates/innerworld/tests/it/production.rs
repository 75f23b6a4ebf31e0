//! A start in production: everything it needs, and whom it asks to take responsibility.

use innerworld_core::{calendar::day_in, clock::Clock as _};
use innerworld_embedded::SystemClock;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    guest::{ask, http},
    serving::{Home, Serving},
    stderr,
};

const CONFIG: &str = "\
[runtime]
mode = \"production\"
[auth]
public_url = \"https://chat.example.org\"
[mail]
smtp_host = \"mail.example.org\"
from = \"InnerWorld <no-reply@example.org>\"
[storage]
master_key_file = \"keys/master.key\"
[safety]
dir = \"safety\"
";

/// A home with all of it; the list of helpers as if somebody had called each of them today.
fn home() -> Home {
    let home = Home::new(CONFIG);
    let shipped = include_str!("../../../innerworld-core/safety/resources.json");
    let mut list: Value = serde_json::from_str(shipped).unwrap();
    let today = day_in("UTC", SystemClock.now()).to_string();
    for entry in list["resources"].as_array_mut().unwrap() {
        entry["verified_on"] = json!(today);
        entry["verified_by"] = json!("a test");
    }
    for folder in ["safety", "keys"] {
        std::fs::create_dir(home.path().join(folder)).unwrap();
    }
    home.secret("safety/resources.json", &list.to_string());
    home
}

async fn protocol(server: &Serving) -> Value {
    let url = format!("http://{}/v1/safety/protocol", server.url("listen"));
    ask(http().get(url)).await.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_review_somebody_must_accept_that_there_is_none() {
    let home = home();
    let said = stderr(&home.refused());
    assert!(said.contains("--accept-unreviewed-protocol"), "{said}");
    let mut command = home.serve();
    command.arg("--accept-unreviewed-protocol");
    let server = Serving::spawn(command);
    let shown = protocol(&server).await;
    assert_eq!(
        (&shown["reviewed"], &shown["clinical_review"]),
        (&json!(false), &Value::Null)
    );
    // What makes development easy is not there.
    let code = http().get(format!("http://{}/v1/dev/code?sub=1", server.url("listen")));
    assert_eq!(code.send().await.unwrap().status(), StatusCode::NOT_FOUND);
    drop(server);

    // A review of exactly these files needs nobody's word, and one of others does.
    let version = shown["protocol_version"].as_str().unwrap();
    let review = |version: &str| {
        format!("[review]\nby = \"a clinician\"\non = \"2026-11-01\"\nversion = \"{version}\"\n")
    };
    home.secret("safety/review.toml", &review("another"));
    let said = stderr(&home.refused());
    assert!(said.contains("no licensed clinician"), "{said}");
    home.secret("safety/review.toml", &review(version));
    let server = home.start();
    let shown = protocol(&server).await;
    assert_eq!(
        (&shown["reviewed"], &shown["protocol_version"]),
        (&json!(true), &json!(version))
    );

    // What is read anew while it runs needs the same.
    home.secret("safety/review.toml", &review("another"));
    server.hang_up();
    server.says("those of before stay in force").await;
    assert_eq!(protocol(&server).await, shown);
}
