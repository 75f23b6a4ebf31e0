//! What an operator sees: metrics that a collector can read, health that touches what it reports,
//! and an admin listener that answers only to whoever may ask.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::{
    guest::{Guest, ask, http},
    serving::Home,
    talk::{raw, say, until},
};

/// The text format of metrics, read strictly: samples by family, in order.
fn parsed(text: &str) -> BTreeMap<String, Vec<(String, f64)>> {
    let mut families: BTreeMap<String, Vec<(String, f64)>> = BTreeMap::new();
    let mut kinds = BTreeMap::new();
    assert!(text.ends_with("# EOF\n"), "the text is whole");
    for line in text.lines().filter(|line| *line != "# EOF") {
        if let Some(rest) = line.strip_prefix("# ") {
            let words: Vec<&str> = rest.splitn(3, ' ').collect();
            assert!(matches!(words[0], "HELP" | "TYPE" | "UNIT"), "{line}");
            assert!(!words[2].is_empty(), "{line}");
            if words[0] == "TYPE" {
                kinds.insert(words[1].to_owned(), words[2].to_owned());
                families.entry(words[1].to_owned()).or_default();
            }
            continue;
        }
        let (name, labels, value) = sample(line);
        let family = families
            .keys()
            .rev()
            .find(|family| name.starts_with(family.as_str()));
        let family = family
            .unwrap_or_else(|| panic!("no type before {line}"))
            .clone();
        let end = name.strip_prefix(family.as_str()).unwrap();
        let allowed: &[&str] = match kinds[&family].as_str() {
            "counter" => &["_total"],
            "gauge" => &[""],
            "histogram" => &["_bucket", "_sum", "_count"],
            other => panic!("{family} is a {other}"),
        };
        assert!(allowed.contains(&end), "{line}");
        families
            .get_mut(&family)
            .unwrap()
            .push((format!("{end}{labels}"), value));
    }
    families
}

/// Name, labels and value of a sample line.
fn sample(line: &str) -> (String, String, f64) {
    let (front, value) = line
        .rsplit_once(' ')
        .unwrap_or_else(|| panic!("no sample: {line}"));
    let (name, labels) = front.find('{').map_or((front, ""), |at| front.split_at(at));
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    assert!(!name.is_empty() && name.chars().all(plain), "{line}");
    assert!(labels.is_empty() || labels.ends_with("\"}"), "{line}");
    let value = value
        .parse()
        .unwrap_or_else(|_| panic!("no number: {line}"));
    (name.to_owned(), labels.to_owned(), value)
}

/// Names of the labels of `{name="value",…}`; no value holds a quote or a comma.
fn names(sample: &str) -> Vec<String> {
    let inner = sample
        .split_once('{')
        .map_or("", |(_, rest)| rest.trim_end_matches('}'));
    let pairs = inner.split(',').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            let bare = value.trim_matches('"');
            assert!(
                value.len() == bare.len() + 2 && !bare.contains('"'),
                "{sample}"
            );
            name.to_owned()
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn t09_metrics_can_be_read_and_name_no_person() {
    let home = Home::new("");
    let server = home.start();
    let guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    let mut socket = guest.talking().await;
    say(&mut socket, 1, "hello there").await;
    until(&mut socket, "turn.end").await;
    raw(&mut socket, "{".into()).await;
    until(&mut socket, "error").await;
    let answer = http()
        .get(format!("{}/metrics", server.url("admin_url")))
        .send()
        .await
        .unwrap();
    let kind = answer.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        kind.starts_with("application/openmetrics-text; version=1.0.0"),
        "{kind}"
    );
    let families = parsed(&answer.text().await.unwrap());
    let value = |family: &str, sample: &str| {
        let samples = &families[family];
        let found = samples.iter().find(|(name, _)| name == sample);
        found
            .unwrap_or_else(|| panic!("{family} {sample} in {samples:?}"))
            .1
    };
    for (name, samples) in &families {
        assert!(name.starts_with("innerworld_"), "{name}");
        assert!(
            !name.ends_with("_total"),
            "the ending is the format's: {name}"
        );
        buckets(name, samples);
    }
    let samples = families.values().flatten();
    let used: BTreeSet<String> = samples.flat_map(|(sample, _)| names(sample)).collect();
    let allowed = [
        "category", "finish", "kind", "le", "origin", "tier", "verdict",
    ]
    .map(str::to_owned);
    assert!(used.is_subset(&allowed.into()), "{used:?}");
    assert!((value("innerworld_connections", "") - 1.0).abs() < f64::EPSILON);
    assert!(value("innerworld_frames", "_total{kind=\"message\"}") >= 1.0);
    assert!(value("innerworld_errors", "_total{kind=\"bad_frame\"}") >= 1.0);
    assert!(
        value(
            "innerworld_turns",
            "_total{origin=\"offline\",finish=\"stop\"}"
        ) >= 1.0
    );
    assert!(value("innerworld_accepted_seconds", "_count") >= 1.0);
    // Nobody has checked the shipped list.
    assert!((value("innerworld_resources_age_days", "") + 1.0).abs() < f64::EPSILON);
}

/// Buckets grow, and the last holds everything.
fn buckets(name: &str, samples: &[(String, f64)]) {
    let of = |start: &str| -> Vec<f64> {
        let all = samples
            .iter()
            .filter(|(sample, _)| sample.starts_with(start));
        all.map(|(_, value)| *value).collect()
    };
    let (buckets, counts) = (of("_bucket"), of("_count"));
    assert!(buckets.is_sorted(), "{name}");
    assert_eq!(buckets.last(), counts.first(), "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn health_names_everything_it_touched() {
    let home = Home::new("");
    let server = home.start();
    let url = |path: &str| format!("{}{path}", server.url("http_url"));
    let health = ask(http().get(url("/health"))).await;
    assert_eq!(health.status, 200);
    let report = health.json();
    let services = report["services"].as_array().unwrap();
    let names: Vec<&str> = services
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["live_store", "memory_store", "keys", "disk"]);
    assert!(
        !health.text.contains(&home.path().display().to_string()),
        "no paths for strangers"
    );
    for path in ["/healthz", "/readyz"] {
        assert_eq!(ask(http().get(url(path))).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_admin_listener_answers_to_loopback_names_and_its_token() {
    let home = Home::new("[http]\nopen_metrics = false\n");
    let server = home.start();
    let admin = server.url("admin_url");
    let token = std::fs::read_to_string(home.data().join("admin.token")).unwrap();
    let metrics = || http().get(format!("{admin}/metrics"));
    assert_eq!(ask(metrics()).await.status, 401);
    assert_eq!(ask(metrics().bearer_auth("wrong")).await.status, 401);
    assert_eq!(ask(metrics().bearer_auth(token.trim())).await.status, 200);
    let foreign = metrics()
        .bearer_auth(token.trim())
        .header("host", "evil.example");
    assert_eq!(ask(foreign).await.status, 403);
    let public = format!("{}/metrics", server.url("http_url"));
    assert_eq!(
        ask(http().get(public)).await.status,
        404,
        "never on the public port"
    );
    let drain = || {
        http()
            .post(format!("{admin}/admin/v1/drain"))
            .json(&json!({}))
    };
    assert_eq!(ask(drain()).await.status, 401);
    assert_eq!(ask(drain().bearer_auth(token.trim())).await.status, 202);
    assert!(
        server.wait().0.success(),
        "a drain ends the process in order"
    );
}
