//! `innerworld report`: what it counts, beside a running server and without one, and what it never says.

use serde_json::{Value, json};

use crate::{
    guest::Guest,
    serving::Home,
    stderr, stdout,
    talk::{say, until},
};

/// This year, as the report counts it.
fn year() -> String {
    use innerworld_core::clock::Clock as _;
    let now = innerworld_embedded::SystemClock.now().to_rfc3339();
    now.split('-').next().unwrap().to_owned()
}

fn report(home: &Home, arguments: &[&str]) -> std::process::Output {
    let year = year();
    let mut command = home.verb("report");
    command.args(["--year", &year]).args(arguments);
    command.output().unwrap()
}

fn figures(home: &Home, arguments: &[&str]) -> Value {
    let output = report(home, arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_str(&stdout(&output)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_years_notices_are_counted_and_small_counts_are_not_told_apart() {
    let home = Home::new("");
    let nobody = figures(&home, &["--json"]);
    assert_eq!(nobody["referral_notices"], "<5", "also without any data");
    let server = home.start();
    for number in 1..=5 {
        let email = format!("robin{number}@example.org");
        let guest = Guest::arrive(&server, &email, "Robin").await;
        let mut socket = guest.talking().await;
        say(&mut socket, 1, "i want to kill myself").await;
        until(&mut socket, "turn.end").await;
        if number == 1 {
            let french = "Aujourd'hui nous sommes allés à la plage avec toute la famille et les \
                enfants ont construit un grand château de sable près de la mer.";
            let other = Guest::arrive(&server, "kim@example.org", "Kim").await;
            let mut socket = other.talking().await;
            say(&mut socket, 2, french).await;
            let soft = until(&mut socket, "safety.checkin").await.pop().unwrap();
            assert_eq!(soft["intensity"], "soft");
            until(&mut socket, "accepted").await;
        }
    }
    // Beside the running server.
    let told = figures(&home, &["--json", "--jurisdiction", "US"]);
    assert_eq!(told["referral_notices"], 5, "{told}");
    assert_eq!(
        told["total"],
        json!({"crisis": 5, "ask": "<5", "soft": "<5", "output_block": "<5"})
    );
    let row = json!({"category": "ideation", "tier": "phrase", "crisis": 5, "ask": "<5",
        "soft": "<5", "output_block": "<5"});
    assert!(told["rows"].as_array().unwrap().contains(&row), "{told}");
    let quiet = json!({"category": "none", "tier": "language", "crisis": "<5", "ask": "<5",
        "soft": "<5", "output_block": "<5"});
    assert!(told["rows"].as_array().unwrap().contains(&quiet), "{told}");
    let version = told["versions"][0]["detector"].as_str().unwrap();
    assert!(version.starts_with("phrases-"), "{version}");
    let published = guest_protocol(&server).await;
    assert_eq!(told["protocol"]["version"], published);
    server.kill();

    // And without one.
    let exact = figures(&home, &["--json", "--authority"]);
    assert_eq!(
        exact["total"],
        json!({"crisis": 5, "ask": 0, "soft": 1, "output_block": 0})
    );
    assert_eq!(exact["exact"], true);
    assert_eq!(
        figures(&home, &["--json", "--jurisdiction", "US-CA"])["total"]["crisis"],
        "<5"
    );
    let text = stdout(&report(&home, &[]));
    assert!(text.contains("5  crisis frames"), "{text}");
    assert!(text.contains("<5  times help was shown quietly"), "{text}");
    assert!(text.contains("Counts below 5 are shown as <5"), "{text}");
}

async fn guest_protocol(server: &crate::serving::Serving) -> String {
    let url = format!("{}/v1/safety/protocol", server.url("http_url"));
    let protocol = crate::guest::ask(crate::guest::http().get(url))
        .await
        .json();
    protocol["protocol_version"].as_str().unwrap().to_owned()
}

#[test]
fn a_label_that_nobody_is_counted_under_is_named() {
    let home = Home::new("");
    let refused = report(&home, &["--jurisdiction", "US-XX"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = stderr(&refused);
    assert!(said.contains("US-XX") && said.contains("US-CA"), "{said}");
    let mut command = home.verb("report");
    let refused = command.args(["--year", "26"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2), "{}", stderr(&refused));
}
