//! Rules over texts that are opened with the first text: they weigh a hundred megabytes, and some functions
//! nearly never read one.

use std::sync::OnceLock;

use innerworld_core::safety::screen::{
    Before, LocalScreen, LocalVerdict, OutputFilter, OutputScreen, Views,
};
use innerworld_language::{
    output_screen::Screen,
    safety::{PhraseScreen, RiskScreen, Scorer},
};

use crate::late_extractor::shipped;

/// Rules over what teens write.
pub(super) struct Rules {
    scorer: Scorer,
    screen: OnceLock<RiskScreen>,
}

impl Rules {
    pub(super) fn new(scorer: Scorer) -> Self {
        Self {
            scorer,
            screen: OnceLock::new(),
        }
    }

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

/// Rules over what personas say.
pub(super) struct OutputRules {
    contacts: Vec<String>,
    screen: OnceLock<Screen>,
}

impl OutputRules {
    pub(super) fn new(contacts: Vec<String>) -> Self {
        Self {
            contacts,
            screen: OnceLock::new(),
        }
    }
}

impl OutputScreen for OutputRules {
    fn filter(&self, leaks: &[&str], locale: &str) -> Box<dyn OutputFilter> {
        let open = || shipped(Screen::of_files(Screen::FILES, self.contacts.clone()));
        self.screen.get_or_init(open).filter(leaks, locale)
    }
}
