//! Where the run is hurt: cuts inside answers, kills along the way.

use std::collections::VecDeque;

use crate::{locomo::Conversation, random::Random};

/// Answers shorter than this are not cut: they come in one piece.
const SHORTEST: usize = 8;

/// What happens to one conversation.
#[derive(Debug, Default)]
pub(crate) struct Cuts {
    /// By the message's number in its conversation: characters after which the socket is cut,
    /// ascending.
    by_message: Vec<VecDeque<usize>>,
}

impl Cuts {
    /// The cuts inside the answer to this message.
    pub(crate) fn take(&mut self, message: usize) -> VecDeque<usize> {
        self.by_message
            .get_mut(message)
            .map(std::mem::take)
            .unwrap_or_default()
    }
}

/// Spreads `cuts` over all answers, longer answers getting more: one list per conversation.
pub(crate) fn cuts(conversations: &[Conversation], cuts: usize, random: &mut Random) -> Vec<Cuts> {
    let mut plans: Vec<Cuts> = Vec::new();
    // Every character of every answer once: (conversation, message, its characters so far).
    let mut places: Vec<(usize, usize, usize, usize)> = Vec::new();
    let mut total = 0;
    for (teen, conversation) in conversations.iter().enumerate() {
        let mut messages = 0;
        for exchange in conversation.sessions.iter().flatten() {
            let characters = exchange.reply.chars().count();
            if characters >= SHORTEST {
                places.push((total, teen, messages, characters));
                total += characters;
            }
            messages += 1;
        }
        plans.push(Cuts {
            by_message: vec![VecDeque::new(); messages],
        });
    }
    for _ in 0..cuts {
        let at = random.below(total);
        let place = places
            .partition_point(|(start, ..)| *start <= at)
            .checked_sub(1);
        let Some((start, teen, message, _)) = place.and_then(|place| places.get(place)) else {
            continue;
        };
        let list = plans
            .get_mut(*teen)
            .and_then(|plan| plan.by_message.get_mut(*message));
        if let Some(list) = list {
            list.push_back(at - start + 1);
        }
    }
    for list in plans.iter_mut().flat_map(|plan| &mut plan.by_message) {
        list.make_contiguous().sort_unstable();
    }
    plans
}

/// A kill: after so many steps (ended answers and ended sessions of all teens), and a little later.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kill {
    /// Steps.
    pub(crate) after: usize,
    /// Milliseconds after the step.
    pub(crate) delay_ms: usize,
}

/// `kills` of them, ascending. None falls behind the last step.
pub(crate) fn kills(steps: usize, kills: usize, random: &mut Random) -> Vec<Kill> {
    let mut plan: Vec<Kill> = (0..kills)
        .map(|_| Kill {
            after: random.below(steps.saturating_sub(4)) + 1,
            delay_ms: random.below(250),
        })
        .collect();
    plan.sort_by_key(|kill| kill.after);
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locomo::Exchange;

    #[test]
    fn every_cut_lies_inside_an_answer() {
        let exchange = |reply: &str| Exchange {
            message: "m".to_owned(),
            reply: reply.to_owned(),
        };
        let conversation = Conversation {
            id: "one".to_owned(),
            sessions: vec![vec![
                exchange("short"),
                exchange("a longer answer"),
                exchange("and one more"),
            ]],
        };
        let mut plans = cuts(&[conversation], 50, &mut Random::new(7));
        let plan = plans.first_mut().unwrap();
        let (short, longer, more) = (plan.take(0), plan.take(1), plan.take(2));
        assert!(short.is_empty());
        assert_eq!(longer.len() + more.len(), 50);
        assert!(longer.iter().all(|at| (1..=15).contains(at)));
        assert!(longer.iter().is_sorted());
        assert!(more.iter().all(|at| (1..=12).contains(at)));
    }

    #[test]
    fn the_same_seed_kills_at_the_same_places() {
        let places = |seed| {
            kills(100, 10, &mut Random::new(seed))
                .iter()
                .map(|k| k.after)
                .collect::<Vec<_>>()
        };
        assert_eq!(places(1), places(1));
        assert_ne!(places(1), places(2));
        assert!(places(1).iter().all(|after| (1..=96).contains(after)));
    }
}
