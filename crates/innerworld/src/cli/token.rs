//! `innerworld token`: what a token says, and whether it holds.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail, ensure};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use clap::{Args, Subcommand};
use innerworld_core::{clock::Timestamp, secret::Secret};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use serde_json::{Map, Value, json};

use super::{flags::DEFAULT_URL, output, remote};

/// The longest token that a server takes.
const MAX_BYTES: usize = 8 * 1024;

/// Arguments of `token`.
#[derive(Debug, Args)]
pub(crate) struct Token {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show what a token says, without checking that it holds
    Inspect(Source),
    /// Check signature, issuer, client and times of a token against a server's published keys
    Verify(Verify),
}

/// Where the token comes from; never an argument, which other users could see.
#[derive(Debug, Args)]
struct Source {
    /// File with the token [default: standard input]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Verify {
    #[command(flatten)]
    source: Source,
    /// The server that must have issued it
    #[arg(long, value_name = "URL", default_value = DEFAULT_URL)]
    url: String,
    /// A key set in place of a server's, such as `https://example.org/POOL/.well-known/jwks.json`;
    /// what stands before `/.well-known` is the issuer
    #[arg(long, value_name = "URL", conflicts_with = "url")]
    jwks: Option<String>,
    /// The client that the token must be for [default: the server's]
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
}

impl Token {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::Inspect(source) => inspect(&source),
            Action::Verify(verify) => verify.run(),
        }
    }
}

impl Verify {
    fn run(&self) -> anyhow::Result<ExitCode> {
        let token = read(self.source.token_file.as_deref())?;
        let mut issuer = match &self.jwks {
            Some(url) => Issuer::of_key_set(url)?,
            None => remote::block_on(Issuer::of_server(&self.url)).context(
                "start a server with `innerworld serve`, or name one with --url or --jwks",
            )?,
        };
        if let Some(client) = &self.client_id {
            issuer.client = Some(client.clone());
        }
        let body = remote::block_on(remote::read(&issuer.keys)).context("no key set")?;
        let keys: JwkSet =
            serde_json::from_slice(&body).context("the answer is not a key set (JWKS)")?;
        let claims = check(token.reveal(), &keys, &issuer)?;
        show(&claims, self.source.json, true)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Who must have issued a token.
struct Issuer {
    name: String,
    keys: String,
    client: Option<String>,
}

impl Issuer {
    fn of_key_set(url: &str) -> anyhow::Result<Self> {
        let name = url
            .strip_suffix("/.well-known/jwks.json")
            .context("the key set's URL must end with /.well-known/jwks.json: what stands before it is the issuer")?;
        Ok(Self {
            name: name.to_owned(),
            keys: url.to_owned(),
            client: None,
        })
    }

    /// Asks the server where its people sign in, and that place for issuer and keys.
    async fn of_server(url: &str) -> anyhow::Result<Self> {
        let base = url.trim_end_matches('/');
        let client = document(&format!("{base}/v1/client")).await?;
        let place = text(&client, "cognito_url")?.trim_end_matches('/');
        let pool = text(&client, "user_pool_id")?;
        let found = format!("{place}/{pool}/.well-known/openid-configuration");
        let discovery = document(&found).await?;
        Ok(Self {
            name: text(&discovery, "issuer")?.to_owned(),
            keys: text(&discovery, "jwks_uri")?.to_owned(),
            client: Some(text(&client, "client_id")?.to_owned()),
        })
    }
}

async fn document(url: &str) -> anyhow::Result<Value> {
    let body = remote::read(url)
        .await
        .with_context(|| format!("could not read {url}"))?;
    serde_json::from_slice(&body).with_context(|| format!("{url} is not JSON"))
}

fn text<'a>(document: &'a Value, name: &str) -> anyhow::Result<&'a str> {
    document
        .get(name)
        .and_then(Value::as_str)
        .with_context(|| format!("the server does not say its {name}"))
}

fn inspect(source: &Source) -> anyhow::Result<ExitCode> {
    let token = read(source.token_file.as_deref())?;
    show(&claims(token.reveal())?, source.json, false)?;
    Ok(ExitCode::SUCCESS)
}

/// The token of a file, or of standard input.
pub(super) fn read(path: Option<&Path>) -> anyhow::Result<Secret> {
    let mut text = String::new();
    match path {
        Some(path) => {
            text = fs::read_to_string(path)
                .with_context(|| format!("could not read {}", path.display()))?;
        }
        None => {
            std::io::stdin()
                .read_to_string(&mut text)
                .context("could not read standard input")?;
        }
    }
    let token = text.trim();
    ensure!(
        !token.is_empty(),
        "there is no token: give one on standard input or by --token-file"
    );
    ensure!(
        token.len() <= MAX_BYTES,
        "this is longer than any token ({MAX_BYTES} bytes)"
    );
    Ok(Secret::new(token.to_owned()))
}

/// The claims, unchecked.
fn claims(token: &str) -> anyhow::Result<Map<String, Value>> {
    let parts: Vec<&str> = token.split('.').collect();
    let [_, payload, _] = parts.as_slice() else {
        bail!(
            "this is not a JSON web token: it has {} parts instead of 3",
            parts.len()
        );
    };
    let bytes = URL_SAFE_NO_PAD
        .decode(payload)
        .context("the token's middle is not base64url")?;
    serde_json::from_slice(&bytes).context("the token's middle is not a JSON object")
}

/// Signature (RS256 only), issuer, times; for an access token also its client.
fn check(token: &str, keys: &JwkSet, issuer: &Issuer) -> anyhow::Result<Map<String, Value>> {
    let header = jsonwebtoken::decode_header(token).context("this is not a JSON web token")?;
    ensure!(
        header.alg == Algorithm::RS256,
        "the token is not signed with RS256"
    );
    let kid = header.kid.context("the token names no key")?;
    let key = keys
        .find(&kid)
        .context("the key set does not hold the token's key")?;
    let key = DecodingKey::from_jwk(key).context("the key set's key is not usable")?;
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_issuer(&[&issuer.name]);
    rules.set_required_spec_claims(&["exp", "iss", "sub"]);
    rules.validate_nbf = true;
    // Cognito's access tokens name their client in `client_id`, its id tokens in `aud`.
    rules.validate_aud = false;
    let claims = jsonwebtoken::decode::<Map<String, Value>>(token, &key, &rules)
        .context("the token does not hold")?
        .claims;
    if let Some(client) = &issuer.client {
        let named = claims.get("client_id").or_else(|| claims.get("aud"));
        ensure!(
            named.and_then(Value::as_str) == Some(client.as_str()),
            "the token is for another client"
        );
    }
    Ok(claims)
}

fn show(claims: &Map<String, Value>, as_json: bool, verified: bool) -> anyhow::Result<()> {
    if as_json {
        return output::json(&json!({ "verified": verified, "claims": claims }));
    }
    output::line(if verified {
        "The token holds: signature, issuer and times were checked. (Whether it was revoked, only the server knows.)"
    } else {
        "NOT VERIFIED: anybody can write a token that says this. Check it with `innerworld token verify`."
    })?;
    for (name, value) in claims {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), ToOwned::to_owned);
        let instant = match (name.as_str(), value.as_i64()) {
            ("exp" | "iat" | "nbf" | "auth_time", Some(seconds)) => {
                format!(
                    "  ({})",
                    Timestamp::from_millis(seconds.saturating_mul(1_000))
                )
            }
            _ => String::new(),
        };
        output::line(format!("{name:12} {text}{instant}"))?;
    }
    Ok(())
}
