//! The number that stands for a teen in a graph database: random, and nowhere else but in the item
//! `graph` of the teen and in what waits for the graph.

use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::TeenId,
};

use crate::{
    dynamo::{Condition, Item, Key, Table},
    neptune::rows::TeenNumber,
    shared::Shared,
};

const ITEM: &str = "graph";
const NUMBER: &str = "teen_no";

impl Shared {
    /// The teen's number; `None` for a teen of whom nothing was ever written to the graph.
    pub(crate) async fn graph_number(&self, teen: TeenId) -> Result<Option<TeenNumber>, PortError> {
        const OPERATION: &str = "read a teen's number";
        let found = self.dynamo.get(OPERATION, &key(teen)).await?;
        let Some(item) = found else { return Ok(None) };
        let number = TeenNumber::new(item.number(NUMBER)?);
        number
            .map(Some)
            .ok_or_else(|| PortError::new(ErrorKind::Corrupt, OPERATION))
    }

    /// The teen's number, made now if there is none. `Denied` for a fenced teen without one.
    pub(crate) async fn make_graph_number(&self, teen: TeenId) -> Result<TeenNumber, PortError> {
        const OPERATION: &str = "give a teen a number";
        if let Some(number) = self.graph_number(teen).await? {
            return Ok(number);
        }
        let mut random = [0; 8];
        self.ids.fill(&mut random);
        // 63 bits, and never 0.
        let number = i64::from_be_bytes(random) & i64::MAX | 1;
        let item = Item::new().with(NUMBER, number);
        let absent = Some(Condition::Absent("user_id"));
        self.put_for(teen, OPERATION, (key(teen), item), absent)
            .await?;
        // Another process may have been first.
        self.graph_number(teen)
            .await?
            .ok_or_else(|| PortError::new(ErrorKind::Unavailable, OPERATION))
    }
}

fn key(teen: TeenId) -> Key {
    Key::teen(Table::Teens, teen, ITEM)
}
