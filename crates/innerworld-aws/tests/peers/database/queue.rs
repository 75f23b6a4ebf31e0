//! The queue to the graph writer.

use std::time::Duration;

use aws_sdk_sqs::types::MessageSystemAttributeName;
use innerworld_aws::{GraphJob, GraphTask, GraphWriteQueue, GraphWrites as _, Queue};
use innerworld_core::{error::ErrorKind, ids::TeenId};

use crate::place::{address, at, queue, sqs, unique};

const MIA: TeenId = TeenId::from_subject_bits(1);
const LEO: TeenId = TeenId::from_subject_bits(2);

/// All messages: group and body.
async fn received(url: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    loop {
        let group = MessageSystemAttributeName::MessageGroupId;
        let answer = sqs()
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(10)
            .message_system_attribute_names(group.clone())
            .send()
            .await
            .unwrap();
        let messages = answer.messages.unwrap_or_default();
        if messages.is_empty() {
            return all;
        }
        for message in messages {
            let handle = message.receipt_handle.unwrap();
            let done = sqs().delete_message().queue_url(url);
            done.receipt_handle(handle).send().await.unwrap();
            let group = message.attributes.unwrap()[&group].clone();
            all.push((group, message.body.unwrap()));
        }
    }
}

fn queue_at(url: &str) -> Queue {
    let config = at(&address("INNERWORLD_TEST_SQS"));
    Queue::new(&config, url.to_owned(), Duration::from_secs(5))
}

#[tokio::test]
async fn a_teens_jobs_come_in_order_and_a_repeat_does_not() {
    let url = queue(&format!("{}-graph-writes.fifo", unique()), 360).await;
    let jobs = GraphWriteQueue::new(queue_at(&url));
    for (teen, generation) in [(MIA, 1), (LEO, 1), (MIA, 1), (MIA, 2)] {
        jobs.patch_waits(teen, generation).await.unwrap();
    }
    let erase = GraphJob {
        teen: MIA,
        task: GraphTask::Erase,
    };
    jobs.send(&erase, "j-1#erase").await.unwrap();
    let all = received(&url).await;
    let of = |teen: TeenId| {
        let own = all.iter().filter(|(group, _)| *group == teen.to_string());
        own.map(|(_, body)| GraphJob::parse(body).unwrap().task)
            .collect::<Vec<_>>()
    };
    let apply = |generation| GraphTask::Apply { generation };
    assert_eq!(of(MIA), [apply(1), apply(2), GraphTask::Erase]);
    assert_eq!(of(LEO), [apply(1)]);
    assert_eq!(all.len(), 4);
}

#[tokio::test]
async fn what_no_queue_takes_is_refused_before_it_is_sent() {
    let queue = queue_at("http://127.0.0.1:1/none");
    let long = "a".repeat(2_000);
    for (group, dedup, body) in [
        ("", "d", "{}"),
        ("g", "", "{}"),
        ("g", &long, "{}"),
        ("g", "d", &long),
    ] {
        let refused = queue.send(group, dedup, body).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Invalid);
    }
    let lost = queue.send("g", "d", "{}").await.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::Unavailable);
}
