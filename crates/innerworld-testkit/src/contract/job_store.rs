//! Suite of [`JobStore`].

use std::sync::Arc;

use innerworld_core::memory::job::{JobKind, JobStore, MemoryJob};

use super::suite;
use crate::records::{NOW, Records, at, just_after, just_before};

/// The port under test.
pub type Port = Arc<dyn JobStore>;

suite!($ job_store_contract, job_store, Port, [
    a_queued_job_is_due,
    a_job_is_due_from_its_time_on,
    queueing_again_changes_nothing,
    kinds_references_and_teens_are_apart,
    due_jobs_come_oldest_first,
    due_is_bounded,
    a_deferred_job_waits,
    removing_takes_one,
    removing_again_succeeds,
    the_backlog_is_counted,
]);

fn job(records: &Records, seconds: u64) -> MemoryJob {
    records.remember(records.teen(), records.session_id(seconds), at(seconds))
}

/// What was queued is due, and stays until it is removed.
pub async fn a_queued_job_is_due(store: &Port) {
    let records = Records::named("a_queued_job_is_due");
    let job = job(&records, 0);
    store.enqueue(&job).await.unwrap();
    for _ in 0..2 {
        assert_eq!(
            store.due(NOW, 10).await.unwrap(),
            std::slice::from_ref(&job)
        );
    }
}

/// A job is not due one millisecond before its time.
pub async fn a_job_is_due_from_its_time_on(store: &Port) {
    let records = Records::named("a_job_is_due_from_its_time_on");
    let job = job(&records, 60);
    store.enqueue(&job).await.unwrap();
    let time = job.not_before;
    for (now, due) in [(just_before(time), 0), (time, 1), (just_after(time), 1)] {
        assert_eq!(store.due(now, 10).await.unwrap().len(), due, "at {now}");
    }
}

/// A teen has one job per kind and reference; the first one stays as it is.
pub async fn queueing_again_changes_nothing(store: &Port) {
    let records = Records::named("queueing_again_changes_nothing");
    let job = job(&records, 0);
    store.enqueue(&job).await.unwrap();
    let mut again = job.clone();
    again.not_before = at(30);
    again.attempts = 4;
    store.enqueue(&again).await.unwrap();
    assert_eq!(store.due(at(60), 10).await.unwrap(), [job]);
}

/// Two references, two kinds, two teens: four jobs.
pub async fn kinds_references_and_teens_are_apart(store: &Port) {
    let records = Records::named("kinds_references_and_teens_are_apart");
    let first = job(&records, 0);
    let other_session = JobKind::Remember {
        session: records.session_id(5),
    };
    let mut jobs = vec![first.clone()];
    for kind in [other_session, JobKind::Erase] {
        jobs.push(MemoryJob {
            kind,
            ..first.clone()
        });
    }
    jobs.push(MemoryJob {
        teen: records.teen(),
        ..first
    });
    for job in &jobs {
        store.enqueue(job).await.unwrap();
    }
    let due = store.due(NOW, 10).await.unwrap();
    assert_eq!(due.len(), jobs.len());
    for job in &jobs {
        assert!(due.contains(job), "{:?} is not due", job.kind);
    }
}

/// The longest waiting comes first.
pub async fn due_jobs_come_oldest_first(store: &Port) {
    let records = Records::named("due_jobs_come_oldest_first");
    for seconds in [30, 10, 20] {
        store.enqueue(&job(&records, seconds)).await.unwrap();
    }
    let due = store.due(at(60), 10).await.unwrap();
    let times: Vec<_> = due.iter().map(|job| job.not_before).collect();
    assert_eq!(times, [at(10), at(20), at(30)]);
}

/// No more come than asked for.
pub async fn due_is_bounded(store: &Port) {
    let records = Records::named("due_is_bounded");
    for seconds in 0..5 {
        store.enqueue(&job(&records, seconds)).await.unwrap();
    }
    let due = store.due(at(60), 3).await.unwrap();
    let times: Vec<_> = due.iter().map(|job| job.not_before).collect();
    assert_eq!(times, [at(0), at(1), at(2)]);
}

/// A failed job comes back at its new time, with one attempt more.
pub async fn a_deferred_job_waits(store: &Port) {
    let records = Records::named("a_deferred_job_waits");
    let job = job(&records, 0);
    store.enqueue(&job).await.unwrap();
    store.defer(&job, at(60)).await.unwrap();
    assert_eq!(store.due(just_before(at(60)), 10).await.unwrap(), []);
    let due = store.due(at(60), 10).await.unwrap();
    let expected = MemoryJob {
        attempts: 1,
        not_before: at(60),
        ..job
    };
    assert_eq!(due, std::slice::from_ref(&expected));
    store.defer(&expected, at(120)).await.unwrap();
    let due = store.due(at(120), 10).await.unwrap();
    assert_eq!(due.first().map(|job| job.attempts), Some(2));
}

/// The others stay.
pub async fn removing_takes_one(store: &Port) {
    let records = Records::named("removing_takes_one");
    let (first, second) = (job(&records, 0), job(&records, 1));
    store.enqueue(&first).await.unwrap();
    store.enqueue(&second).await.unwrap();
    store.remove(&first).await.unwrap();
    assert_eq!(store.due(at(60), 10).await.unwrap(), [second]);
}

/// Removing what is not there is no error, and what was removed can be queued again.
pub async fn removing_again_succeeds(store: &Port) {
    let records = Records::named("removing_again_succeeds");
    let job = job(&records, 0);
    store.remove(&job).await.unwrap();
    store.enqueue(&job).await.unwrap();
    store.remove(&job).await.unwrap();
    store.remove(&job).await.unwrap();
    assert_eq!(store.due(NOW, 10).await.unwrap(), []);
    store.enqueue(&job).await.unwrap();
    assert_eq!(store.due(NOW, 10).await.unwrap(), [job]);
}

/// How many wait, and since when the oldest could have run.
pub async fn the_backlog_is_counted(store: &Port) {
    let records = Records::named("the_backlog_is_counted");
    assert_eq!(store.backlog(NOW).await.unwrap(), (0, None));
    for seconds in [20, 10] {
        store.enqueue(&job(&records, seconds)).await.unwrap();
    }
    assert_eq!(store.backlog(at(60)).await.unwrap(), (2, Some(at(10))));
    let (_, oldest) = store.backlog(NOW).await.unwrap();
    assert_eq!(oldest, None, "no job could have run yet");
}
