//! Pages of somebody else, and tickets that somebody else has read.

use std::{sync::Arc, time::Duration};

use innerworld_core::identity::consent::MemoryMode;
use innerworld_embedded::{Embedded, OsIds};
use innerworld_engine::services::Settings;
use innerworld_testkit::{
    FakeClock,
    reference::{Defect, Reference},
    scripted_model::ScriptedModel,
};
use tokio_tungstenite::tungstenite;

use crate::{
    canary::scan::Scanner,
    guest::{Guest, ask, http},
    serving::Home,
    talk::{hello, status, until},
    world::{Socket, World, send, settings},
};

const HOUR: Duration = Duration::from_secs(3_600);
const OURS: &str = "https://app.example.org";
/// Origins that are not ours, however much they look like it.
const FOREIGN: [&str; 13] = [
    "https://evil.example",
    "null",
    "http://app.example.org",
    "https://app.example.org:8443",
    "https://app.example.org.evil.example",
    "https://evil.example/app.example.org",
    "https://evilapp.example.org",
    "https://example.org",
    "https://app.example.org@evil.example",
    "HTTPS://APP.EXAMPLE.ORG",
    "https://app.example.org/",
    "https://app.example.org, https://evil.example",
    "*",
];

async fn with(settings: Settings) -> World {
    World::start(Arc::new(ScriptedModel::saying("hi")), settings).await
}

async fn from_origin(
    world: &World,
    token: &str,
    origin: &str,
) -> Result<Socket, tungstenite::Error> {
    let header = [("origin", origin.to_owned())];
    world.raw_socket(token, &header).await
}

#[tokio::test(flavor = "multi_thread")]
async fn t02_a_page_of_somebody_else_opens_no_socket() {
    let world = with(settings()).await;
    let teen = world.teen(1, MemoryMode::Off).await;
    let token = world.token(teen, HOUR);
    for origin in FOREIGN {
        let refused = from_origin(&world, &token, origin).await;
        assert_eq!(status(refused), 403, "{origin}");
    }
    // The name under which the server itself is called is no origin of its app.
    let own = format!("http://{}", world.address);
    assert_eq!(status(from_origin(&world, &token, &own).await), 403);
    assert!(from_origin(&world, &token, OURS).await.is_ok());
    assert!(world.socket(&token).await.is_ok(), "an app has no origin");
    // Nor does such a page read an answer.
    for origin in FOREIGN.into_iter().chain([OURS]) {
        let request = http().get(format!("http://{}/v1/me/time", world.address));
        let request = request.bearer_auth(&token).header("origin", origin);
        let answer = request.send().await.unwrap();
        let allowed = answer.headers().get("access-control-allow-origin");
        assert_eq!(allowed.is_some(), origin == OURS, "{origin}");
    }
}

/// What stops them is the list.
#[tokio::test(flavor = "multi_thread")]
async fn t02_where_the_list_names_everybody_they_get_in() {
    let world = with(Settings {
        allowed_origins: FOREIGN.map(str::to_owned).to_vec(),
        ..settings()
    })
    .await;
    let teen = world.teen(1, MemoryMode::Off).await;
    for origin in FOREIGN {
        let token = world.token(teen, HOUR);
        let opened = from_origin(&world, &token, origin).await;
        assert!(opened.is_ok(), "{origin}");
    }
}

/// A ticket as a page of this origin (none for an app) buys it.
async fn ticket(world: &World, token: &str, origin: Option<&str>) -> String {
    let request = http().post(format!("http://{}/v1/tickets", world.address));
    let request = request.bearer_auth(token);
    let answer = ask(match origin {
        Some(origin) => request.header("origin", origin),
        None => request,
    })
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["ticket"].as_str().unwrap().to_owned()
}

/// Whoever reads the log of a proxy has the address with the ticket, after it was used.
#[tokio::test(flavor = "multi_thread")]
async fn t02_what_a_proxys_log_holds_opens_no_socket() {
    let world = with(settings()).await;
    let teen = world.teen(1, MemoryMode::Off).await;
    let token = world.token(teen, HOUR);
    let bought = ticket(&world, &token, None).await;
    assert!(world.socket_by_ticket(&bought).await.is_ok());
    assert_eq!(status(world.socket_by_ticket(&bought).await), 401);
    // One that was bought and never used has half a minute.
    let unused = ticket(&world, &token, None).await;
    world.clock.advance(Duration::from_secs(30));
    assert_eq!(status(world.socket_by_ticket(&unused).await), 401);
    // It is no token, and a token is no ticket.
    let unused = ticket(&world, &token, None).await;
    assert_eq!(status(world.socket(&unused).await), 401);
    assert_eq!(status(world.socket_by_ticket(&token).await), 401);
}

