//! Why a turn is stopped, as a word on its session.

use innerworld_engine::stateless::StopReason;

const WORDS: [(StopReason, &str); 3] = [
    (StopReason::Cancelled, "teen"),
    (StopReason::Safety, "safety"),
    (StopReason::Interrupted, "interrupted"),
];

/// The word for a reason.
pub(crate) fn word(why: StopReason) -> &'static str {
    let found = WORDS.iter().find(|(reason, _)| *reason == why);
    found.map_or("teen", |(_, word)| word)
}

/// The reason of a word; one that is not known stops as the teen would.
pub(crate) fn reason(word: &str) -> StopReason {
    let found = WORDS.iter().find(|(_, known)| *known == word);
    found.map_or(StopReason::Cancelled, |(reason, _)| *reason)
}
