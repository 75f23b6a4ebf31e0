//! A user pool, as far as tokens are concerned.

use reqwest::Url;

/// A user pool that cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPool {
    /// Its id is not of the form `us-east-1_AbCdEfGhI`.
    #[error("the user pool's id must look like us-east-1_AbCdEfGhI")]
    Id,
    /// The private endpoint is not a URL of `https`, or of `http` on this machine.
    #[error("the endpoint of the user pool must be an https URL, or http://127.0.0.1:PORT")]
    Endpoint,
}

/// One app client of one user pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPool {
    issuer: String,
    client_id: String,
    keys: Url,
    path: String,
}

impl UserPool {
    /// The pool `id` and its app client. The region is the first part of the id.
    pub fn new(id: &str, client_id: &str) -> Result<Self, InvalidPool> {
        let (region, own) = id.split_once('_').ok_or(InvalidPool::Id)?;
        let of_region =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = !region.is_empty()
            && id.len() <= 55
            && region.bytes().all(of_region)
            && !own.is_empty()
            && own.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !fits {
            return Err(InvalidPool::Id);
        }
        let issuer = format!("https://cognito-idp.{region}.amazonaws.com/{id}");
        let path = format!("/{id}/.well-known/jwks.json");
        let keys = Url::parse(&issuer).map_err(|_says_no_more| InvalidPool::Id)?;
        Ok(Self {
            keys: below(keys, &path),
            issuer,
            client_id: client_id.to_owned(),
            path,
        })
    }

    /// The same pool, whose keys are read at a private endpoint. Its tokens name their issuer as
    /// ever.
    pub fn reached_at(self, endpoint: &str) -> Result<Self, InvalidPool> {
        let base = Url::parse(endpoint).map_err(|_says_no_more| InvalidPool::Endpoint)?;
        let here = matches!(base.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
        if base.scheme() != "https" && !(base.scheme() == "http" && here) {
            return Err(InvalidPool::Endpoint);
        }
        Ok(Self {
            keys: below(base, &self.path),
            ..self
        })
    }

    /// What its tokens name as their issuer.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The app client that its tokens must be made for.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Where its public keys are.
    pub(crate) fn keys(&self) -> &Url {
        &self.keys
    }
}

fn below(mut base: Url, path: &str) -> Url {
    base.set_path(path);
    base
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_read_from_the_id() {
        let pool = UserPool::new("eu-central-1_aB3dEfGhI", "client").unwrap();
        let base = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_aB3dEfGhI";
        assert_eq!(pool.issuer(), base);
        assert_eq!(
            pool.keys().as_str(),
            format!("{base}/.well-known/jwks.json")
        );
        let moved = pool.reached_at("http://127.0.0.1:9/").unwrap();
        assert_eq!(moved.issuer(), base);
        let here = "http://127.0.0.1:9/eu-central-1_aB3dEfGhI/.well-known/jwks.json";
        assert_eq!(moved.keys().as_str(), here);
    }

    #[test]
    fn what_is_no_pool_and_no_endpoint_is_refused() {
        for id in [
            "",
            "us-east-1",
            "_x",
            "us-east-1_",
            "us-east-1_a/../b",
            "evil.example/x_y",
        ] {
            assert_eq!(UserPool::new(id, "client"), Err(InvalidPool::Id), "{id}");
        }
        for endpoint in ["", "cognito", "http://example.org", "file:///etc/passwd"] {
            let pool = UserPool::new("us-east-1_abc", "client").unwrap();
            assert_eq!(
                pool.reached_at(endpoint),
                Err(InvalidPool::Endpoint),
                "{endpoint}"
            );
        }
    }
}
