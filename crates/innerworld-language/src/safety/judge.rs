//! Judging messages of a file as the server would: each alone, or after those of its session.

use std::collections::{BTreeMap, VecDeque};

use innerworld_core::safety::screen::{Before, Category, LocalScreen as _, LocalVerdict, Views};

use super::{RiskScreen, probability};

/// Earlier messages that are read together with one, and whose odds count.
const RECENT: usize = 2;
const WEIGHED: usize = 5;

/// What the local tier says of a message, flat.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
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
}

/// Judges one message after another.
#[derive(Debug)]
pub struct Judge<'s> {
    screen: &'s RiskScreen,
    sessions: BTreeMap<String, VecDeque<Views>>,
}

impl Judgement {
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
        let Some(session) = session else {
            return self.judgement(&message, &Before::default());
        };
        let earlier = self.sessions.get(session);
        let odds: Vec<f32> = earlier
            .into_iter()
            .flatten()
            .map(|views| views.odds)
            .collect();
        let last = earlier.map_or(0, VecDeque::len).saturating_sub(RECENT);
        let recent: Vec<&Views> = earlier.into_iter().flatten().skip(last).collect();
        let before = Before {
            recent: &recent,
            odds: &odds,
            watchful: false,
        };
        let judgement = self.judgement(&message, &before);
        let heard = self.sessions.entry(session.to_owned()).or_default();
        if heard.len() == WEIGHED {
            heard.pop_front();
        }
        heard.push_back(message);
        judgement
    }

    fn judgement(&self, message: &Views, before: &Before<'_>) -> Judgement {
        let (verdict, category, tier) = match self.screen.screen(message, before) {
            LocalVerdict::Pass => ("pass", None, None),
            LocalVerdict::Escalate { category, by, .. } => {
                ("escalate", Some(category), Some(by.name()))
            }
            LocalVerdict::Trigger { category, .. } => ("trigger", Some(category), Some("phrase")),
        };
        Judgement {
            verdict,
            category,
            score: probability(message.odds),
            tier,
        }
    }
}
