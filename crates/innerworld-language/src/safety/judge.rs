//! Judging messages of a file as the server would: each alone, or after those of its session.

use std::collections::BTreeMap;

use innerworld_core::{
    clock::Timestamp,
    safety::{
        heard::Heard,
        screen::{Category, LocalScreen as _, LocalVerdict},
    },
};

use super::{RiskScreen, probability};

/// Files tell no times: the messages of a session are taken to come one right after another.
const AT_ONCE: Timestamp = Timestamp::from_millis(0);

/// What the local tier says of a message, flat.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// `pass`, `escalate` or `trigger`.
    pub verdict: &'static str,
    /// What it may be about; nothing on `pass`.
    pub category: Option<Category>,
    /// How much it sounds like danger, as a probability among the messages that the scorer learnt
    /// from.
    pub score: f32,
    /// What says so: `phrase`, `scorer`, `window`, `language`; nothing on `pass`.
    pub tier: Option<&'static str>,
    /// The rule of a trigger.
    pub rule: Option<String>,
}

/// Judges one message after another.
#[derive(Debug)]
pub struct Judge<'s> {
    screen: &'s RiskScreen,
    sessions: BTreeMap<String, Heard>,
}

impl Judgement {
    fn of(verdict: LocalVerdict, odds: f32) -> Self {
        let (verdict, category, tier, rule) = match verdict {
            LocalVerdict::Pass => ("pass", None, None, None),
            LocalVerdict::Escalate { category, by, .. } => {
                ("escalate", Some(category), Some(by.name()), None)
            }
            LocalVerdict::Trigger { category, rule, .. } => {
                ("trigger", Some(category), Some("phrase"), Some(rule))
            }
        };
        Self {
            verdict,
            category,
            score: probability(odds),
            tier,
            rule,
        }
    }

    /// Whether nothing was found.
    pub const fn passes(&self) -> bool {
        self.tier.is_none()
    }
}

impl<'s> Judge<'s> {
    /// One that has heard nothing yet.
    pub const fn new(screen: &'s RiskScreen) -> Self {
        Self {
            screen,
            sessions: BTreeMap::new(),
        }
    }

    /// Judges the next message: alone, or after those of the same session, as if little time had passed
    /// between them.
    pub fn judge(&mut self, text: &str, session: Option<&str>) -> Judgement {
        let message = self.screen.read(text);
        let alone = Heard::default();
        let heard = session.and_then(|session| self.sessions.get(session));
        let heard = heard.unwrap_or(&alone);
        let verdict = heard.screen(self.screen, &message, (AT_ONCE, false));
        let judgement = Judgement::of(verdict, message.odds);
        if let Some(session) = session {
            let heard = self.sessions.entry(session.to_owned()).or_default();
            heard.remember(message, AT_ONCE);
        }
        judgement
    }
}
