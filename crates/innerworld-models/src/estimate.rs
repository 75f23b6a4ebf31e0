//! Token counts for calls whose provider says nothing.

use innerworld_core::model::{call::Prompt, chat_model::TokenUsage};

/// Characters that make a token in English, on the whole.
const CHARACTERS_PER_TOKEN: usize = 4;

/// Tokens of `characters` characters.
pub(crate) fn tokens(characters: usize) -> u32 {
    u32::try_from(characters.div_ceil(CHARACTERS_PER_TOKEN)).unwrap_or(u32::MAX)
}

/// Tokens of a prompt.
pub(crate) fn prompt_tokens(prompt: &Prompt) -> u32 {
    let turns = prompt
        .history
        .iter()
        .flat_map(|turn| [&turn.user, &turn.assistant]);
    let characters = [&prompt.system, &prompt.opening, &prompt.message]
        .into_iter()
        .chain(&prompt.digest)
        .chain(&prompt.recalled)
        .chain(&prompt.support)
        .chain(turns)
        .map(|text| text.as_str().chars().count())
        .sum();
    tokens(characters)
}

/// Usage of an answer of `characters` characters, marked as estimated.
pub(crate) fn usage(prompt_tokens: u32, characters: usize) -> TokenUsage {
    TokenUsage {
        input: prompt_tokens,
        output: tokens(characters),
        estimated: true,
        ..TokenUsage::default()
    }
}
