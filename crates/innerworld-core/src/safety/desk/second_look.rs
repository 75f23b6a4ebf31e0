//! Messages that a model takes a second look at (safety.md 4).

use super::{Assessment, Case, Desk};
use crate::{
    ids::{EventId, MessageId},
    safety::{
        frames::Shape,
        look::{LookFailure, LookLevel, LookVerdict},
        machine::Event,
        screen::{Category, Level, LocalVerdict},
        verdict::SafetyVerdict,
    },
};

impl Desk {
    /// Judges a message that a model takes a second look at: until that is back
    /// ([`Desk::looked`]) nothing is asked or offered.
    pub fn awaiting(&self, case: &Case<'_>, message: MessageId) -> Assessment {
        supported(self.judge(case, (Event::Tick, "model"), message).0, true)
    }

    /// Judges a message after the second look that `local` asked for.
    pub fn looked(
        &self,
        case: &Case<'_>,
        local: &LocalVerdict,
        (message, look): (MessageId, &Result<LookVerdict, LookFailure>),
    ) -> Assessment {
        let category = match local {
            LocalVerdict::Escalate { category, .. } | LocalVerdict::Trigger { category, .. } => {
                *category
            }
            LocalVerdict::Pass => Category::Ideation,
        };
        let ask = |category| Event::Concern {
            category,
            level: Level::Concern,
            trigger: false,
        };
        let event = match look {
            Err(failure) if failure.leaves_it_to_the_local_tier() => {
                return self.message(case, local, message);
            }
            Err(_) => ask(category),
            Ok(found) => {
                let category = found.category.unwrap_or(category);
                match found.level {
                    LookLevel::Nothing => Event::Pass,
                    LookLevel::Some(Level::Concern) => ask(category),
                    LookLevel::Some(level) => Event::Alarm { category, level },
                }
            }
        };
        let unsure = event != Event::Pass;
        supported(self.judge(case, (event, "model"), message).0, unsure)
    }

    /// What a teen is asked who may be in danger, as a line of talk: the turn of a message that no
    /// model could look at.
    pub fn question(&self, case: &Case<'_>, category: Category) -> String {
        let variant = self.content.protocol.categories.variant(Some(category));
        // Only its text is used.
        let no_event = EventId::from_bytes([0; 16]);
        self.frame(case, Shape::Ask(variant, Level::Concern), no_event)
            .text()
    }
}

/// An answer to a message that something is unsure about carries the support suffix at least.
pub(super) fn supported(mut assessment: Assessment, unsure: bool) -> Assessment {
    if unsure {
        assessment.verdict = assessment.verdict.max(SafetyVerdict::Support);
    }
    assessment
}
