//! Several servers on one set of tables are one server to a teen.

use std::{
    net::SocketAddr,
    process::Command,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue},
};
use innerworld::client::{
    ClientError,
    account::{Account, Ground},
    cognito::Cognito,
    http::{Discovery, Server},
    link::{Introduction, Link},
    track::Step,
};
use innerworld_core::secret::Secret;
use innerworld_embedded::{OsIds, SystemClock};
use innerworld_protocol::{
    ClientFrame, ServerFrame,
    client::{DisclosureAck, PersonaChoose},
};
use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};

use crate::{
    place::Place,
    serving::{PATIENCE, Serving},
};

const EMAIL: &str = "kim@example.org";
const PASSWORD: &str = "four words are better";
/// Signs up, gives the consents, says something and ends the talk.
const TALK: &str = "up\nkim@example.org\nfour words are better\n\nKim\n2010-05-04\nus\n\nyes\nfull\nyes\n\
    yes\ncourage\nMy sister Lena plays the cello in an orchestra.\n/end\n";

/// A server that others reach.
fn shared(place: &Place, name: &str) -> Serving {
    let mut serve = crate::innerworld(place.home.path());
    serve
        .args(["serve", "--json", "--config", "innerworld.toml"])
        .args(["--data-dir", name, "--admin-listen", "127.0.0.1:0"])
        .args(["--listen", "127.0.0.1:0"])
        .env("INNERWORLD_STORAGE__AWS__ADDRESS", "http://127.0.0.1")
        .env("INNERWORLD_HTTP__TRUSTED_PROXIES", "127.0.0.1");
    Place::reach(&mut serve);
    Serving::spawn(serve)
}

fn chat(place: &Place, server: &Serving, input: &str) {
    let mut chat: Command = crate::innerworld(place.home.path());
    chat.args(["chat", "--url", &server.url("http_url")]);
    let talked = crate::graph::with_input(&mut chat, input);
    let said = (crate::stdout(&talked), crate::stderr(&talked));
    assert!(talked.status.success(), "{said:?}");
}

fn ground() -> Ground {
    Ground {
        clock: Arc::new(SystemClock),
        ids: Arc::new(OsIds),
    }
}

/// Signs in at a server, by what it says of itself.
async fn signed_in(serving: &Serving) -> Account {
    let server = Server::new(&serving.url("http_url")).unwrap();
    let discovery = server.discover().await.unwrap();
    signed_in_by(server, discovery).await.unwrap()
}

async fn signed_in_by(server: Server, discovery: Discovery) -> Result<Account, ClientError> {
    let password = Secret::new(PASSWORD.to_owned());
    let cognito = Cognito::new(&server, &discovery);
    let tokens = cognito.sign_in(EMAIL, &password, &ground()).await?;
    Ok(Account {
        server,
        discovery,
        tokens,
        store: None,
        ground: ground(),
    })
}

async fn connected(account: Account) -> Result<Link, ClientError> {
    let introduction = Introduction {
        name: "test".to_owned(),
        locale: "en-US".to_owned(),
        country: Some("US".to_owned()),
        rollup_ms: Some(0),
    };
    Link::open(account, introduction).await
}

/// Goes on until `done` says so of a step.
async fn until(link: &mut Link, mut done: impl FnMut(&Step) -> bool) {
    loop {
        let received = timeout(PATIENCE, link.receive()).await;
        let (_raw, steps) = received.unwrap().unwrap();
        for step in &steps {
            if let Step::Frame(ServerFrame::Disclosure { version, .. }) = step {
                let version = version.clone();
                let acknowledged = ClientFrame::DisclosureAck(DisclosureAck { version });
                link.send(&acknowledged).await.unwrap();
                let persona = "courage".to_owned();
                let chosen = ClientFrame::PersonaChoose(PersonaChoose { persona });
                link.send(&chosen).await.unwrap();
            }
        }
        if steps.iter().any(&mut done) {
            return;
        }
    }
}

fn chosen(step: &Step) -> bool {
    match step {
        Step::Joined(welcome) => welcome.persona.is_some(),
        Step::Frame(frame) => matches!(frame, ServerFrame::PersonaChosen { .. }),
        _ => false,
    }
}

/// Says something and waits for the end of its answer.
async fn answered(link: &mut Link, text: &str) {
    link.say(text.to_owned().into()).await;
    until(link, |step| matches!(step, Step::Ended { .. })).await;
}

/// Two servers, and a teen of the first one who talks through the second.
async fn through_another() -> (Place, [Serving; 2], Link) {
    let place = Place::with_tables().await;
    let (one, two) = (shared(&place, "one"), shared(&place, "two"));
    chat(&place, &one, TALK);
    let mut link = connected(signed_in(&two).await).await.unwrap();
    until(&mut link, chosen).await;
    answered(&mut link, "We went to the lake.").await;
    (place, [one, two], link)
}

/// Comes back, and goes on in the same session.
async fn goes_on(link: &mut Link) {
    let session = link.track.session();
    let deadline = Instant::now() + PATIENCE;
    while let Err(error) = link.reconnect().await {
        assert!(Instant::now() < deadline, "{error}");
    }
    until(link, |step| matches!(step, Step::Joined(_))).await;
    assert_eq!(link.track.session(), session);
    answered(link, "And it rained.").await;
}

