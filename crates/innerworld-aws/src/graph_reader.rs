//! The graph reader: pages of sealed records for whoever cannot reach the graph, and what a session
//! starts with. It holds no key.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::{SessionId, TeenId},
    memory::graph::{Edge, Node, NodeId},
    seal,
};
use serde::{Deserialize, Serialize};

use crate::{
    dynamo::{Item, Key, Table},
    neptune::{
        graph::NeptuneGraph,
        pages::{Cursor, GraphPages as _, Page, Whose},
        patch::Records,
        rows::{EdgeRow, NodeRow},
    },
    open::Aws,
    shared::Shared,
};

/// Steps of a session's start at most, the heaviest first.
const STEPS: usize = 300;
/// Bytes of them at most.
const BYTES: usize = 250_000;
/// About how many bytes a step has beside its sealed records.
const ROW: usize = 600;
/// How long a session's context lives.
const LIFE: Duration = Duration::from_secs(3_600);
/// The attribute with the rows.
const ROWS: &str = "rows";

/// An edge of the teen's own node, with the node it leads to, as stored.
#[derive(Serialize, Deserialize)]
struct Beside {
    edge: EdgeRow,
    node: NodeRow,
}

/// Reads graphs.
#[derive(Clone, Debug)]
pub struct GraphReader {
    shared: Arc<Shared>,
    graph: NeptuneGraph,
}

impl Aws {
    /// What reads this graph.
    pub fn graph_reader(&self, graph: NeptuneGraph) -> GraphReader {
        GraphReader {
            shared: Arc::clone(&self.shared),
            graph,
        }
    }

    /// What the graph reader found at the start of a session, opened: edges of the teen's own node
    /// with the nodes they lead to, the heaviest first. `None` if it has not come to it yet, or if it
    /// has ended.
    pub async fn graph_context(
        &self,
        teen: TeenId,
        session: SessionId,
    ) -> Result<Option<Vec<(Edge, Node)>>, PortError> {
        let shared = &self.shared;
        let Some(seals) = shared.teen_keys.for_reading(teen).await? else {
            return Ok(None);
        };
        let key = key(teen, session);
        let found = shared.dynamo.get("read a session's graph", &key).await?;
        let found = found.filter(|item| item.lives(shared.clock.now()));
        let number = shared.graph_number(teen).await?;
        let Some((item, number)) = found.zip(number) else {
            return Ok(None);
        };
        let seals = &*seals;
        let records = Records { number, seals };
        let steps: Vec<Beside> = seal::decode(item.bytes(ROWS)?)?;
        let opened = steps.iter().map(|step| {
            Ok((
                records.open_edge(&step.edge)?,
                records.open_node(&step.node)?,
            ))
        });
        opened.collect::<Result<_, PortError>>().map(Some)
    }
}

impl GraphReader {
    /// Whether both of the graph's addresses answer.
    pub async fn ping(&self) -> Result<(), PortError> {
        self.graph.ping().await
    }

    /// A page of a teen's graph with every write in it; `Denied` for a fenced teen.
    pub async fn page(&self, teen: TeenId, from: Cursor) -> Result<Page, PortError> {
        self.shared.teen_keys.allow_writing(teen).await?;
        match self.shared.graph_number(teen).await? {
            Some(number) => self.graph.page(Whose { teen, number }, from).await,
            None => Ok(Page::default()),
        }
    }

    /// Stores what stands beside `node`, the teen's own, for a session that begins; how many steps.
    /// `Denied` for a fenced teen.
    pub async fn start_session(
        &self,
        teen: TeenId,
        session: SessionId,
        node: NodeId,
    ) -> Result<usize, PortError> {
        const OPERATION: &str = "store a session's graph";
        self.shared.teen_keys.allow_writing(teen).await?;
        let Some(number) = self.shared.graph_number(teen).await? else {
            return Ok(0);
        };
        let steps = self.graph.neighbours(number, &[node], STEPS).await?;
        let mut size = 0;
        let fits = |step: &Beside| {
            size += ROW + step.edge.sealed.len() + step.node.sealed.len();
            size <= BYTES
        };
        let steps = steps.into_iter().map(|step| Beside {
            edge: step.edge,
            node: step.node,
        });
        let steps: Vec<Beside> = steps.take_while(fits).collect();
        let item = Item::new()
            .with(ROWS, seal::encode(&steps)?)
            .until(self.shared.clock.now().plus(LIFE));
        // With the fence: an erase meanwhile would leave it behind.
        let put = (key(teen, session), item);
        if self.shared.put_for(teen, OPERATION, put, None).await? {
            Ok(steps.len())
        } else {
            Err(PortError::new(ErrorKind::Unavailable, OPERATION))
        }
    }
}

fn key(teen: TeenId, session: SessionId) -> Key {
    Key::of(
        Table::SessionContext,
        teen.to_string(),
        format!("{session}#graph"),
    )
}
