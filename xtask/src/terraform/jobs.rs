//! Work that is done two at a time: what these tests are to be quick on has two cores.

use std::{sync::Mutex, thread};

use anyhow::Context as _;

const AT_A_TIME: usize = 2;

/// What `work` gives for each of these, in their order.
pub(super) fn all<T: Send, R: Send>(
    items: Vec<T>,
    work: impl Fn(T) -> R + Sync,
) -> anyhow::Result<Vec<R>> {
    let waiting = Mutex::new(items.into_iter().enumerate());
    let next = || waiting.lock().ok()?.next();
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_A_TIME)
            .map(|_worker| {
                scope.spawn(|| {
                    let mut own = Vec::new();
                    while let Some((index, item)) = next() {
                        own.push((index, work(item)));
                    }
                    own
                })
            })
            .collect();
        let mut done = Vec::new();
        for worker in workers {
            done.extend(worker.join().ok().context("a worker broke off")?);
        }
        anyhow::Ok(done)
    })?;
    done.sort_by_key(|(index, _done)| *index);
    Ok(done.into_iter().map(|(_index, done)| done).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_done_once_and_in_its_place() {
        let doubled = all((0..50).collect(), |number: u32| number * 2).unwrap();
        assert_eq!(
            doubled,
            (0..50).map(|number| number * 2).collect::<Vec<_>>()
        );
    }
}
