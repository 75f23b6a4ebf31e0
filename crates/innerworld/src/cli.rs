//! The verbs. Each has a module with its arguments and one `run`.

mod account;
mod assets;
mod chat;
mod check_config;
mod completions;
mod console;
mod doctor;
mod extract;
pub(crate) mod failure;
mod flags;
mod graph;
mod outbox;
mod output;
mod plain;
mod remote;
mod report;
mod safety;
mod schema;
mod secrets;
mod serve;
mod tables;
mod token;

use std::process::ExitCode;

use clap::{
    Parser, Subcommand,
    builder::styling::{AnsiColor, Styles},
};

/// Colours of help and errors; clap leaves them out when `NO_COLOR` is set or nobody is watching.
const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// The open backend for AI companions that remember.
#[derive(Debug, Parser)]
#[command(name = "innerworld", version, styles = STYLES, max_term_width = 100)]
#[command(after_help = "Configuration: one TOML file and environment variables \
    (docs/reference/configuration.md).\nSee what applies with `innerworld check-config`.")]
pub(crate) struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the whole system on this machine.
    Serve(serve::Serve),
    /// Talk with a persona, as an app would: sign up or in, consents, a streamed talk.
    Chat(chat::Chat),
    /// Show every setting and where it came from; name each mistake and its line.
    CheckConfig(check_config::CheckConfig),
    /// Show, export and forget what is remembered of you; erase the account.
    Graph(graph::Graph),
    /// Show what memory would read out of a text or a session, on this machine alone.
    Extract(extract::Extract),
    /// Show and measure what the local safety tier says of messages, on this machine alone.
    Safety(safety::Safety),
    /// Count a year's referral notices, for the reports that some laws ask for.
    Report(report::Report),
    /// Touch everything the server depends on and report what does not work.
    Doctor(doctor::Doctor),
    /// Make and check the tables on AWS that `storage.backend = "aws"` uses.
    Tables(tables::Tables),
    /// Put and check the secrets of a deployment on AWS; values are never shown.
    Secrets(secrets::Secrets),
    /// Read the e-mail codes of a development server, also while it runs.
    Outbox(outbox::Outbox),
    /// Look into a token, or verify it against a key set.
    Token(token::Token),
    /// Print a machine-readable contract: the socket's frames or the HTTP API.
    Schema(schema::Schema),
    /// List the trained weights inside the program, what they were made from, and the licences.
    Assets(assets::Assets),
    /// Print a completion script for a shell.
    Completions(completions::Completions),
}

impl Cli {
    /// Runs the chosen verb.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.verb {
            Verb::Serve(verb) => verb.run(),
            Verb::Chat(verb) => verb.run(),
            Verb::CheckConfig(verb) => verb.run(),
            Verb::Graph(verb) => verb.run(),
            Verb::Extract(verb) => verb.run(),
            Verb::Safety(verb) => verb.run(),
            Verb::Report(verb) => verb.run(),
            Verb::Doctor(verb) => verb.run(),
            Verb::Tables(verb) => verb.run(),
            Verb::Secrets(verb) => verb.run(),
            Verb::Outbox(verb) => verb.run(),
            Verb::Token(verb) => verb.run(),
            Verb::Schema(verb) => verb.run(),
            Verb::Assets(verb) => verb.run(),
            Verb::Completions(verb) => verb.run(),
        }
    }
}
