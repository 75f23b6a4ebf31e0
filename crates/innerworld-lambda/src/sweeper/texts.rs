//! What reads texts, opened when the first text is to be read. Nearly no round reads one: a sweeper holds
//! the rules' words for teens and not the rules, which weigh a hundred megabytes.

use std::sync::{Arc, OnceLock};

use anyhow::Context as _;
use innerworld_core::safety::{
    content::Content,
    desk::Desk,
    screen::{Before, LocalScreen, LocalVerdict, OutputFilter, OutputScreen, Views},
};
use innerworld_engine::safeguards::Safeguards;
use innerworld_language::{
    output_screen::Screen,
    safety::{PhraseScreen, RiskScreen, Scorer},
    safety_files,
};
use jiff::civil::Date;

use crate::late_extractor::shipped;

/// The safety files, with rules that are opened with the first text; `ledger` is the service key of that
/// name.
pub(super) fn safeguards(ledger: &[u8; 32], today: Date) -> anyhow::Result<Safeguards> {
    let scorer = Scorer::shipped().context("the safety scorer could not be read")?;
    let files = safety_files::with_scorer(safety_files::texts(), &scorer);
    let content = Content::load(&files).context("the safety protocol could not be read")?;
    let output = OutputRules {
        contacts: content.allowed_contacts().into_iter().collect(),
        screen: OnceLock::new(),
    };
    let rules = Rules {
        scorer,
        screen: OnceLock::new(),
    };
    Ok(Safeguards {
        desk: Desk::new(content, ledger, Arc::new(rules), today),
        output: Arc::new(output),
    })
}

struct Rules {
    scorer: Scorer,
    screen: OnceLock<RiskScreen>,
}

impl Rules {
    fn screen(&self) -> &RiskScreen {
        self.screen
            .get_or_init(|| RiskScreen::new(shipped(PhraseScreen::shipped()), self.scorer.clone()))
    }
}

impl LocalScreen for Rules {
    fn read(&self, text: &str) -> Views {
        self.screen().read(text)
    }

    fn screen(&self, message: &Views, before: &Before<'_>) -> LocalVerdict {
        Rules::screen(self).screen(message, before)
    }

    fn version(&self) -> &str {
        Rules::screen(self).version()
    }

    fn ask_from(&self) -> f32 {
        Rules::screen(self).ask_from()
    }
}

struct OutputRules {
    contacts: Vec<String>,
    screen: OnceLock<Screen>,
}

impl OutputScreen for OutputRules {
    fn filter(&self, leaks: &[&str], locale: &str) -> Box<dyn OutputFilter> {
        let open = || shipped(Screen::of_files(Screen::FILES, self.contacts.clone()));
        self.screen.get_or_init(open).filter(leaks, locale)
    }
}
