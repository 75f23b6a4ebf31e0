//! A teen's last messages, as far as the next one is judged together with them.

use std::{collections::VecDeque, time::Duration};

use super::screen::{Before, LocalScreen, LocalVerdict, Views};
use crate::clock::Timestamp;

/// Two messages further apart than this are not read together.
const TOGETHER: Duration = Duration::from_secs(120);
/// Earlier messages that are read together with a new one.
const RECENT: usize = 2;
/// Earlier messages of which it counts how much they sounded like danger.
const WEIGHED: usize = 5;

/// What was heard, oldest first.
#[derive(Debug, Default)]
pub struct Heard {
    recent: VecDeque<(Timestamp, Views)>,
    odds: VecDeque<f32>,
}

impl Heard {
    /// Judges a message of now by itself and together with what was heard. `watchful` is whether less is
    /// enough for a second look.
    pub fn screen(
        &self,
        screen: &dyn LocalScreen,
        message: &Views,
        (now, watchful): (Timestamp, bool),
    ) -> LocalVerdict {
        let recent = self.recent.iter();
        let recent: Vec<&Views> = recent
            .filter(|(at, _)| now.since(*at) <= TOGETHER)
            .map(|(_, views)| views)
            .collect();
        let odds: Vec<f32> = self.odds.iter().copied().collect();
        let before = Before {
            recent: &recent,
            odds: &odds,
            watchful,
        };
        screen.screen(message, &before)
    }

    /// Keeps a message for the next ones.
    pub fn remember(&mut self, message: Views, now: Timestamp) {
        if self.odds.len() == WEIGHED {
            self.odds.pop_front();
        }
        self.odds.push_back(message.odds);
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back((now, message));
    }
}
