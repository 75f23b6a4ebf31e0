//! T11: nobody outside leads a call inside, by whichever way. What counts is connections at a listener.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use innerworld_core::identity::apple::AppleService as _;
use innerworld_models::{
    apple::AppleHttp,
    egress::{EgressError, endpoint, to_one_host},
};
use innerworld_testkit::{
    hostile_upstream::{HostileUpstream, Wire, response, scripts},
    model_calls::text_of,
};
use reqwest::{
    Client, Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

use crate::support::{self, Bench, OFFLINE_WORDS, items};

const CONNECT: Duration = Duration::from_secs(2);

/// Something inside that answers well to whoever comes.
async fn inside() -> HostileUpstream {
    HostileUpstream::start([Wire::good().chunked()]).await
}

/// Every way to write the address of this machine, and names that lead to it.
const THIS_MACHINE: &[&str] = &[
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "017700000001",
    "0177.0.0.1",
    "0177.0x0.0.1",
    "127.0.0.1.",
    "%31%32%37.0.0.1",
    "\u{ff11}\u{ff12}\u{ff17}.0.0.1",
    "127\u{3002}0\u{3002}0\u{3002}1",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:0001]",
    "localhost",
    "LocalHost",
];

/// Addresses that nothing of a test listens on: refused when they are configured.
const INSIDE: &[&str] = &[
    "0.0.0.0",
    "10.0.0.1",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "0251.0376.0251.0376",
    "100.64.0.1",
    "192.168.1.1",
    "[::]",
    "[::1]",
    "[::127.0.0.1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:a9fe:a9fe::1]",
    "[fe80::1]",
    "[fd00:ec2::254]",
];

/// What becomes of a provider at this URL.
async fn ask(base_url: &str, allow_private: bool) -> String {
    let mut config = support::provider(base_url);
    config.allow_private = allow_private;
    match endpoint(base_url, allow_private) {
        Err(_refused) => String::new(),
        Ok(_) => text_of(&items(&support::client(&config)).await),
    }
}

#[tokio::test]
async fn t11_no_way_to_write_an_address_inside_reaches_it() {
    let inside = inside().await;
    let port = inside.address().port();
    for host in THIS_MACHINE {
        for user in ["", "models.example@", "models.example:443@"] {
            let url = format!("https://{user}{host}:{port}/v1");
            assert_eq!(ask(&url, false).await, "", "{url}");
            if let Ok(apple) = AppleHttp::new(&url, false) {
                assert!(apple.keys().await.is_err(), "{url}");
            }
        }
    }
    assert_eq!(inside.connections(), 0);
    for host in INSIDE {
        let url = format!("https://{host}:{port}/v1");
        assert_eq!(
            endpoint(&url, false),
            Err(EgressError::PrivateAddress),
            "{url}"
        );
    }
}

/// They do all lead there: with the permission that an operator may give to a model of their own,
/// every one of them connects.
#[tokio::test]
async fn t11_with_permission_for_addresses_inside_each_way_reaches_it() {
    for host in THIS_MACHINE {
        let inside = inside().await;
        let url = format!("http://{host}:{}/v1", inside.address().port());
        assert_eq!(ask(&url, true).await, "Hello there.", "{url}");
        assert_eq!(inside.connections(), 1, "{url}");
    }
}

#[test]
fn t11_a_url_with_more_than_a_place_is_refused() {
    let refused = [
        ("http://models.example/v1", EgressError::PlainHttp),
        ("https://user:pass@models.example/v1", EgressError::BadUrl),
        ("https://user@models.example/v1", EgressError::BadUrl),
        ("https://models.example@127.0.0.1/v1", EgressError::BadUrl),
        ("https://models.example?key=1", EgressError::BadUrl),
        ("https://models.example/v1?key=1", EgressError::BadUrl),
        ("https://models.example/v1#x", EgressError::BadUrl),
        ("file:///etc/passwd", EgressError::BadUrl),
        ("ftp://models.example", EgressError::BadUrl),
        ("gopher://models.example", EgressError::BadUrl),
        ("not a url", EgressError::BadUrl),
    ];
    for (url, wanted) in refused {
        assert_eq!(endpoint(url, false), Err(wanted), "{url}");
    }
    let good = endpoint("https://models.example:8443/api/v1/", false).unwrap();
    assert_eq!(
        good.completions.as_str(),
        "https://models.example:8443/api/v1/chat/completions"
    );
    assert_eq!(good.host, "models.example:8443");
    assert!(endpoint("http://127.0.0.1:8080/v1", true).is_ok());
}

const REDIRECTS: [&str; 6] = [
    "301 Moved Permanently",
    "302 Found",
    "303 See Other",
    "307 Temporary Redirect",
    "308 Permanent Redirect",
    "300 Multiple Choices",
];

