//! Tokens of a signed-in teen, and the file that keeps them between two runs.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use innerworld_core::{clock::Timestamp, secret::Secret};
use serde::{Deserialize, Serialize};

/// A token that ends within this time counts as ended.
const MARGIN: Duration = Duration::from_secs(30);

/// What signing in gave.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// For the socket and `/v1`.
    pub access: Secret,
    /// For a fresh access token.
    pub refresh: Option<Secret>,
    /// When the access token ends.
    pub expires_at: Timestamp,
}

impl Tokens {
    /// Whether the access token can still be used.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.plus(MARGIN) < self.expires_at
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    server: String,
    access_token: String,
    refresh_token: Option<String>,
    expires_at_ms: i64,
}

/// The tokens of one server in a file that only its owner can read.
#[derive(Clone, Debug)]
pub struct TokenStore {
    path: PathBuf,
    server: String,
}

impl TokenStore {
    /// The file for `server` (its URL) under `folder`.
    pub fn new(folder: &Path, server: &str) -> Self {
        let name: String = server
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        Self {
            path: folder.join(format!("{name}.json")),
            server: server.to_owned(),
        }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The stored tokens; `None` if there are none or they belong to another server.
    pub fn load(&self) -> Option<Tokens> {
        let text = fs::read_to_string(&self.path).ok()?;
        let stored: Stored = serde_json::from_str(&text).ok()?;
        (stored.server == self.server).then(|| Tokens {
            access: Secret::new(stored.access_token),
            refresh: stored.refresh_token.map(Secret::new),
            expires_at: Timestamp::from_millis(stored.expires_at_ms),
        })
    }

    /// Keeps `tokens`.
    pub fn save(&self, tokens: &Tokens) -> io::Result<()> {
        let stored = Stored {
            server: self.server.clone(),
            access_token: tokens.access.reveal().to_owned(),
            refresh_token: tokens
                .refresh
                .as_ref()
                .map(|token| token.reveal().to_owned()),
            expires_at_ms: tokens.expires_at.as_millis(),
        };
        let text = serde_json::to_string(&stored)?;
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        // Written beside and moved, so that a crash leaves the old tokens or the new ones.
        let beside = self.path.with_extension("new");
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        private_file(&beside)?.write_all(text.as_bytes())?;
        fs::rename(&beside, &self.path)
    }

    /// Forgets them.
    pub fn remove(&self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }
}

/// A new file that nobody else may read.
pub fn private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        Tokens {
            access: Secret::new("access".into()),
            refresh: Some(Secret::new("refresh".into())),
            expires_at: Timestamp::from_millis(100_000),
        }
    }

    #[test]
    fn tokens_are_kept_for_their_server_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = TokenStore::new(folder.path(), "http://127.0.0.1:8787");
        assert!(store.load().is_none());
        store.save(&tokens()).unwrap();
        store.save(&tokens()).unwrap();
        assert_eq!(store.load().unwrap().access.reveal(), "access");
        // The same file name, another server.
        let other = TokenStore::new(folder.path(), "http://127.0.0.1-8787");
        assert_eq!(other.path(), store.path());
        assert!(other.load().is_none());
        store.remove().unwrap();
        store.remove().unwrap();
        assert!(store.load().is_none());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let store = TokenStore::new(folder.path(), "http://127.0.0.1:1");
        store.save(&tokens()).unwrap();
        let mode = fs::metadata(store.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_token_about_to_end_is_not_fresh() {
        assert!(tokens().is_fresh(Timestamp::from_millis(69_000)));
        assert!(!tokens().is_fresh(Timestamp::from_millis(71_000)));
    }
}
