//! Jobs that somebody was told of, and did not do.

use std::time::Duration;

use innerworld_core::{clock::Clock as _, ids::SessionId};
use innerworld_testkit::records::Records;

use crate::place::Place;

#[tokio::test]
async fn telling_of_a_job_again_changes_nothing_of_when_it_runs() {
    let place = Place::new().await;
    let records = Records::named("told");
    let (teen, session) = (records.teen(), SessionId::from_bits(77));
    let now = place.clock.now();
    let job = records.remember(teen, session, now);
    let (jobs, aws) = (place.aws.jobs(), &place.aws);
    jobs.enqueue(&job).await.unwrap();
    let undone = aws.undone_jobs(now, 10).await.unwrap();
    assert_eq!((&undone[0].job, undone[0].told), (&job, 0));

    let half_an_hour = Duration::from_secs(1_800);
    let next = now.plus(half_an_hour);
    aws.told_again(&undone[0], next).await.unwrap();
    assert_eq!(aws.job_of(teen, session).await.unwrap(), Some(job.clone()));
    let before = next.minus(Duration::from_millis(1));
    assert_eq!(aws.undone_jobs(before, 10).await.unwrap(), []);
    let undone = aws.undone_jobs(next, 10).await.unwrap();
    assert_eq!((&undone[0].job, undone[0].told), (&job, 1));

    // One that failed waits as long as whoever ran it says, and is told of anew.
    jobs.defer(&job, next.plus(half_an_hour)).await.unwrap();
    assert_eq!(aws.undone_jobs(next, 10).await.unwrap(), []);
    let undone = aws.undone_jobs(next.plus(half_an_hour), 10).await.unwrap();
    assert_eq!((undone[0].job.attempts, undone[0].told), (1, 0));
    jobs.remove(&undone[0].job).await.unwrap();
    aws.told_again(&undone[0], next).await.unwrap();
    assert_eq!(aws.job_of(teen, session).await.unwrap(), None);
}
