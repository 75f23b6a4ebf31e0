//! Names of tables.

use innerworld_aws::{TABLES, Table, TableNames};

use super::Variables;
use crate::map::variable;

/// Names of these tables; the others are not known.
pub(super) fn tables(variables: &mut Variables, which: &[Table]) -> Option<TableNames> {
    let mut names = Some(TableNames::default());
    // Each is read, so that all that are missing are told at once.
    for table in which {
        let name = variables.text(variable_of(*table));
        names = names
            .zip(name)
            .map(|(names, name)| names.with(*table, name));
    }
    names
}

/// Names of all tables.
pub(super) fn all_tables(variables: &mut Variables) -> Option<TableNames> {
    let all: Vec<Table> = TABLES.iter().map(|schema| schema.table).collect();
    tables(variables, &all)
}

const fn variable_of(table: Table) -> &'static str {
    match table {
        Table::LiveConversations => variable::LIVE_CONVERSATIONS_TABLE,
        Table::Connections => variable::WEBSOCKET_CONNECTIONS_TABLE,
        Table::SessionContext => variable::SESSION_CONTEXT_TABLE,
        Table::Sessions => variable::SESSIONS_TABLE,
        Table::Teens => variable::TEENS_TABLE,
        Table::Memory => variable::MEMORY_TABLE,
        Table::TeenKeys => variable::TEEN_KEYS_TABLE,
        Table::Counters => variable::COUNTERS_TABLE,
    }
}
