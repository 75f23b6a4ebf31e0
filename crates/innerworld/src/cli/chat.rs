//! `innerworld chat`: a client of the public protocol at the terminal.

mod command;
mod gate;
mod safety;
mod show;
mod talk;

use std::process::ExitCode;

use clap::Args;
use innerworld::client::link::{Introduction, Link};
use innerworld_core::persona::card::PersonaCard;
use serde::Deserialize;

use super::{
    account::{self, AccountFlags},
    console::Console,
    remote,
};

/// Arguments of `chat`.
#[derive(Debug, Args)]
pub(crate) struct Chat {
    #[command(flatten)]
    account: AccountFlags,
    /// Whom to talk with [default: asked for]
    #[arg(long, value_name = "NAME")]
    persona: Option<String>,
    /// Print every frame of the server as one JSON line; questions go to standard error
    #[arg(long)]
    json_frames: bool,
}

#[derive(Deserialize)]
struct Personas {
    personas: Vec<PersonaCard>,
}

impl Chat {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        remote::block_on(Box::pin(self.talk()))
    }

    async fn talk(self) -> anyhow::Result<ExitCode> {
        let environment = account::environment()?;
        let mut console = Console::new(self.json_frames);
        let mut account = self.account.sign_in(&mut console, &environment).await?;
        let me = gate::pass(&mut account, &mut console, &environment).await?;
        let personas: Personas = account.server.get("/v1/personas", None).await?;
        show::who_answers(&mut console, &account.discovery)?;
        let introduction = Introduction {
            name: "innerworld-chat".to_owned(),
            locale: me.locale.unwrap_or_else(|| "en-US".to_owned()),
            country: me.country,
            rollup_ms: None,
        };
        let link = Link::open(account, introduction).await?;
        talk::Talk::new(link, console, personas.personas, self.persona)
            .run()
            .await?;
        Ok(ExitCode::SUCCESS)
    }
}
