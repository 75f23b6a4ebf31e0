//! Health that touches what it reports.

use innerworld_core::{
    error::PortError,
    health::{HealthCheck, HealthState},
};

use crate::{
    dynamo::{Key, TABLES, Table},
    open::Aws,
};

/// Partition of an item that is never there: asking for it reads the table and finds nobody.
const NOBODY: &str = "_nobody";

impl Aws {
    /// Whether the table is there and takes reads and writes.
    pub async fn is_active(&self, table: Table) -> Result<bool, PortError> {
        self.shared.dynamo.is_active(table).await
    }

    /// Reads from each table, and unwraps a key.
    pub async fn health(&self) -> Vec<HealthCheck> {
        let mut checks = Vec::with_capacity(TABLES.len() + 1);
        for schema in TABLES {
            let item = nobody(schema.table);
            let asked = self.shared.dynamo.get("read a table", &item).await;
            checks.push(report(name_of(schema.table), asked.map(|_nothing| "read")));
        }
        let key = self.shared.teen_keys.service_key("health").await;
        checks.push(report("keys", key.map(|_key| "a key was unwrapped")));
        checks
    }
}

/// The key of an item that is never there.
pub(crate) fn nobody(table: Table) -> Key {
    use crate::dynamo::KeyKind;
    match table.schema().sort {
        None => Key::alone(table, NOBODY),
        Some((_name, KeyKind::Text)) => Key::of(table, NOBODY, NOBODY),
        Some((_name, KeyKind::Number)) => Key::of(table, NOBODY, 0_i64),
    }
}

fn report(name: &'static str, asked: Result<&str, PortError>) -> HealthCheck {
    let (state, detail) = match asked {
        Ok(detail) => (HealthState::Ok, detail.to_owned()),
        Err(error) => (HealthState::Down, with_cause(&error)),
    };
    HealthCheck {
        name,
        state,
        detail,
    }
}

fn with_cause(error: &dyn std::error::Error) -> String {
    error
        .source()
        .map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

const fn name_of(table: Table) -> &'static str {
    match table {
        Table::LiveConversations => "live_conversations",
        Table::Connections => "connections",
        Table::SessionContext => "session_context",
        Table::Sessions => "sessions",
        Table::Teens => "teens",
        Table::Memory => "memory",
        Table::TeenKeys => "teen_keys",
        Table::Counters => "counters",
    }
}
