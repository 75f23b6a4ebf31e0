//! T10: secrets that come from files stand in no place where others look: not in the environment, the
//! arguments, the printed configuration, the logs, an answer, the data folder, or a core file.

use std::fs;

use base64::Engine as _;
use innerworld_testkit::hostile_upstream::{HostileUpstream, Wire};

use crate::{
    canary::scan::Scanner,
    guest::{Guest, ask, http},
    life::provider,
    serving::{Home, Serving},
    talk::{say, until},
};

const API_KEY: &str = "sk-test-Uxbridlewom8841";
const SMTP_PASSWORD: &str = "Grimblewhip 4417 Oskelvane";
/// Thirty-two bytes, which somebody could have typed.
const MASTER_KEY: &str = "marlowinth-9035-dreschkov-siglaw";

/// A home with every secret that there is, and those that were made for it.
struct Held {
    home: Home,
    apple: String,
    /// A model that the key is for.
    upstream: HostileUpstream,
}

impl Held {
    /// `files`: whether the configuration names the files of those that may also be variables.
    async fn new(files: bool) -> Self {
        let upstream = HostileUpstream::start([Wire::good().chunked()]).await;
        let named = |line: &str| {
            if files {
                format!("{line}\n")
            } else {
                String::new()
            }
        };
        let rest = format!(
            "[mail]\nsmtp_host = \"127.0.0.1\"\nsmtp_port = 9\nfrom = \"no-reply@example.org\"\n\
             smtp_username = \"mailer\"\n{}[storage]\nmaster_key_file = \"master.key\"\n\
             [auth.apple]\nteam_id = \"TEAM123456\"\nkey_id = \"KEY1234567\"\n\
             client_id = \"org.example.signin\"\n\
             redirect_uris = [\"org.example.app://signed-in\"]\n{}\
             [telemetry]\nfilter = \"trace\"\n",
            named("smtp_password_file = \"smtp.password\""),
            named("private_key_file = \"apple.p8\""),
        );
        let mut config = provider(&upstream, &rest);
        if !files {
            config = config.replace("api_key_file = \"model.key\"\n", "");
        }
        let home = Home::new(&config);
        home.secret("model.key", API_KEY);
        home.secret("smtp.password", SMTP_PASSWORD);
        home.secret("master.key", MASTER_KEY);
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let apple = base64::engine::general_purpose::STANDARD.encode(key.serialize_der());
        home.secret("apple.p8", &pem(&apple));
        Self {
            home,
            apple,
            upstream,
        }
    }

    fn scanner(&self) -> Scanner {
        Scanner::new(&[
            ("the model key", API_KEY),
            ("the mail password", SMTP_PASSWORD),
            ("Apple's key", self.apple.get(40..80).unwrap()),
            ("the master key", MASTER_KEY),
        ])
    }
}

fn pem(encoded: &str) -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{encoded}\n-----END PRIVATE KEY-----\n")
}

/// What the system shows of a process to whoever may look.
fn shown(server: &Serving, file: &str) -> Vec<u8> {
    fs::read(format!("/proc/{}/{file}", server.pid())).unwrap()
}

