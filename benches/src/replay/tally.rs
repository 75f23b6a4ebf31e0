//! What a run found, teen by teen and together.

use serde_json::{Value, json};

/// Counts of one teen's conversation; the sum of all is the result.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// Messages with `accepted`.
    pub(crate) acknowledged: usize,
    /// Of these, stored when their session ended.
    pub(crate) found: usize,
    /// Stored more than once.
    pub(crate) doubled: usize,
    /// Cuts of the socket in the middle of an answer.
    pub(crate) cuts: usize,
    /// Connections that ended without the client wanting it: kills, as this client saw them.
    pub(crate) lost_connections: usize,
    /// `accepted` frames that answered a message sent again.
    pub(crate) repeats: usize,
    /// Answers that were broken off at least once and then came to their end.
    pub(crate) resumed: usize,
    /// Of these, equal to the stored text.
    pub(crate) identical: usize,
    /// Answers that ran through, and those among them that differ from the stored text.
    pub(crate) unbroken: usize,
    pub(crate) unbroken_different: usize,
    /// Answers that a kill ended, and those whose text equals the stored part.
    pub(crate) interrupted: usize,
    pub(crate) interrupted_identical: usize,
    /// Answers that ended in any other way than they should.
    pub(crate) failed: usize,
    /// Answers that the output filter replaced: the scripted lines are a person's, who may say
    /// what a persona may not ("when I was a kid"). And those whose text equals the stored one.
    pub(crate) replaced: usize,
    pub(crate) replaced_identical: usize,
    /// Crises: the protocol took a message for a sign of risk.
    pub(crate) safety_triggers: usize,
    /// Times that help was shown quietly or a question asked: the scorer is allowed a few.
    pub(crate) help_shown: usize,
    /// Sessions played, and those whose turns are each once in the evidence.
    pub(crate) sessions: usize,
    pub(crate) remembered_once: usize,
}

impl Tally {
    /// Adds another teen's.
    pub(crate) fn add(&mut self, other: &Self) {
        self.acknowledged += other.acknowledged;
        self.found += other.found;
        self.doubled += other.doubled;
        self.cuts += other.cuts;
        self.lost_connections += other.lost_connections;
        self.repeats += other.repeats;
        self.resumed += other.resumed;
        self.identical += other.identical;
        self.unbroken += other.unbroken;
        self.unbroken_different += other.unbroken_different;
        self.interrupted += other.interrupted;
        self.interrupted_identical += other.interrupted_identical;
        self.failed += other.failed;
        self.replaced += other.replaced;
        self.replaced_identical += other.replaced_identical;
        self.safety_triggers += other.safety_triggers;
        self.help_shown += other.help_shown;
        self.sessions += other.sessions;
        self.remembered_once += other.remembered_once;
    }

    const fn lost(&self) -> usize {
        self.acknowledged.saturating_sub(self.found)
    }
}

/// The whole run.
#[derive(Debug)]
pub(crate) struct Result {
    pub(crate) tally: Tally,
    /// What was asked for.
    pub(crate) planned_messages: usize,
    pub(crate) planned_cuts: usize,
    pub(crate) planned_kills: usize,
    /// SIGKILLs that happened.
    pub(crate) kills: usize,
    pub(crate) model_calls: usize,
    pub(crate) max_calls_per_message: usize,
    /// Turns that are stored as not ended when everything is over.
    pub(crate) open_turns: u64,
    pub(crate) seconds: u64,
    pub(crate) seed: u64,
}

