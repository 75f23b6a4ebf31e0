//! Orders in which sessions may arrive.

use super::teller::Step;
use crate::SeededIds;

/// Up to so many sessions every order is tried.
const ALL_UP_TO: usize = 4;
/// Beyond that so many random ones.
const RANDOM: usize = 24;

/// Orders of the steps. What the teen does to their memory stays where it is: it means the memory of
/// that moment.
pub(super) fn orders(steps: &[Step]) -> Vec<Vec<Step>> {
    let is_act = |step: &Step| matches!(step, Step::Act(_));
    let runs: Vec<&[Step]> = steps.chunk_by(|a, b| !is_act(a) && !is_act(b)).collect();
    let sessions = steps.iter().filter(|step| !is_act(step)).count();
    if sessions > ALL_UP_TO {
        let dice = SeededIds::new(7);
        return (0..RANDOM)
            .map(|_again| runs.iter().flat_map(|run| shuffled(run, &dice)).collect())
            .collect();
    }
    runs.iter().fold(vec![Vec::new()], |begun, run| {
        let ends = permutations(run);
        let longer = begun.iter().flat_map(|start| {
            ends.iter()
                .map(|end| start.iter().chain(end).copied().collect())
        });
        longer.collect()
    })
}

fn permutations(run: &[Step]) -> Vec<Vec<Step>> {
    let Some((first, rest)) = run.split_first() else {
        return vec![Vec::new()];
    };
    let inserted = permutations(rest).into_iter().flat_map(|order| {
        (0..=order.len()).map(move |place| {
            let mut longer = order.clone();
            longer.insert(place, *first);
            longer
        })
    });
    inserted.collect()
}

fn shuffled(run: &[Step], dice: &SeededIds) -> Vec<Step> {
    let mut dealt: Vec<(u64, Step)> = run.iter().map(|step| (dice.next(), *step)).collect();
    dealt.sort();
    dealt.into_iter().map(|(_number, step)| step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_stay_between_the_sessions_that_they_came_between() {
        use Step::{Act, Session};
        let steps = [Session(0), Session(1), Session(2), Act(0), Session(3)];
        let orders = orders(&steps);
        assert_eq!(orders.len(), 6);
        for order in &orders {
            assert_eq!(order.get(3..), Some(&[Act(0), Session(3)][..]));
        }
    }
}
