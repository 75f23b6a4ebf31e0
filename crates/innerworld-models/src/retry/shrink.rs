//! Making a prompt shorter when a provider says that it is too long.

use innerworld_core::model::call::Prompt;

/// First half of the recalled memory is left out, then the older half of the history; each once.
#[derive(Debug, Default)]
pub(super) struct Shrinking {
    recalled: bool,
    history: bool,
}

impl Shrinking {
    /// Shortens `prompt`; `false` if there is nothing left to shorten.
    pub(super) fn shorten(&mut self, prompt: &mut Prompt) -> bool {
        if !std::mem::replace(&mut self.recalled, true)
            && let Some(recalled) = prompt.recalled.take()
        {
            prompt.recalled = Some(recalled.half_of_its_lines());
            return true;
        }
        if !std::mem::replace(&mut self.history, true) && prompt.history.len() > 1 {
            let cut = prompt.history.len().div_ceil(2);
            prompt.history.drain(..cut);
            return true;
        }
        false
    }
}
