//! Who answers: a model server on this machine that streams the reference reply, opened by the
//! deployment's secret.

use std::{net::SocketAddr, time::Duration};

use anyhow::ensure;
use serde_json::json;
use tokio::task::JoinSet;

use crate::upstream::{self, Script};

/// The company that the teen's consent names.
pub(super) const COMPANY: &str = "OpenRouter";
/// Between two tokens.
const PACE: Duration = Duration::from_millis(20);
/// The reference reply: eighty words, each a token of its own. It asks nothing and promises nothing.
const REPLY: &str = "That sounds like a lot for one evening, and it makes sense that your head is full. \
    You have the test in front of you and the song at the back of your mind, and both want time now. \
    One small piece often goes better than the whole heap at once. \
    Maybe you pick one page, close the door for a while, and let the rest wait until that page is done. \
    Tell me afterwards how it all went today.";

/// The server; it ends when it is dropped.
pub(super) struct Provider {
    /// The secret that opens it.
    pub(super) secret: String,
    address: SocketAddr,
    script: Script,
    _serving: JoinSet<()>,
}

impl Provider {
    /// Starts it, and lays its secret down with those at `secrets`.
    pub(super) async fn start(prefix: &str, secrets: &str) -> anyhow::Result<Self> {
        let script = Script::default();
        script.otherwise(REPLY);
        let mut serving = JoinSet::new();
        let address = upstream::start(script.clone(), PACE, &mut serving).await?;
        let secret = format!("{prefix}/openai/api-key");
        let text = json!({
            "api_key": "sk-or-bench", "base_url": format!("http://{address}/v1"),
        });
        lay_down(secrets, &secret, &text.to_string()).await?;
        Ok(Self {
            secret,
            address,
            script,
            _serving: serving,
        })
    }

    /// The host that functions may ask although it is this machine.
    pub(super) fn host(&self) -> String {
        self.address.to_string()
    }

    /// How often it was asked.
    pub(super) fn answered(&self) -> usize {
        self.script.counted().0
    }
}

/// Makes the secret, as whoever deploys does. The peer checks no signature.
async fn lay_down(secrets: &str, name: &str, text: &str) -> anyhow::Result<()> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let scope = "test/20260101/us-east-1/secretsmanager/aws4_request";
    let answer = client
        .post(secrets)
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", "secretsmanager.CreateSecret")
        .header("x-amz-date", "20260101T000000Z")
        .header(
            "authorization",
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none"),
        )
        .body(json!({"Name": name, "SecretString": text}).to_string())
        .send()
        .await?;
    let status = answer.status();
    ensure!(status.is_success(), "the secret was not made: {status}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_reply_has_eighty_tokens() {
        assert_eq!(REPLY.split_whitespace().count(), 80);
    }
}
