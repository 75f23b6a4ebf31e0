//! A local tier that sees letters and nothing behind them.

use innerworld_core::{
    safety::{Before, LocalScreen, LocalVerdict, Views},
    secret::Text,
};

/// The same rules over a message as it was typed, in lower case: no look-alikes, no other readings, and
/// no message before it.
#[derive(Clone, Copy)]
pub struct ReadsLiterally<'a>(pub &'a dyn LocalScreen);

impl std::fmt::Debug for ReadsLiterally<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ReadsLiterally").finish_non_exhaustive()
    }
}

impl LocalScreen for ReadsLiterally<'_> {
    fn read(&self, text: &str) -> Views {
        Views {
            text: Text::new(text.to_owned()),
            plain: Text::new(text.to_lowercase()),
            letters: None,
            joined: None,
            odds: f32::NEG_INFINITY,
        }
    }

    fn screen(&self, message: &Views, before: &Before<'_>) -> LocalVerdict {
        let before = Before {
            recent: &[],
            ..*before
        };
        self.0.screen(message, &before)
    }

    fn version(&self) -> &str {
        self.0.version()
    }
}
