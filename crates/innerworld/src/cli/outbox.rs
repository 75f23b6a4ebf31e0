//! `innerworld outbox`: e-mail codes of a development server, read beside it.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use innerworld_core::clock::Clock as _;
use innerworld_embedded::{LocalOutbox, SystemClock};
use serde_json::json;

use super::{
    flags::{ConfigFlags, ListenFlags},
    output,
};
use crate::config::storage::Backend;

/// Arguments of `outbox`.
#[derive(Debug, Args)]
pub(crate) struct Outbox {
    #[command(flatten)]
    config: ConfigFlags,
    /// Only mail to this address
    #[arg(long, value_name = "ADDR")]
    to: Option<String>,
    /// Print one JSON object a line: at, to, kind, code
    #[arg(long)]
    json: bool,
}

impl Outbox {
    /// Lists the newest first.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let loaded = self.config.load(&ListenFlags::default())?;
        anyhow::ensure!(
            loaded.config.storage.backend == Backend::Files,
            "with `storage.backend = \"aws\"` the outbox of a development server lives in its memory: \
             `innerworld chat` reads the codes from there"
        );
        let key = loaded.master_key_file();
        let outbox = LocalOutbox::open(&loaded.data_dir, &key)?;
        let to = self.to.as_deref().map(str::trim).map(str::to_lowercase);
        let mails = outbox
            .list(to.as_deref(), SystemClock.now())
            .context("no mail was listed")?;
        for mail in &mails {
            let (at, to) = (mail.at.to_rfc3339(), mail.to.reveal());
            let (kind, code) = (&mail.kind, mail.code.reveal());
            if self.json {
                output::json(&json!({"at": at, "to": to, "kind": kind, "code": code}))?;
            } else {
                output::line(format!("{at}  {code}  {kind:16} {to}"))?;
            }
        }
        if mails.is_empty() && !self.json {
            output::line("The outbox is empty. Codes are kept for a day.")?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
