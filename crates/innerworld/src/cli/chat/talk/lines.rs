//! What is done for each typed line.

use innerworld_core::secret::Redacted;
use innerworld_protocol::{
    ClientFrame,
    client::{DisclosureAck, PersonaChoose, SafetyReply},
};

use super::{Stage, Talk};
use crate::cli::chat::{
    command::{self, Line},
    show,
};

impl Talk {
    pub(super) async fn line(&mut self, line: &str) -> anyhow::Result<bool> {
        match self.stage.clone() {
            Stage::Disclosure(version) => self.accept_disclosure(line, version).await,
            Stage::Choosing => {
                self.choose(line).await?;
                Ok(true)
            }
            Stage::Talking => self.command(line).await,
            Stage::Waiting | Stage::Ending | Stage::Ended => Ok(true),
        }
    }

    async fn accept_disclosure(&mut self, line: &str, version: String) -> anyhow::Result<bool> {
        match line.trim().to_lowercase().as_str() {
            "yes" | "y" => {
                let ack = ClientFrame::DisclosureAck(DisclosureAck { version });
                self.link.send(&ack).await.ok();
                self.offer_personas().await?;
                Ok(true)
            }
            "no" | "n" => Ok(false),
            _ => {
                self.console
                    .note("Please type yes to go on, or no to leave.")?;
                Ok(true)
            }
        }
    }

    /// Shows the cards, or chooses what `--persona` named.
    pub(super) async fn offer_personas(&mut self) -> anyhow::Result<()> {
        self.stage = Stage::Choosing;
        match self.wanted.take() {
            Some(wanted) => self.choose(&wanted).await,
            None => self.console.write(&show::cards(&self.cards)),
        }
    }

    async fn choose(&mut self, typed: &str) -> anyhow::Result<()> {
        let Some(card) = show::find(&self.cards, typed) else {
            let names: Vec<&str> = self.cards.iter().map(|card| card.id.as_str()).collect();
            self.stage = Stage::Choosing;
            return self.console.note(format!(
                "Please type a number or one of {}.",
                names.join(", ")
            ));
        };
        let persona = card.id.to_string();
        if card.name == self.speaker {
            self.stage = Stage::Talking;
            return self
                .console
                .note(format!("You are talking with {} already.", self.speaker));
        }
        self.stage = Stage::Waiting;
        self.busy = true;
        self.link
            .send(&ClientFrame::PersonaChoose(PersonaChoose { persona }))
            .await
            .ok();
        Ok(())
    }

    async fn command(&mut self, line: &str) -> anyhow::Result<bool> {
        let choices = self.safety.as_ref().map_or(&[][..], |(_, choices)| choices);
        match command::parse(line, choices) {
            Line::Empty => {}
            Line::Say(text) => {
                self.busy = true;
                self.link.say(Redacted::new(text)).await;
            }
            Line::End => return self.end_session().await,
            Line::Quit => return Ok(false),
            Line::Persona(Some(name)) => self.choose(&name).await?,
            Line::Persona(None) => self.offer_personas().await?,
            Line::Help => self.console.say(command::HELP)?,
            Line::Time => self.show_time().await?,
            Line::Memory => self.show_memory().await?,
            Line::Journal(text) => self.keep(text).await?,
            Line::Choice(choice) => self.reply(choice).await?,
            Line::Unknown(word) => {
                self.console.note(format!(
                    "There is no /{word} here. /help lists what there is."
                ))?;
            }
        }
        Ok(true)
    }

    async fn reply(&mut self, choice: String) -> anyhow::Result<()> {
        if let Some((event, _)) = self.safety.clone() {
            let reply = ClientFrame::SafetyReply(SafetyReply { event, choice });
            self.link.send(&reply).await.ok();
            self.console.note("Thank you for saying it.")?;
        }
        Ok(())
    }
}
