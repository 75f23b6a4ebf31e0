//! The safety files that ship with the program; a deployment has no others.

mod late;

use std::sync::Arc;

use anyhow::Context as _;
use innerworld_core::safety::{content::Content, desk::Desk};
use innerworld_engine::safeguards::Safeguards;
use innerworld_language::{
    output_screen::Screen,
    safety::{PhraseScreen, RiskScreen, Scorer},
    safety_files,
};
use jiff::civil::Date;

/// Whether a clinician reviewed the protocol that the program carries.
pub(crate) fn is_reviewed() -> anyhow::Result<bool> {
    let (_scorer, content) = files()?;
    Ok(content.is_reviewed())
}

/// Of a function that takes messages: the rules over them are ready with the first one. `ledger` is the
/// service key of that name.
pub(crate) fn judging(ledger: &[u8; 32], today: Date) -> anyhow::Result<Safeguards> {
    let (scorer, content) = files()?;
    let phrases = PhraseScreen::shipped().context("the phrase rules could not be read")?;
    let screen = Arc::new(RiskScreen::new(phrases, scorer));
    let output = Arc::new(late::OutputRules::new(contacts(&content)));
    Ok(Safeguards {
        desk: Desk::new(content, ledger, screen, today),
        output,
    })
}

/// Of a function that makes answers: the rules over them are ready with the first one.
pub(crate) fn answering(ledger: &[u8; 32], today: Date) -> anyhow::Result<Safeguards> {
    let (scorer, content) = files()?;
    let output = Screen::of_files(Screen::FILES, contacts(&content));
    let output = output.context("the output rules could not be read")?;
    let screen = Arc::new(late::Rules::new(scorer));
    Ok(Safeguards {
        desk: Desk::new(content, ledger, screen, today),
        output: Arc::new(output),
    })
}

/// Of a function that does neither as a rule: both are opened with the first text.
pub(crate) fn late(ledger: &[u8; 32], today: Date) -> anyhow::Result<Safeguards> {
    let (scorer, content) = files()?;
    let output = Arc::new(late::OutputRules::new(contacts(&content)));
    let screen = Arc::new(late::Rules::new(scorer));
    Ok(Safeguards {
        desk: Desk::new(content, ledger, screen, today),
        output,
    })
}

fn contacts(content: &Content) -> Vec<String> {
    content.allowed_contacts().into_iter().collect()
}

fn files() -> anyhow::Result<(Scorer, Content)> {
    let scorer = Scorer::shipped().context("the safety scorer could not be read")?;
    let files = safety_files::with_scorer(safety_files::texts(), &scorer);
    let content = Content::load(&files).context("the safety protocol could not be read")?;
    Ok((scorer, content))
}
