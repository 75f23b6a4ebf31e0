//! `token inspect` shows claims and says that nobody checked them; `token verify` checks them.

use std::{fs, process::Output};

use innerworld_core::clock::Clock as _;
use innerworld_embedded::SystemClock;
use serde_json::Value;

use super::{
    identity::provider::{PASSWORD, Provider, Tokens},
    innerworld, stderr, stdout,
};

/// Header `{"alg":"none"}`, claims `{"sub":"a","exp":1800000000}`, no signature.
const UNSIGNED: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIiwiZXhwIjoxODAwMDAwMDAwfQ.";

#[test]
fn inspect_shows_times_and_warns() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("token"), UNSIGNED).unwrap();
    let output = innerworld(home.path())
        .args(["token", "inspect", "--token-file", "token"])
        .output()
        .unwrap();
    let said = stdout(&output);
    assert!(
        said.starts_with("NOT VERIFIED"),
        "{said}{}",
        stderr(&output)
    );
    assert!(
        said.contains("1800000000  (2027-01-15T08:00:00Z)"),
        "{said}"
    );
}

#[test]
fn what_is_no_token_is_refused_without_being_repeated() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("token"), "hunter2-hunter2").unwrap();
    let output = innerworld(home.path())
        .args(["token", "inspect", "--token-file", "token"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("not a JSON web token"));
    assert!(!stderr(&output).contains("hunter2"));
}

/// A server in the present, since the verb looks at the clock on the wall; and somebody's tokens.
async fn signed_in() -> (Provider, Tokens) {
    let provider = Provider::start().await;
    provider.world.clock.set(SystemClock.now());
    provider.teen("mia@example.org").await;
    let tokens = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    (provider, tokens)
}

fn verify(token: &str, arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("token"), token).unwrap();
    innerworld(home.path())
        .args(["token", "verify", "--token-file", "token"])
        .args(arguments)
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_true_token_holds_at_its_server() {
    let (provider, tokens) = signed_in().await;
    let url = format!("http://{}", provider.world.address);
    for token in [&tokens.access, &tokens.id] {
        let output = verify(token, &["--url", &url]);
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(stdout(&output).starts_with("The token holds"));
    }
    let output = verify(&tokens.access, &["--url", &url, "--json"]);
    let said: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(said["verified"], true);
    assert_eq!(said["claims"]["token_use"], "access");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_hold_is_told_apart() {
    let (provider, tokens) = signed_in().await;
    let url = format!("http://{}", provider.world.address);
    let (head, signature) = tokens.access.rsplit_once('.').unwrap();
    let turned: String = signature.chars().rev().collect();
    let cases = [
        (tokens.refresh.clone(), "not a JSON web token"),
        (format!("{head}."), "the token does not hold"),
        (format!("{head}.{turned}"), "the token does not hold"),
        (UNSIGNED.to_owned(), "not a JSON web token"),
        (String::new(), "there is no token"),
        ("A".repeat(1 << 20), "longer than any token"),
    ];
    for (token, reason) in cases {
        let output = verify(&token, &["--url", &url]);
        assert_eq!(output.status.code(), Some(1), "{reason}");
        assert!(stderr(&output).contains(reason), "{}", stderr(&output));
        assert_eq!(stdout(&output), "");
    }
    let output = verify(&tokens.access, &["--url", &url, "--client-id", "another"]);
    assert!(stderr(&output).contains("for another client"));
    // An hour and more ago.
    let hour = std::time::Duration::from_secs(3_600);
    provider.world.clock.set(SystemClock.now().minus(hour * 2));
    let old = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    let output = verify(&old.access, &["--url", &url]);
    assert!(
        stderr(&output).contains("ExpiredSignature"),
        "{}",
        stderr(&output)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_servers_token_does_not_hold() {
    let (_, tokens) = signed_in().await;
    let (other, _) = signed_in().await;
    let url = format!("http://{}", other.world.address);
    let output = verify(&tokens.access, &["--url", &url]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("does not hold the token's key"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_set_names_its_issuer_by_its_place() {
    let (provider, tokens) = signed_in().await;
    let key_set = |provider: &Provider| {
        let (pool, address) = (provider.world.cognito.pool(), provider.world.address);
        format!("http://{address}/{}/.well-known/jwks.json", pool.id)
    };
    let output = verify(&tokens.access, &["--jwks", &key_set(&provider)]);
    assert!(output.status.success(), "{}", stderr(&output));
    // On another port the server keeps its issuer: the key set's place is not the issuer now, but
    // the server says who is.
    let provider = provider.restart().await;
    let output = verify(&tokens.access, &["--jwks", &key_set(&provider)]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("InvalidIssuer"),
        "{}",
        stderr(&output)
    );
    let url = format!("http://{}/", provider.world.address);
    let output = verify(&tokens.access, &["--url", &url]);
    assert!(output.status.success(), "{}", stderr(&output));
    let output = verify(&tokens.access, &["--jwks", &format!("{url}keys")]);
    assert!(stderr(&output).contains("must end with /.well-known/jwks.json"));
    let output = verify(&tokens.access, &["--url", "http://127.0.0.1:1"]);
    assert!(stderr(&output).contains("innerworld serve"));
}
