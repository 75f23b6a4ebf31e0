//! Plain HTTP reads for verbs that look at something and end.

use std::{future::Future, time::Duration};

use anyhow::{Context, bail};
use reqwest::{Client, StatusCode, redirect::Policy};

/// The longest answer that is read: a key set or a list of models is far below.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Runs one future on a small runtime.
pub(crate) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("could not start the asynchronous runtime")?;
    runtime.block_on(work)
}

/// Reads a document; the whole may take 5 seconds, redirects are not followed.
pub(crate) async fn read(url: &str) -> anyhow::Result<Vec<u8>> {
    let client = Client::builder()
        .timeout(Duration::from_secs(5))
        .redirect(Policy::none())
        .build()
        .context("could not make an HTTP client")?;
    let response = client
        .get(url)
        .send()
        .await
        .context("the server could not be reached")?;
    let status = response.status();
    if status != StatusCode::OK {
        bail!("the server answered {status}");
    }
    let mut response = response;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.context("the answer was cut off")? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_BYTES {
            bail!("the answer is longer than {MAX_BYTES} bytes");
        }
    }
    Ok(body)
}
