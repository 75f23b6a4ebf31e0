//! The tables: names, keys, indexes. Terraform makes them; a test compares.

use innerworld_core::ids::TeenId;

use super::item::Value;

/// A table of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Table {
    /// Messages of live sessions.
    LiveConversations,
    /// Open sockets.
    Connections,
    /// What a session reads at every turn.
    SessionContext,
    /// Sessions with their turns and events.
    Sessions,
    /// What belongs to a teen as such.
    Teens,
    /// Evidence, graph and journal.
    Memory,
    /// Wrapped keys, and nothing else.
    TeenKeys,
    /// Referral counters.
    Counters,
}

/// Type of a key attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// Text.
    Text,
    /// Number.
    Number,
}

/// A secondary index; all of ours project keys only.
#[derive(Clone, Copy, Debug)]
pub struct IndexSchema {
    /// Its name.
    pub name: &'static str,
    /// Partition key.
    pub partition: (&'static str, KeyKind),
    /// Sort key.
    pub sort: (&'static str, KeyKind),
    /// Attributes beside the keys.
    pub also: &'static [&'static str],
}

/// What a table must look like.
#[derive(Clone, Copy, Debug)]
pub struct TableSchema {
    /// Which table.
    pub table: Table,
    /// Its name after the prefix.
    pub suffix: &'static str,
    /// Partition key.
    pub partition: &'static str,
    /// Sort key.
    pub sort: Option<(&'static str, KeyKind)>,
    /// Secondary indexes.
    pub indexes: &'static [IndexSchema],
    /// Whether items end by the attribute `expires_at`.
    pub expires: bool,
}

/// What is due. The keys of the table itself are in every index and must not be named again.
const fn sweep(also: &'static [&'static str]) -> IndexSchema {
    IndexSchema {
        name: SWEEP.0,
        partition: (SWEEP.1, KeyKind::Text),
        sort: ("sweep_at", KeyKind::Number),
        also,
    }
}

/// Name and partition key of the index of what is due.
const SWEEP: (&str, &str) = ("SweepIndex", "sweep_shard");

const LIVE_CONVERSATIONS: TableSchema = TableSchema {
    table: Table::LiveConversations,
    suffix: "live-conversations",
    partition: "conversation_id",
    sort: Some(("message_sequence", KeyKind::Number)),
    indexes: &[
        keys_only(
            "SessionIndex",
            "session_id",
            ("message_sequence", KeyKind::Number),
        ),
        keys_only("UserIndex", "user_id", ("conversation_id", KeyKind::Text)),
    ],
    expires: true,
};

const CONNECTIONS: TableSchema = TableSchema {
    table: Table::Connections,
    suffix: "websocket-connections",
    partition: "connection_id",
    sort: None,
    indexes: &[
        keys_only(
            "UserConnectionsIndex",
            "user_id",
            ("connected_at", KeyKind::Number),
        ),
        keys_only(
            "SessionConnectionsIndex",
            "session_id",
            ("connected_at", KeyKind::Number),
        ),
    ],
    expires: true,
};

const SESSION_CONTEXT: TableSchema = TableSchema {
    table: Table::SessionContext,
    suffix: "session-context",
    partition: "user_id",
    sort: Some(("session_id", KeyKind::Text)),
    indexes: &[],
    expires: true,
};

const SESSIONS: TableSchema = TableSchema {
    table: Table::Sessions,
    suffix: "sessions",
    partition: "session_id",
    sort: Some(("item", KeyKind::Text)),
    indexes: &[sweep(&["user_id"])],
    expires: true,
};

const TEENS: TableSchema = TableSchema {
    table: Table::Teens,
    suffix: "teens",
    partition: "user_id",
    sort: Some(("item", KeyKind::Text)),
    indexes: &[sweep(&[])],
    expires: true,
};

const MEMORY: TableSchema = TableSchema {
    table: Table::Memory,
    suffix: "memory",
    partition: "user_id",
    sort: Some(("item", KeyKind::Text)),
    indexes: &[],
    expires: true,
};

const TEEN_KEYS: TableSchema = TableSchema {
    table: Table::TeenKeys,
    suffix: "teen-keys",
    partition: "user_id",
    sort: None,
    indexes: &[],
    expires: false,
};

const COUNTERS: TableSchema = TableSchema {
    table: Table::Counters,
    suffix: "counters",
    partition: "counter",
    sort: Some(("bucket", KeyKind::Text)),
    indexes: &[],
    expires: true,
};

/// All tables.
pub const TABLES: &[TableSchema] = &[
    LIVE_CONVERSATIONS,
    CONNECTIONS,
    SESSION_CONTEXT,
    SESSIONS,
    TEENS,
    MEMORY,
    TEEN_KEYS,
    COUNTERS,
];

const fn keys_only(
    name: &'static str,
    partition: &'static str,
    sort: (&'static str, KeyKind),
) -> IndexSchema {
    IndexSchema {
        name,
        partition: (partition, KeyKind::Text),
        sort,
        also: &[],
    }
}

impl Table {
    /// What it must look like.
    pub const fn schema(self) -> &'static TableSchema {
        match self {
            Self::LiveConversations => &LIVE_CONVERSATIONS,
            Self::Connections => &CONNECTIONS,
            Self::SessionContext => &SESSION_CONTEXT,
            Self::Sessions => &SESSIONS,
            Self::Teens => &TEENS,
            Self::Memory => &MEMORY,
            Self::TeenKeys => &TEEN_KEYS,
            Self::Counters => &COUNTERS,
        }
    }
}

/// What the tables are called in an account. A function that uses some of them names those only: a
/// call to a table without a name fails.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableNames {
    /// Table of [`Table::LiveConversations`].
    pub live_conversations: String,
    /// Table of [`Table::Connections`].
    pub connections: String,
    /// Table of [`Table::SessionContext`].
    pub session_context: String,
    /// Table of [`Table::Sessions`].
    pub sessions: String,
    /// Table of [`Table::Teens`].
    pub teens: String,
    /// Table of [`Table::Memory`].
    pub memory: String,
    /// Table of [`Table::TeenKeys`].
    pub teen_keys: String,
    /// Table of [`Table::Counters`].
    pub counters: String,
}