/// What makes a ticket worthless is that the store forgets it.
#[tokio::test(flavor = "multi_thread")]
async fn t02_where_tickets_are_never_forgotten_the_log_opens_a_socket() {
    let clock = Arc::new(FakeClock::default());
    let stores = Embedded::in_memory(Arc::clone(&clock) as _, Arc::new(OsIds)).unwrap();
    let parts = (Arc::new(ScriptedModel::saying("hi")) as _, settings());
    let world = World::build(stores, clock, parts, |services, _cognito| {
        services.tickets = Arc::new(Reference::with(Defect::KeepsEverything));
    })
    .await;
    let teen = world.teen(1, MemoryMode::Off).await;
    let bought = ticket(&world, &world.token(teen, HOUR), None).await;
    for _ in 0..3 {
        assert!(world.socket_by_ticket(&bought).await.is_ok());
    }
}

/// A ticket is for the page that bought it, and never gives one teen the place of another.
#[tokio::test(flavor = "multi_thread")]
async fn t02_another_teens_ticket_helps_nobody() {
    let world = with(settings()).await;
    let (mia, noa) = (
        world.teen(1, MemoryMode::Off).await,
        world.teen(2, MemoryMode::Off).await,
    );
    let (mias, noas) = (world.token(mia, HOUR), world.token(noa, HOUR));
    let place = world.address.to_string();
    let app: &[(&'static str, &str)] = &[];
    let page: &[(&'static str, &str)] = &[("origin", OURS)];
    for (origin, buyer, other) in [(Some(OURS), page, app), (None, app, page)] {
        let query = format!("ticket={}", ticket(&world, &mias, origin).await);
        let refused = open(&place, &query, other).await;
        assert_eq!(status(refused), 401, "bought from {origin:?}");
        // An attempt from elsewhere uses it up.
        assert_eq!(status(open(&place, &query, buyer).await), 401);
    }
    // Beside a token of one's own it does nothing: it is not even used.
    let mut first = world.socket(&mias).await.unwrap();
    send(&mut first, &hello()).await;
    let hers = until(&mut first, "welcome").await.pop().unwrap()["session"].clone();
    let query = format!("ticket={}", ticket(&world, &mias, None).await);
    let bearer = format!("Bearer {noas}");
    let opened = open(&place, &query, &[("authorization", &bearer)]).await;
    let mut second = opened.unwrap();
    send(&mut second, &hello()).await;
    let welcome = until(&mut second, "welcome").await.pop().unwrap();
    assert_ne!(welcome["session"], hers);
    assert!(open(&place, &query, app).await.is_ok());
}

/// Tokens in addresses are not looked at, and nothing that opens a socket is in our own log, at its
/// most talkative.
#[tokio::test(flavor = "multi_thread")]
async fn t02_no_token_and_no_ticket_is_in_the_log() {
    let home = Home::new("[telemetry]\nfilter = \"trace\"\n");
    let server = home.start();
    let guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    let bought = ask(guest.request(reqwest::Method::POST, "/v1/tickets")).await;
    let bought = bought.json()["ticket"].as_str().unwrap().to_owned();
    let place = guest.base.strip_prefix("http://").unwrap();
    assert!(open(place, &format!("ticket={bought}"), &[]).await.is_ok());
    for name in ["ticket", "token", "access_token", "authorization"] {
        let query = format!("{name}={}", guest.access);
        assert_eq!(status(open(place, &query, &[]).await), 401, "{name}");
        let url = format!("{}/v1/me?{query}", guest.base);
        assert_eq!(ask(http().get(url)).await.status, 401, "{name}");
    }
    server.terminate();
    let (ended, output) = server.wait();
    assert!(ended.success(), "{ended}");
    assert!(
        String::from_utf8_lossy(&output).contains("stopped"),
        "the log is what it should be"
    );
    let scanner = Scanner::new(&[
        ("the ticket", &bought),
        ("the access token", &guest.access),
        ("the refresh token", &guest.refresh),
    ]);
    scanner.clean("the log", &output);
}

/// A socket of somebody who has nothing but this query and these headers.
async fn open(
    place: &str,
    query: &str,
    others: &[(&'static str, &str)],
) -> Result<Socket, tungstenite::Error> {
    use tungstenite::client::IntoClientRequest as _;
    let url = format!("ws://{place}/v1/ws?{query}");
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", "innerworld.v1".parse().unwrap());
    for (name, value) in others {
        headers.insert(*name, value.parse().unwrap());
    }
    let connected = tokio_tungstenite::connect_async(request).await;
    connected.map(|(socket, _)| socket)
}