/// Everything that verbs print of a configuration.
fn printed(home: &Home) -> Vec<u8> {
    let run = |verb: &str, arguments: &[&str]| {
        let output = home.verb(verb).args(arguments).output().unwrap();
        [output.stdout, output.stderr].concat()
    };
    let all = [
        run("check-config", &[]),
        run("check-config", &["--json"]),
        run("doctor", &[]),
        run("doctor", &["--json"]),
    ];
    let text = String::from_utf8_lossy(&all[0]).into_owned();
    for key in ["api_key", "smtp_password", "private_key"] {
        let line = text.lines().find(|line| line.contains(&format!(".{key} ")));
        assert!(line.unwrap().contains(" set "), "{key}: {text}");
    }
    all.concat()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn t10_secrets_from_files_are_nowhere_else() {
    let held = Held::new(true).await;
    let scanner = held.scanner();
    let server = held.home.start();
    for file in ["environ", "cmdline"] {
        scanner.clean(file, shown(&server, file));
    }
    scanner.clean("the ready line", server.ready.to_string());
    scanner.clean("what verbs print", printed(&held.home));
    for path in [
        "/v1/client",
        "/health",
        "/v1/consents",
        "/v1/safety/protocol",
    ] {
        let answer = ask(http().get(format!("{}{path}", server.url("http_url")))).await;
        scanner.clean(path, answer.text);
    }
    let metrics = ask(http().get(format!("{}/metrics", server.url("admin_url")))).await;
    scanner.clean("the metrics", metrics.text);
    // The token of the admin listener is made here and lies in its file alone.
    let token = fs::read_to_string(held.home.data().join("admin.token")).unwrap();
    let own = Scanner::new(&[("the admin token", token.trim())]);
    for file in ["environ", "cmdline"] {
        own.clean(file, shown(&server, file));
    }
    own.clean("what verbs print", printed(&held.home));
    server.terminate();
    let (status, log) = server.wait();
    assert!(status.success(), "{status}");
    assert!(String::from_utf8_lossy(&log).contains("INFO"), "it logs");
    scanner.clean("the log", &log);
    own.clean("the log", &log);
    scanner.clean_folder(&held.home.data());
}

/// The key was in use all the while, or there would have been nothing to leak.
#[tokio::test(flavor = "multi_thread")]
async fn t10_the_key_of_a_file_reaches_its_provider_alone() {
    let upstream = HostileUpstream::start([Wire::good().chunked()]).await;
    let home = Home::new(&provider(&upstream, "[telemetry]\nfilter = \"trace\"\n"));
    home.secret("model.key", API_KEY);
    let server = home.start();
    let guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    let mut socket = guest.talking().await;
    say(&mut socket, 1, "hello there").await;
    until(&mut socket, "turn.end").await;
    let sent = upstream.requests().remove(0);
    let bearer = format!("Bearer {API_KEY}");
    assert_eq!(sent.header("authorization"), Some(bearer.as_str()));
    server.terminate();
    let scanner = Scanner::new(&[("the model key", API_KEY)]);
    scanner.clean("the log", server.wait().1);
    scanner.clean_folder(&home.data());
}

/// A variable is a place where others look: the system shows it for as long as the process runs. That
/// is why files are the way, and the same look finds what was given by a variable.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn t10_secrets_from_variables_stand_in_the_environment() {
    let held = Held::new(false).await;
    let mut command = held.home.serve();
    command
        .env("INNERWORLD_PROVIDERS__LOCAL__API_KEY", API_KEY)
        .env("INNERWORLD_MAIL__SMTP_PASSWORD", SMTP_PASSWORD)
        .env("INNERWORLD_AUTH__APPLE__PRIVATE_KEY", pem(&held.apple));
    let server = Serving::spawn(command);
    let scanner = held.scanner();
    assert_eq!(
        scanner.find(&shown(&server, "environ")),
        ["the model key", "the mail password", "Apple's key"]
    );
    // It goes no further.
    scanner.clean("the arguments", shown(&server, "cmdline"));
    server.terminate();
    scanner.clean("the log", server.wait().1);
    assert_eq!(held.upstream.connections(), 0);
}

/// A core file would hold every key and every word of the moment.
#[cfg(target_os = "linux")]
#[test]
fn t10_a_crash_writes_no_memory_to_the_disk() {
    let home = Home::new("");
    let allowed = "ulimit -c \"$(ulimit -H -c)\"";
    let server = Serving::spawn(home.serve_after(allowed));
    let limits = String::from_utf8(shown(&server, "limits")).unwrap();
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max core file size"));
    let soft = line.unwrap().split_whitespace().next();
    assert_eq!(soft, Some("0"), "{limits}");
}
