//! The files of the safety side as they ship: the protocol with its texts, the rules, the header of the
//! scorer. Their hash is the published version, so every program takes them from here.

use innerworld_core::safety::content::Files;

use crate::{
    output_screen::Screen,
    safety::{PhraseScreen, Scorer},
};

/// What stands for the scorer's weights among the texts: their header, which has their hash.
const SCORER_HEADER: &str = "scorer.json";

/// Every text that ships, without the scorer's header.
pub fn texts() -> Files {
    let rules = PhraseScreen::FILES.iter().chain(Screen::FILES);
    rules.fold(Files::shipped(), |files, (name, text)| {
        files.with(*name, *text)
    })
}

/// The files with what stands for this scorer.
pub fn with_scorer(files: Files, scorer: &Scorer) -> Files {
    files.with(SCORER_HEADER, scorer.header())
}