#[tokio::test]
async fn t11_no_redirect_is_followed_and_the_key_stays() {
    let elsewhere = inside().await;
    let port = elsewhere.address().port();
    let here = THIS_MACHINE
        .iter()
        .map(|host| format!("http://{host}:{port}/v1/chat/completions"));
    let others = [
        format!("//127.0.0.1:{port}/v1/chat/completions"),
        format!("http://models.example@127.0.0.1:{port}/v1/chat/completions"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
    ];
    for to in here.chain(others) {
        let bench = Bench::new([scripts::h10_redirect(&to)]).await;
        assert_eq!(text_of(&bench.ask().await), OFFLINE_WORDS, "{to}");
        assert_eq!(bench.upstream.requests().len(), 1, "{to}");
    }
    for status in REDIRECTS {
        let to = format!("location: {}/chat/completions", elsewhere.base_url());
        let bench = Bench::new([response(status, &[&to], "")]).await;
        assert_eq!(text_of(&bench.ask().await), OFFLINE_WORDS, "{status}");
    }
    assert_eq!(elsewhere.connections(), 0);
}

/// A client with the defaults of its library goes where it is sent.
#[tokio::test]
async fn t11_a_client_that_follows_redirects_is_led_inside() {
    let elsewhere = inside().await;
    let to = format!("{}/chat/completions", elsewhere.base_url());
    let upstream = HostileUpstream::start([scripts::h10_redirect(&to)]).await;
    let client = Client::builder().build().unwrap();
    let url = format!("{}/chat/completions", upstream.base_url());
    client.post(url).body("{}").send().await.unwrap();
    assert_eq!(elsewhere.connections(), 1);
}

/// A name server that changes its mind: each answer once, the last again and again.
struct Rebinding(Mutex<VecDeque<Vec<SocketAddr>>>);

impl Rebinding {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let answer = |addresses: &&[&str]| {
            let parsed = addresses.iter().map(|one| one.parse().unwrap());
            parsed.map(|ip| SocketAddr::new(ip, 0)).collect()
        };
        Arc::new(Self(Mutex::new(answers.iter().map(answer).collect())))
    }
}

impl Resolve for Rebinding {
    fn resolve(&self, _name: Name) -> Resolving {
        let mut answers = self.0.lock().unwrap();
        let answer = match answers.len() {
            0 | 1 => answers.front().cloned().unwrap_or_default(),
            _ => answers.pop_front().unwrap_or_default(),
        };
        Box::pin(async move { Ok(Box::new(answer.into_iter()) as Addrs) })
    }
}

/// Answers that lead inside, whatever was said before them. Of those with an address outside too, that
/// one is an identifier which no network routes.
const LEAD_INSIDE: [&[&str]; 5] = [
    &["127.0.0.1"],
    &["::ffff:127.0.0.1"],
    &["127.0.0.1", "169.254.169.254"],
    &["::1", "127.0.0.1"],
    &["::ffff:7f00:1", "10.0.0.1"],
];

/// Asks a name that first was outside and then leads inside; whether an answer came.
async fn rebound(
    client: impl Fn(&Url, Arc<Rebinding>) -> Client,
    inside: &HostileUpstream,
    answer: &[&str],
) -> bool {
    let port = inside.address().port();
    let url: Url = format!("https://models.example:{port}/v1/chat/completions")
        .parse()
        .unwrap();
    let names = Rebinding::new(&[&["8.8.8.8"], answer]);
    // Whoever looks at the name before it is used sees an address outside.
    let name = "models.example".parse().unwrap();
    let first = names.resolve(name).await.unwrap().next().unwrap();
    assert_eq!(first.ip().to_string(), "8.8.8.8");
    let client = client(&url, names);
    client.post(url).body("{}").send().await.is_ok()
}

#[tokio::test]
async fn t11_a_name_that_changes_its_mind_leads_nowhere() {
    let inside = inside().await;
    for answer in LEAD_INSIDE {
        let guarded = |url: &Url, names: Arc<Rebinding>| {
            to_one_host(url, false, CONNECT, names).build().unwrap()
        };
        assert!(!rebound(guarded, &inside, answer).await, "{answer:?}");
    }
    assert_eq!(inside.connections(), 0);
}

/// A client that believes the name server is led inside by each answer.
#[tokio::test]
async fn t11_a_client_that_believes_names_is_led_inside() {
    for answer in LEAD_INSIDE {
        let inside = inside().await;
        let trusting = |_url: &Url, names: Arc<Rebinding>| {
            let builder = Client::builder().connect_timeout(CONNECT);
            builder.no_proxy().dns_resolver(names).build().unwrap()
        };
        // What listens there speaks no TLS; that it is connected to is enough.
        assert!(!rebound(trusting, &inside, answer).await, "{answer:?}");
        assert!(inside.connections() > 0, "{answer:?}");
    }
}

/// The answer to one name is never used for another.
#[tokio::test]
async fn t11_a_client_of_one_host_reaches_no_other_name() {
    let inside = inside().await;
    let own: Url = "http://models.example/v1".parse().unwrap();
    let names = Rebinding::new(&[&["127.0.0.1"]]);
    let client = to_one_host(&own, true, CONNECT, names).build().unwrap();
    let port = inside.address().port();
    for (name, reached) in [
        ("models.example.attacker.example", 0),
        ("attacker.example", 0),
        ("models.example", 1),
    ] {
        let url = format!("http://{name}:{port}/");
        let sent = client.post(url).body("{}").send().await;
        assert_eq!(sent.is_ok(), reached == 1, "{name}");
        assert_eq!(inside.connections(), reached, "{name}");
    }
}
