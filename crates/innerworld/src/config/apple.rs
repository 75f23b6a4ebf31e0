//! `[auth.apple]`: Sign in with Apple.

use std::{fs, path::PathBuf};

use innerworld_core::identity::apple::{ISSUER, store_notice::StoreTrust};
use reqwest::Url;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Mistake;

/// Largest certificate file.
const MAX_ROOT_BYTES: u64 = 64 * 1024;

/// Sign in with Apple; off while none of its keys is set
/// ([how](../how-to/sign-in-with-apple.md)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AppleConfig {
    /// The developer team: ten characters.
    pub(crate) team_id: Option<String>,
    /// The id of the private key.
    pub(crate) key_id: Option<String>,
    /// The Services ID that people sign in to.
    pub(crate) client_id: Option<String>,
    /// File with the private key (`AuthKey_….p8`), mode 0600; or the variable
    /// `INNERWORLD_AUTH__APPLE__PRIVATE_KEY`, where line ends may be written as `\n`.
    pub(crate) private_key_file: Option<PathBuf>,
    /// Where a sign-in may end, letter by letter: addresses of the app, such as
    /// `org.example.app://signed-in` or `https://app.example.org/signed-in`.
    pub(crate) redirect_uris: Vec<String>,
    /// The bundle id of the app, as Apple's notifications name it.
    pub(crate) bundle_id: Option<String>,
    /// Root certificate of the App Store's notifications (Apple Root CA - G3), DER or PEM; unset,
    /// they are refused.
    pub(crate) store_root_file: Option<PathBuf>,
    /// Apple's identity service; another one only for tests.
    pub(crate) issuer: String,
    /// Whether the issuer may be at a private address and without TLS; only for tests.
    pub(crate) allow_private: bool,
}

impl Default for AppleConfig {
    fn default() -> Self {
        Self {
            team_id: None,
            key_id: None,
            client_id: None,
            private_key_file: None,
            redirect_uris: Vec::new(),
            bundle_id: None,
            store_root_file: None,
            issuer: ISSUER.to_owned(),
            allow_private: false,
        }
    }
}

impl AppleConfig {
    /// Whether anything was set: then the rest must be.
    pub(crate) fn is_on(&self) -> bool {
        let texts = [
            &self.team_id,
            &self.key_id,
            &self.client_id,
            &self.bundle_id,
        ];
        let files = [&self.private_key_file, &self.store_root_file];
        texts.iter().any(|text| text.is_some())
            || files.iter().any(|file| file.is_some())
            || !self.redirect_uris.is_empty()
    }

    /// What the App Store's notifications are believed by; `None` if they are not taken.
    pub(crate) fn store_trust(&self) -> Result<Option<StoreTrust>, String> {
        let (Some(path), Some(bundle_id)) = (&self.store_root_file, &self.bundle_id) else {
            return Ok(None);
        };
        let unreadable =
            |error: std::io::Error| format!("{} could not be read: {error}", path.display());
        if fs::metadata(path).map_err(unreadable)?.len() > MAX_ROOT_BYTES {
            return Err(format!("{} is too large for a certificate", path.display()));
        }
        let root = fs::read(path).map_err(unreadable)?;
        let trust = StoreTrust::new(&root, bundle_id)
            .map_err(|error| format!("{} is {error}", path.display()))?;
        Ok(Some(trust))
    }

    /// Rules between the values of this section.
    pub(super) fn check(&self, found: &mut Vec<Mistake>) {
        if !self.is_on() {
            return;
        }
        let mut wrong = |key: &str, message: &str| {
            found.push(Mistake::of(format!("auth.apple.{key}"), message));
        };
        let plain = |text: &String| {
            (1..=255).contains(&text.len())
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b))
        };
        for (key, value) in [
            ("team_id", &self.team_id),
            ("key_id", &self.key_id),
            ("client_id", &self.client_id),
        ] {
            match value {
                None => wrong(key, "must be set: the section is only half set"),
                Some(text) if !plain(text) => wrong(key, "is not an id as Apple writes it"),
                Some(_) => {}
            }
        }
        if self.bundle_id.as_ref().is_some_and(|id| !plain(id)) {
            wrong("bundle_id", "is not an id as Apple writes it");
        }
        if self.redirect_uris.is_empty() {
            wrong("redirect_uris", "must be set: the section is only half set");
        } else if !self.redirect_uris.iter().all(|uri| returns(uri)) {
            let message = "each must be like `org.example.app://signed-in`, \
                 `https://app.example.org/signed-in` or `http://127.0.0.1:3000/`, without a fragment";
            wrong("redirect_uris", message);
        }
        let issuer = Url::parse(&self.issuer).ok();
        let scheme = issuer.as_ref().map(Url::scheme);
        if scheme != Some("https") && !(scheme == Some("http") && self.allow_private) {
            let message = "must be an https URL (http only with `allow_private`)";
            wrong("issuer", message);
        }
        if self.store_root_file.is_some() && self.bundle_id.is_none() {
            wrong("bundle_id", "must be set when `store_root_file` is");
        }
        if let Err(message) = self.store_trust() {
            wrong("store_root_file", &message);
        }
    }
}

/// Whether a browser may be sent there: TLS, this machine, or a scheme of an app's own.
fn returns(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else {
        return false;
    };
    let sent = match url.scheme() {
        "https" => url.has_host(),
        "http" => matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")),
        // A scheme with a dot is a domain turned around: nobody else's (RFC 8252, 7.1).
        scheme => scheme.contains('.'),
    };
    sent && uri.is_ascii() && url.fragment().is_none()
}
