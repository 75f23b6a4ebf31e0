//! The queues: kind, dead-letter queue, visibility, and what lies where nothing should.

use std::collections::HashMap;

use aws_sdk_sqs::{
    error::ProvideErrorMetadata as _,
    types::QueueAttributeName::{self, All},
};
use innerworld_core::error::PortError;
use serde_json::Value;

use super::{Checkup, Finding, State};
use crate::fault::failed;

const NAME: &str = "queues";

/// The code of a queue that is not there: in the protocol before the present one, which the service
/// still adds, and in the present one.
const ABSENT: [&str; 2] = [
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
];

/// A queue of a deployment.
#[derive(Clone, Copy, Debug)]
struct Queue {
    /// Its name after the prefix, without `.fifo`.
    suffix: &'static str,
    /// Seconds for which a received message is hidden: six times its function's time at least.
    visibility_s: u32,
    /// Deliveries before a message goes to the dead-letter queue; `None` for a queue that has none,
    /// which is no FIFO queue either.
    receives: Option<u32>,
    /// What it means that something lies there, if nothing should.
    empty: Option<Lying>,
}

/// Something lies where nothing should.
#[derive(Clone, Copy, Debug)]
struct Lying {
    /// What it is.
    what: &'static str,
    /// What to do.
    next: &'static str,
}

/// What failed too often.
const DEAD: Lying = Lying {
    what: "what failed too often lies there",
    next: "find the cause in the logs of the queue's function, mend it, then start the redrive",
};

const QUEUES: [Queue; 5] = [
    Queue {
        suffix: "session-ended",
        visibility_s: 1_800,
        receives: Some(5),
        empty: None,
    },
    Queue {
        suffix: "graph-writes",
        visibility_s: 360,
        receives: Some(8),
        empty: None,
    },
    Queue {
        suffix: "privacy-jobs",
        visibility_s: 1_800,
        receives: Some(20),
        empty: None,
    },
    Queue {
        suffix: "safety-spool",
        visibility_s: 330,
        receives: Some(20),
        empty: Some(Lying {
            what: "safety changes wait there while the tables fail",
            next: "mend what keeps the tables from being written: each is about a child and lies \
                   nowhere else, so never delete one",
        }),
    },
    Queue {
        suffix: "turn-failures",
        visibility_s: 60,
        receives: None,
        empty: Some(Lying {
            what: "each is a turn that nobody answered",
            next: "find the cause in the logs of turn-worker",
        }),
    },
];

impl Queue {
    fn name(&self, prefix: &str) -> String {
        let Self { suffix, .. } = self;
        match self.receives {
            Some(_) => format!("{prefix}-{suffix}.fifo"),
            None => format!("{prefix}-{suffix}"),
        }
    }

    fn dead_letters(&self, prefix: &str) -> String {
        format!("{prefix}-{}-dlq.fifo", self.suffix)
    }
}

/// What a queue says of itself.
type Attributes = HashMap<QueueAttributeName, String>;

impl Checkup {
    /// The queues of the functions. A deployment that is `innerworld serve` on tables has none.
    pub async fn queues(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let (mut there, mut missing) = (0, Vec::new());
        for queue in &QUEUES {
            let name = queue.name(&self.prefix);
            let dead = queue.receives.map(|_some| queue.dead_letters(&self.prefix));
            match self.attributes(&name).await {
                Err(error) => return unseen(findings, &error),
                Ok(None) => missing.push(name),
                Ok(Some(found)) => {
                    there += 1;
                    findings.extend(look(queue, (&name, dead.as_deref()), &found));
                }
            }
            let Some(dead) = dead else { continue };
            match self.attributes(&dead).await {
                Err(error) => return unseen(findings, &error),
                Ok(None) => missing.push(dead),
                Ok(Some(found)) => {
                    there += 1;
                    findings.extend(not_empty(&dead, &found, DEAD));
                }
            }
        }
        if there == 0 {
            let detail = format!("none of {} is there", self.prefix);
            let next = "this is right for `innerworld serve` on tables; for the functions, apply \
                        Terraform";
            return vec![Finding::new(NAME, State::Warn, detail).next(next)];
        }
        findings.extend(missing.into_iter().map(|name| {
            Finding::new(NAME, State::Failed, format!("{name} is not there"))
                .next("apply Terraform")
        }));
        if findings.is_empty() {
            let detail = format!("{there} queues are as they must be; none of the dead lies there");
            findings.push(Finding::new(NAME, State::Ok, detail));
        }
        findings
    }

    /// What the queue says of itself; `None` if there is none of this name.
    async fn attributes(&self, name: &str) -> Result<Option<Attributes>, PortError> {
        let sqs = &self.clients.sqs;
        let asked = sqs.get_queue_url().queue_name(name).send().await;
        let url = match asked {
            Ok(answer) => answer.queue_url,
            Err(error) => match error.as_service_error() {
                Some(service) if service.code().is_some_and(|code| ABSENT.contains(&code)) => None,
                _ => return Err(failed("find a queue", &error)),
            },
        };
        let Some(url) = url else { return Ok(None) };
        let answer = sqs
            .get_queue_attributes()
            .queue_url(url)
            .attribute_names(All)
            .send()
            .await
            .map_err(|error| failed("describe a queue", &error))?;
        Ok(Some(answer.attributes.unwrap_or_default()))
    }
}