impl TableNames {
    /// The names that Terraform gives under this prefix: `innerworld-prod`.
    pub fn with_prefix(prefix: &str) -> Self {
        let name = |table: Table| format!("{prefix}-{}", table.schema().suffix);
        Self {
            live_conversations: name(Table::LiveConversations),
            connections: name(Table::Connections),
            session_context: name(Table::SessionContext),
            sessions: name(Table::Sessions),
            teens: name(Table::Teens),
            memory: name(Table::Memory),
            teen_keys: name(Table::TeenKeys),
            counters: name(Table::Counters),
        }
    }

    /// The same with another name for one of them.
    #[must_use]
    pub fn with(mut self, table: Table, name: String) -> Self {
        let place = match table {
            Table::LiveConversations => &mut self.live_conversations,
            Table::Connections => &mut self.connections,
            Table::SessionContext => &mut self.session_context,
            Table::Sessions => &mut self.sessions,
            Table::Teens => &mut self.teens,
            Table::Memory => &mut self.memory,
            Table::TeenKeys => &mut self.teen_keys,
            Table::Counters => &mut self.counters,
        };
        *place = name;
        self
    }

    /// The name of one of them.
    pub fn of(&self, table: Table) -> &str {
        match table {
            Table::LiveConversations => &self.live_conversations,
            Table::Connections => &self.connections,
            Table::SessionContext => &self.session_context,
            Table::Sessions => &self.sessions,
            Table::Teens => &self.teens,
            Table::Memory => &self.memory,
            Table::TeenKeys => &self.teen_keys,
            Table::Counters => &self.counters,
        }
    }
}

/// An index that is queried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Index {
    /// What is due, in eight shards.
    Sweep,
    /// Rows of a teen.
    User,
}

impl Index {
    /// Its name and its partition key in this table.
    pub(crate) const fn of(self, table: Table) -> (&'static str, &'static str) {
        match (self, table) {
            (Self::User, Table::Connections) => ("UserConnectionsIndex", "user_id"),
            (Self::User, _) => ("UserIndex", "user_id"),
            (Self::Sweep, _) => SWEEP,
        }
    }
}

/// Where an item lies.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) table: Table,
    pub(crate) partition: String,
    pub(crate) sort: Option<Value>,
}

impl Key {
    /// The item of a table without sort key.
    pub(crate) fn alone(table: Table, partition: impl Into<String>) -> Self {
        Self {
            table,
            partition: partition.into(),
            sort: None,
        }
    }

    /// One item of a partition.
    pub(crate) fn of(table: Table, partition: impl Into<String>, sort: impl Into<Value>) -> Self {
        Self {
            table,
            partition: partition.into(),
            sort: Some(sort.into()),
        }
    }

    /// One of a teen's items, in a table whose partitions are teens.
    pub(crate) fn teen(table: Table, teen: TeenId, item: impl Into<Value>) -> Self {
        Self::of(table, teen.to_string(), item)
    }

    /// The names of the key's attributes with their values.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&'static str, Value)> {
        let schema = self.table.schema();
        let partition = (schema.partition, Value::from(self.partition.as_str()));
        let sort = schema.sort.map(|(name, _kind)| name).zip(self.sort.clone());
        std::iter::once(partition).chain(sort)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_finds_its_own_schema() {
        for schema in TABLES {
            assert_eq!(schema.table.schema().suffix, schema.suffix);
            let names = TableNames::with_prefix("p");
            assert_eq!(names.of(schema.table), format!("p-{}", schema.suffix));
        }
    }
}
