//! Answers that the output filter stopped (safety.md 7 and 10).

use super::{Assessment, Case, Cause, Desk};
use crate::safety::{
    ledger::Source,
    machine::{Action, Event},
    record::SafetyNotice,
    screen::{Category, Level, OutputClass},
};

impl Desk {
    /// An answer of a class that asks was stopped: the teen is asked how they are. `message` is the
    /// id of what was answered.
    pub fn stopped(&self, case: &Case<'_>, about: Category, message: [u8; 16]) -> Assessment {
        let event = Event::Concern {
            category: about,
            level: Level::Concern,
            trigger: false,
        };
        let source = Source::Message(message);
        let tier = "output";
        self.step(case, event, Cause { source, tier }).0
    }

    /// A stopped answer as it is counted: once for each message and class, without text or id.
    pub fn block(
        &self,
        case: &Case<'_>,
        (class, about): (OutputClass, Option<Category>),
        message: [u8; 16],
    ) -> SafetyNotice {
        let tier = class.name();
        let source = Source::Answer(message, tier);
        self.counted(case, about, Action::OutputBlock, Cause { source, tier })
    }
}