fn look(queue: &Queue, (name, dead): (&str, Option<&str>), found: &Attributes) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut wrong = |state, what: String| {
        let finding = Finding::new(NAME, state, format!("{name} {what}"));
        findings.push(finding.next("apply Terraform"));
    };
    let is_fifo = found
        .get(&QueueAttributeName::FifoQueue)
        .map(String::as_str)
        == Some("true");
    if is_fifo != queue.receives.is_some() {
        // A teen's jobs must keep their order.
        wrong(
            State::Failed,
            "is of the wrong kind (FIFO or not)".to_owned(),
        );
    }
    let visibility = number(found, &QueueAttributeName::VisibilityTimeout);
    if visibility.is_some_and(|seconds| seconds < u64::from(queue.visibility_s)) {
        let what = format!(
            "shows a message again after less than {} s: it would be worked on twice",
            queue.visibility_s
        );
        wrong(State::Warn, what);
    }
    if let (Some(receives), Some(dead)) = (queue.receives, dead) {
        match redrive(found) {
            Some((to, after)) if to == dead => {
                if after != u64::from(receives) {
                    let what =
                        format!("gives a message up after {after} deliveries, not {receives}");
                    wrong(State::Warn, what);
                }
            }
            Some(_) => wrong(
                State::Failed,
                format!("sends what fails elsewhere than to {dead}"),
            ),
            None => wrong(
                State::Failed,
                format!(
                    "has no dead-letter queue: what fails blocks its teen, until it is lost; it must be {dead}"
                ),
            ),
        }
    }
    if let Some(lying) = queue.empty {
        findings.extend(not_empty(name, found, lying));
    }
    findings
}

/// What was found before a queue could not be looked at: a refusal proves nothing.
fn unseen(mut findings: Vec<Finding>, error: &PortError) -> Vec<Finding> {
    findings.push(Finding::of_error(NAME, State::NotChecked, error));
    findings
}

fn not_empty(name: &str, found: &Attributes, lying: Lying) -> Option<Finding> {
    use QueueAttributeName::{
        ApproximateNumberOfMessages as Visible, ApproximateNumberOfMessagesNotVisible as Held,
    };
    let waiting = number(found, &Visible).unwrap_or(0) + number(found, &Held).unwrap_or(0);
    (waiting > 0).then(|| {
        let detail = format!("{name} holds about {waiting} messages: {}", lying.what);
        Finding::new(NAME, State::Warn, detail).next(lying.next)
    })
}

fn number(found: &Attributes, name: &QueueAttributeName) -> Option<u64> {
    found.get(name).and_then(|number| number.parse().ok())
}

/// Name of the dead-letter queue, and deliveries before a message goes there.
fn redrive(found: &Attributes) -> Option<(String, u64)> {
    let policy = found.get(&QueueAttributeName::RedrivePolicy)?;
    let policy: Value = serde_json::from_str(policy).ok()?;
    let target = policy.get("deadLetterTargetArn")?.as_str()?;
    let after = policy.get("maxReceiveCount")?;
    // Some write it as a text.
    let after = after
        .as_u64()
        .or_else(|| after.as_str().and_then(|text| text.parse().ok()))?;
    let (_account, name) = target.rsplit_once(':')?;
    Some((name.to_owned(), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spool(changed: &[(QueueAttributeName, &str)]) -> Vec<Finding> {
        let queue = QUEUES
            .iter()
            .find(|queue| queue.suffix == "safety-spool")
            .unwrap();
        let redrive = r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:1:p-safety-spool-dlq.fifo",
            "maxReceiveCount":"20"}"#;
        let good = [
            (QueueAttributeName::FifoQueue, "true"),
            (QueueAttributeName::VisibilityTimeout, "330"),
            (QueueAttributeName::RedrivePolicy, redrive),
            (QueueAttributeName::ApproximateNumberOfMessages, "0"),
        ];
        let all = good.iter().chain(changed);
        let found = all.map(|(name, value)| (name.clone(), (*value).to_owned()));
        let (name, dead) = (queue.name("p"), queue.dead_letters("p"));
        look(queue, (&name, Some(&dead)), &found.collect())
    }

    /// What lies in the spool lies nowhere else.
    #[test]
    fn nobody_is_told_to_delete_what_was_spooled() {
        let found = spool(&[(QueueAttributeName::ApproximateNumberOfMessages, "1")]);
        let next = found[0].next.concat();
        assert!(
            next.contains("never delete") && !next.contains("redrive"),
            "{next}"
        );
    }

    #[test]
    fn each_thing_that_is_wrong_is_one_finding() {
        use QueueAttributeName as Name;
        assert_eq!(spool(&[]), []);
        for (name, value, state, said) in [
            (Name::FifoQueue, "false", State::Failed, "kind"),
            (Name::VisibilityTimeout, "30", State::Warn, "330 s"),
            (
                Name::RedrivePolicy,
                "{}",
                State::Failed,
                "no dead-letter queue",
            ),
            (
                Name::RedrivePolicy,
                r#"{"deadLetterTargetArn":"arn:aws:sqs:x:1:other","maxReceiveCount":20}"#,
                State::Failed,
                "elsewhere",
            ),
            (
                Name::RedrivePolicy,
                r#"{"deadLetterTargetArn":"a:p-safety-spool-dlq.fifo","maxReceiveCount":3}"#,
                State::Warn,
                "after 3 deliveries",
            ),
            (
                Name::ApproximateNumberOfMessages,
                "2",
                State::Warn,
                "about 2",
            ),
        ] {
            let found = spool(&[(name, value)]);
            let [found] = found.as_slice() else {
                panic!("{found:?}")
            };
            assert_eq!(found.state, state);
            assert!(found.detail.contains(said), "{}", found.detail);
        }
    }
}