impl Result {
    /// Every demand that does not hold, as a sentence.
    pub(crate) fn failures(&self) -> Vec<String> {
        let tally = &self.tally;
        let demands = [
            (
                tally.acknowledged == self.planned_messages,
                "not every message was acknowledged",
            ),
            (tally.lost() == 0, "acknowledged messages were lost"),
            (tally.doubled == 0, "messages were stored twice"),
            (
                tally.resumed == tally.identical,
                "a resumed answer differs from the stored text",
            ),
            (
                tally.unbroken_different == 0,
                "an unbroken answer differs from the stored text",
            ),
            (
                tally.interrupted == tally.interrupted_identical,
                "an interrupted answer differs from the stored part",
            ),
            (
                tally.replaced == tally.replaced_identical,
                "a replaced answer differs from the stored text",
            ),
            (tally.failed == 0, "answers failed"),
            (
                tally.safety_triggers == 0,
                "the safety protocol was triggered",
            ),
            (
                tally.sessions == tally.remembered_once,
                "a session was not remembered exactly once",
            ),
            (
                self.max_calls_per_message <= 1,
                "a message caused more than one model call",
            ),
            (
                tally.cuts == self.planned_cuts,
                "fewer cuts happened than were asked for",
            ),
            (self.open_turns == 0, "turns were left open"),
            (
                self.kills == self.planned_kills,
                "fewer kills happened than were asked for",
            ),
        ];
        let failed = demands.into_iter().filter(|(holds, _)| !holds);
        failed.map(|(_, sentence)| sentence.to_owned()).collect()
    }

    /// The table for people.
    pub(crate) fn rows(&self) -> Vec<(&'static str, String)> {
        let tally = &self.tally;
        let of = |part: usize, whole: usize| format!("{part} of {whole}");
        vec![
            (
                "messages acknowledged",
                of(tally.acknowledged, self.planned_messages),
            ),
            ("found afterwards", tally.found.to_string()),
            ("doubled", tally.doubled.to_string()),
            ("lost", tally.lost().to_string()),
            ("answers resumed", tally.resumed.to_string()),
            ("byte-identical", of(tally.identical, tally.resumed)),
            ("unbroken, identical", {
                of(tally.unbroken - tally.unbroken_different, tally.unbroken)
            }),
            (
                "interrupted, identical",
                of(tally.interrupted_identical, tally.interrupted),
            ),
            (
                "replaced by the filter, identical",
                of(tally.replaced_identical, tally.replaced),
            ),
            ("failed answers", tally.failed.to_string()),
            ("sessions", tally.sessions.to_string()),
            (
                "remembered exactly once",
                of(tally.remembered_once, tally.sessions),
            ),
            ("model calls", self.model_calls.to_string()),
            (
                "most for one message",
                self.max_calls_per_message.to_string(),
            ),
            ("socket cuts", of(tally.cuts, self.planned_cuts)),
            ("kills", of(self.kills, self.planned_kills)),
            ("messages sent again", tally.repeats.to_string()),
            ("safety triggers", tally.safety_triggers.to_string()),
            ("help shown quietly", tally.help_shown.to_string()),
            ("seconds", self.seconds.to_string()),
            ("seed", self.seed.to_string()),
        ]
    }

    /// The object for tools.
    pub(crate) fn json(&self) -> Value {
        let tally = &self.tally;
        json!({
            "acknowledged": tally.acknowledged,
            "found": tally.found,
            "doubled": tally.doubled,
            "lost": tally.lost(),
            "resumed": tally.resumed,
            "identical": tally.identical,
            "unbroken": tally.unbroken,
            "unbroken_identical": tally.unbroken - tally.unbroken_different,
            "interrupted": tally.interrupted,
            "interrupted_identical": tally.interrupted_identical,
            "replaced": tally.replaced,
            "replaced_identical": tally.replaced_identical,
            "failed": tally.failed,
            "sessions": tally.sessions,
            "remembered_once": tally.remembered_once,
            "model_calls": self.model_calls,
            "max_calls_per_message": self.max_calls_per_message,
            "messages": self.planned_messages,
            "cuts": tally.cuts,
            "kills": self.kills,
            "lost_connections": tally.lost_connections,
            "sent_again": tally.repeats,
            "safety_triggers": tally.safety_triggers,
            "help_shown": tally.help_shown,
            "seconds": self.seconds,
            "seed": self.seed,
            "ok": self.failures().is_empty(),
        })
    }
}