/// What a server counted of what it passed on.
async fn passed_on(serving: &Serving, kind: &str) -> u64 {
    let metrics = format!("{}/metrics", serving.url("admin_url"));
    let text = reqwest::get(metrics).await.unwrap().text().await.unwrap();
    let name = format!("passed_on_total{{kind=\"{kind}\"}} ");
    let count = text.lines().find_map(|line| {
        let (_, count) = line.split_once(&name)?;
        count.parse().ok()
    });
    count.unwrap_or(0)
}

#[tokio::test]
async fn a_teen_who_comes_to_another_server_goes_on_talking_and_goes_on_when_theirs_dies() {
    let (_place, [one, two], mut link) = through_another().await;
    assert_eq!(passed_on(&one, "socket").await, 0);
    assert_eq!(passed_on(&two, "socket").await, 1);
    // Requests find the teen as sockets do.
    let profile: serde_json::Value = link
        .account
        .server
        .get("/v1/me", Some(&link.account.tokens.access))
        .await
        .unwrap();
    assert!(profile.is_object());
    assert!(passed_on(&two, "request").await >= 1);
    // Another server believes for some seconds that it lives.
    one.kill();
    goes_on(&mut link).await;
    assert_eq!(passed_on(&two, "socket").await, 1, "it holds the teen now");
}

#[tokio::test]
async fn a_teen_goes_on_when_their_server_was_stopped() {
    let (_place, [one, _two], mut link) = through_another().await;
    one.terminate();
    let (status, said) = one.wait();
    assert!(status.success(), "{}", String::from_utf8_lossy(&said));
    goes_on(&mut link).await;
}

#[tokio::test]
async fn signing_out_at_one_server_closes_a_socket_at_another() {
    let place = Place::with_tables().await;
    let (one, two) = (shared(&place, "one"), shared(&place, "two"));
    chat(&place, &one, TALK);
    let mut link = connected(signed_in(&one).await).await.unwrap();
    until(&mut link, chosen).await;
    let account = signed_in(&two).await;
    let token = json!({"AccessToken": account.tokens.access.reveal()});
    let out = client()
        .post(&account.discovery.cognito_url)
        .header(
            "x-amz-target",
            "AWSCognitoIdentityProviderService.GlobalSignOut",
        )
        .body(token.to_string());
    assert!(out.send().await.unwrap().status().is_success());
    let closed = async {
        loop {
            if let Err(error) = link.receive().await {
                return error;
            }
        }
    };
    let error = timeout(PATIENCE, closed).await.unwrap();
    assert!(error.wants_token(), "{error:?}");
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Identity providers that are asked in turns, and what they were asked.
#[derive(Clone)]
struct InTurns {
    servers: [String; 2],
    asked: Arc<Mutex<Vec<(HeaderValue, Bytes)>>>,
}

/// Sends each request to the next server.
async fn in_turns(State(turns): State<InTurns>, headers: HeaderMap, body: Bytes) -> Vec<u8> {
    let asked = (headers["x-amz-target"].clone(), body);
    let number = {
        let mut all = turns.asked.lock().unwrap();
        all.push(asked.clone());
        all.len() - 1
    };
    let answer = ask(&turns.servers[number % 2], asked).await;
    answer.bytes().await.unwrap().to_vec()
}

async fn ask(server: &str, (target, body): (HeaderValue, Bytes)) -> reqwest::Response {
    let request = client().post(server).header("x-amz-target", target);
    request.body(body).send().await.unwrap()
}

#[tokio::test]
async fn a_challenge_of_one_server_is_answered_at_another_and_once() {
    let place = Place::with_tables().await;
    let (one, two) = (shared(&place, "one"), shared(&place, "two"));
    chat(&place, &one, TALK);
    let turns = InTurns {
        servers: [one.url("cognito_url"), two.url("cognito_url")],
        asked: Arc::default(),
    };
    let balancer = Router::new().fallback(in_turns).with_state(turns.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at: SocketAddr = listener.local_addr().unwrap();
    let mut serving = JoinSet::new();
    serving.spawn(async move { axum::serve(listener, balancer).await });
    let server = Server::new(&one.url("http_url")).unwrap();
    let mut discovery = server.discover().await.unwrap();
    discovery.cognito_url = format!("http://{at}/");
    let account = signed_in_by(server, discovery).await.unwrap();
    assert!(account.tokens.refresh.is_some());
    let asked = turns.asked.lock().unwrap().clone();
    let [_challenge, answer] = &asked[..] else {
        panic!("asked {} times", asked.len());
    };
    // The same answer again opens nothing, whoever gets it.
    for server in &turns.servers {
        let again = ask(server, answer.clone()).await;
        assert!(again.status().is_client_error(), "{}", again.status());
    }
}

#[tokio::test]
async fn a_server_that_shares_with_nobody_is_kept_away_and_told_what_to_do() {
    let place = Place::with_tables().await;
    let _one = shared(&place, "one");
    let mut alone = place.home.serve();
    Place::reach(&mut alone);
    let refused = alone.output().unwrap();
    assert!(!refused.status.success());
    let said = crate::stderr(&refused);
    assert!(said.contains("storage.aws.address"), "{said}");
}
