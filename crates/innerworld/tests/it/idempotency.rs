//! A change that is sent again with its `Idempotency-Key` happens once.

use innerworld_core::{identity::consent::MemoryMode, ids::TeenId};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::identity::provider::{PASSWORD, Provider};

const MIA: &str = "mia@example.org";
const TICKETS: &str = "/v1/tickets";

struct Caller {
    provider: Provider,
    teen: TeenId,
    token: String,
    http: Client,
}

/// Status, body, and whether it is an answer given before.
type Answer = (StatusCode, Value, bool);

impl Caller {
    async fn new() -> Self {
        let provider = Provider::start().await;
        let teen = provider.teen(MIA).await;
        provider.world.admit(teen, MemoryMode::Off).await;
        let token = provider.sign_in(MIA, PASSWORD).await.unwrap().access;
        Self {
            provider,
            teen,
            token,
            http: Client::builder().build().unwrap(),
        }
    }

    async fn send(&self, method: Method, path: &str, (key, body): (&str, &Value)) -> Answer {
        let url = format!("http://{}{path}", self.provider.world.address);
        let request = self.http.request(method, url).bearer_auth(&self.token);
        let request = request.header("idempotency-key", key).json(body);
        let answer = request.send().await.unwrap();
        let again = answer.headers().contains_key("idempotent-replayed");
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        (
            status,
            serde_json::from_str(&text).unwrap_or_default(),
            again,
        )
    }

    async fn consents(&self) -> usize {
        let consents = self.provider.world.stores.consents();
        consents.list(self.teen).await.unwrap().len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t03_a_repeated_change_happens_once() {
    let caller = Caller::new().await;
    let before = caller.consents().await;
    let off = json!({"mode": "off"});
    let path = "/v1/me/memory/settings";
    let first = caller.send(Method::PUT, path, ("one", &off)).await;
    assert!(first.0.is_success(), "{first:?}");
    assert_eq!(caller.consents().await, before + 1);
    let (status, body, again) = caller.send(Method::PUT, path, ("one", &off)).await;
    assert_eq!((status, body, again), (first.0, first.1, true));
    assert_eq!(caller.consents().await, before + 1);
    // Another key is another change; the same key for another request is a mistake.
    let (_, _, again) = caller.send(Method::PUT, path, ("two", &off)).await;
    assert!(!again);
    assert_eq!(caller.consents().await, before + 2);
    let full = json!({"mode": "full"});
    let (status, body, _) = caller.send(Method::PUT, path, ("one", &full)).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(body["error"]["code"], "conflict");
    assert!(body["error"]["request_id"].is_string());
    assert_eq!(caller.consents().await, before + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn t03_at_once_in_vain_and_after_an_hour() {
    let caller = Caller::new().await;
    let none = json!({});
    let send = |key| caller.send(Method::POST, TICKETS, (key, &none));
    let (one, other) = tokio::join!(send("at-once"), send("at-once"));
    assert_eq!((one.0, &one.1), (StatusCode::OK, &other.1));
    assert_ne!(one.2, other.2, "one of them was made, one given again");
    assert_ne!(send("later").await.1, one.1);
    // What failed is tried again under its key.
    let path = "/v1/me/profile";
    let wrong = json!({"locale": "?"});
    for _ in 0..2 {
        let (status, _, again) = caller.send(Method::PATCH, path, ("three", &wrong)).await;
        assert_eq!((status, again), (StatusCode::BAD_REQUEST, false));
    }
    // A key is a teen's own, and ends.
    let sam = caller.provider.talking_teen("sam@example.org").await;
    assert_ne!(sam, caller.teen);
    let theirs = caller.provider.sign_in("sam@example.org", PASSWORD).await;
    let sams = Caller {
        token: theirs.unwrap().access,
        teen: sam,
        ..caller
    };
    let (_, ticket, again) = sams.send(Method::POST, TICKETS, ("at-once", &none)).await;
    assert!(!again);
    assert_ne!(ticket, one.1);
    sams.provider.wait(std::time::Duration::from_secs(3_600));
    let token = sams.provider.sign_in("sam@example.org", PASSWORD).await;
    let sams = Caller {
        token: token.unwrap().access,
        ..sams
    };
    assert!(!sams.send(Method::POST, TICKETS, ("at-once", &none)).await.2);
    let long = "k".repeat(129);
    let (status, _, _) = sams.send(Method::POST, TICKETS, (&long, &none)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}
