//! Waiting until the queues of a teen who is being erased have been worked off.
//!
//! What lies in a queue was sent before the fence and is dropped behind it; what is being done right now
//! is the danger, and what the graph database holds is found by a row of the teen. So a marker goes
//! through each queue in the teen's own group, behind everything, and rows are deleted only when all
//! were consumed. That they were sent stands on the fence itself: whoever dies in between sends them
//! again, under the same name.

use std::sync::{Arc, Mutex, PoisonError};

use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    hex,
    ids::TeenId,
};

use crate::{
    dynamo::{Change, Condition, Item, Key, Table, Write},
    graph_jobs::{GraphJob, GraphTask, GraphWriteQueue},
    graph_writer, keys,
    open::Aws,
    session_jobs::{self, SessionJob, SessionQueue, SessionTask, waiting_for},
    shared::Shared,
};

/// Attribute of the fence: the name of the markers that were sent.
const DRAINING: &str = "draining";
/// Attribute of a tombstone.
const BURIED: &str = "buried_at";
/// A marker that was not consumed is sent again after this time: the queue may have given it up.
const AGAIN: std::time::Duration = std::time::Duration::from_secs(6 * 60);
const OPERATION: &str = "drain a teen's queues";

/// Drains the queues of teens who are being erased.
#[derive(Debug)]
pub struct Drain {
    shared: Arc<Shared>,
    sessions: SessionQueue,
    graph: Option<GraphWriteQueue>,
    /// The markers that this process sent last, and when.
    sent: Mutex<Option<(String, Timestamp)>>,
}

impl Aws {
    /// What drains these queues; `graph` where the graph is kept in a database of its own.
    pub fn drain(&self, sessions: SessionQueue, graph: Option<GraphWriteQueue>) -> Drain {
        Drain {
            shared: Arc::clone(&self.shared),
            sessions,
            graph,
            sent: Mutex::default(),
        }
    }
}

impl Drain {
    /// Whether all that was sent for the teen has been done, and the graph database holds nothing of
    /// them. The first call begins it. `Invalid` for a teen who is not fenced.
    pub async fn is_done(&self, teen: TeenId) -> Result<bool, PortError> {
        let fence = self.shared.dynamo.get(OPERATION, &fence_of(teen)).await?;
        let Some(fence) = fence else {
            return Err(PortError::new(ErrorKind::Invalid, OPERATION));
        };
        // Of whoever is buried no rows were left to wait for.
        if fence.has(BURIED) {
            return Ok(true);
        }
        let job = match fence.maybe_text(DRAINING)? {
            Some(job) => job.to_owned(),
            None => self.begin(teen).await?,
        };
        let mut waiting = Vec::new();
        for queue in self.queues() {
            let key = waiting_for(teen, (queue, &job));
            if self.shared.dynamo.get(OPERATION, &key).await?.is_some() {
                waiting.push(queue);
            }
        }
        if !waiting.is_empty() && self.is_to_send(&job) {
            for queue in &waiting {
                self.send(queue, teen, &job).await?;
            }
            self.note_sent(&job);
        }
        Ok(waiting.is_empty())
    }

    fn queues(&self) -> impl Iterator<Item = &'static str> + use<> {
        let graph = self.graph.is_some().then_some(graph_writer::QUEUE);
        std::iter::once(session_jobs::QUEUE).chain(graph)
    }

    /// Puts the items that wait, in one commit with their name on the fence.
    async fn begin(&self, teen: TeenId) -> Result<String, PortError> {
        let mut random = [0; 16];
        self.shared.ids.fill(&mut random);
        let job = hex::encode(&random);
        let now = self.shared.clock.now().as_millis();
        let first = Condition::All(vec![
            Condition::Present("user_id"),
            Condition::Absent(DRAINING),
            Condition::Absent(BURIED),
        ]);
        let change = Change::new().set(DRAINING, job.as_str());
        let mut writes = vec![Write::Update(fence_of(teen), change, Some(first))];
        for queue in self.queues() {
            let item = Item::new().with("made_at", now);
            writes.push(Write::Put(waiting_for(teen, (queue, &job)), item, None));
        }
        if self
            .shared
            .dynamo
            .commit(OPERATION, &writes)
            .await?
            .refused(0)
        {
            // Another process was first, and is at it.
            return Err(PortError::new(ErrorKind::Unavailable, OPERATION));
        }
        Ok(job)
    }

    /// Through the graph's queue, an order to delete the graph goes before the marker.
    async fn send(&self, queue: &str, teen: TeenId, job: &str) -> Result<(), PortError> {
        let marker = job.to_owned();
        let graph = self.graph.as_ref();
        let Some(graph) = graph.filter(|_graph| queue == graph_writer::QUEUE) else {
            let task = SessionTask::Marker { job: marker };
            return self.sessions.send(&SessionJob { teen, task }).await;
        };
        let mark = GraphTask::Marker { job: marker };
        for (task, step) in [(GraphTask::Erase, "erase"), (mark, "marker")] {
            let step = format!("{job}#{step}");
            graph.send(&GraphJob { teen, task }, &step).await?;
        }
        Ok(())
    }

    fn is_to_send(&self, job: &str) -> bool {
        let now = self.shared.clock.now();
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = |(last, at): &(String, Timestamp)| last == job && now.since(*at) < AGAIN;
        !sent.as_ref().is_some_and(lately)
    }

    fn note_sent(&self, job: &str) {
        let now = self.shared.clock.now();
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        *sent = Some((job.to_owned(), now));
    }
}

fn fence_of(teen: TeenId) -> Key {
    Key::teen(Table::Teens, teen, keys::ERASE)
}
