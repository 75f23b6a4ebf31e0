//! `innerworld extract`: what memory would read out of a text or a session. Works on this machine
//! alone, without a server, an account or a data folder; nothing is kept.

mod explain;
mod found;
mod view;

use std::{
    fs::File,
    io::{self, IsTerminal as _, Read},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context as _, ensure};
use clap::Args;
use innerworld_core::{
    calendar,
    clock::Clock as _,
    memory::{
        reading::Reading,
        transcript::{Setting, Transcript},
    },
};
use innerworld_embedded::SystemClock;
use innerworld_language::{LocalExtractor, embed::StaticEncoder, pii::Scrub};
use jiff::{civil::Date, tz::TimeZone};

use self::{explain::Explanation, found::Found};
use super::output;

/// The longest input: far more than twenty minutes of talk.
const MAX_BYTES: u64 = 1024 * 1024;

/// Arguments of `extract`.
#[derive(Debug, Args)]
#[command(after_help = "A text: each line was said by the teen. A session: \
    {\"date\", \"zone\", \"lines\": [{\"id\", \"speaker\": \"teen\" or \"persona\", \"at\", \"text\"}]}; \
    only speaker and text must be there. What a persona says is context, nothing is read from it.\n\
    \n\
    Spans count bytes: those of mentions in the text as it would be kept, those of contact data in \
    the line as it came. The safety protocol, which keeps a crisis out of memory, has no part in \
    this.")]
pub(crate) struct Extract {
    /// File with a text or a session [default: standard input]
    file: Option<PathBuf>,
    /// Tell it in lines for people instead of JSON
    #[arg(long)]
    explain: bool,
    /// The day it was said on, where the session does not say [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<Date>,
    /// IANA time zone of the teen, where the session does not say [default: this machine's]
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Take the input as text, also if it looks like JSON
    #[arg(long)]
    text: bool,
}

impl Extract {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let input = self.input()?;
        let transcript = self.transcript(&input)?;
        let extractor = StaticEncoder::shipped()
            .map(Arc::new)
            .and_then(LocalExtractor::new)
            .context("this program is damaged: get or build it again")?;
        let reading = Reading::of(&transcript, &extractor, &Scrub::new());
        let found = Found::new(&transcript, &reading);
        if self.explain {
            output::write(&Explanation(&found).to_string())?;
        } else {
            output::json(&found)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn input(&self) -> anyhow::Result<String> {
        let name = self.name();
        let bytes = if let Some(path) = &self.file {
            read(File::open(path).with_context(|| format!("could not open {name}"))?)
        } else {
            if io::stdin().is_terminal() {
                output::aside("Type what the teen says, a line each; Ctrl-D ends it.")?;
            }
            read(io::stdin().lock())
        }
        .with_context(|| format!("could not read {name}"))?;
        ensure!(
            u64::try_from(bytes.len())? <= MAX_BYTES,
            "{name} is longer than {MAX_BYTES} bytes"
        );
        let text = String::from_utf8(bytes).map_err(|error| {
            let place = error.utf8_error().valid_up_to();
            anyhow::anyhow!("{name} is not UTF-8 text: byte {place} belongs to no character")
        })?;
        Ok(text.trim_start_matches('\u{feff}').to_owned())
    }

    fn transcript(&self, input: &str) -> anyhow::Result<Transcript> {
        let here = TimeZone::system();
        let zone = self.zone.as_deref().unwrap_or_else(|| {
            let named = here.iana_name();
            named.filter(|name| *name != "Etc/Unknown").unwrap_or("UTC")
        });
        let today = || calendar::day_in(zone, SystemClock.now());
        let setting = Setting {
            date: self.date.unwrap_or_else(today),
            zone,
        };
        if !self.text && input.trim_start().starts_with('{') {
            Transcript::of_json(input, &setting).with_context(|| {
                format!(
                    "{} is not a session that can be read (with --text it is taken as text)",
                    self.name()
                )
            })
        } else {
            Transcript::of_text(input, &setting)
                .with_context(|| format!("{} cannot be read as a text", self.name()))
        }
    }

    fn name(&self) -> String {
        self.file.as_ref().map_or_else(
            || "standard input".to_owned(),
            |path| path.display().to_string(),
        )
    }
}

/// Reads to the end, or a byte more than may be read.
fn read(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
