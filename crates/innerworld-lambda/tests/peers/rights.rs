//! What a function asks of the tables, beside what the map lets it do.

use innerworld_aws::{TABLES, TableNames};
use innerworld_lambda::map::{Function, Resource};
use innerworld_testkit::cutting_proxy::Asked;

/// Whether the function has the right to what it asked for.
pub(crate) fn has(function: &Function, names: &TableNames, (action, of): &Asked) -> bool {
    let action = format!("dynamodb:{action}");
    let (name, index) = match of.split_once("/index/") {
        Some((name, index)) => (name, Some(index)),
        None => (of.as_str(), None),
    };
    let schema = TABLES.iter().find(|schema| names.of(schema.table) == name);
    let Some(table) = schema.map(|schema| schema.table) else {
        return false;
    };
    function.rights.iter().any(|right| {
        let here = match right.resource {
            Resource::Table(of) => index.is_none() && of == table,
            Resource::SweepIndex(of) => index == Some("SweepIndex") && of == table,
            Resource::UserIndex(of) => {
                index.is_some_and(|index| index.starts_with("User")) && of == table
            }
            _ => false,
        };
        here && right.actions.contains(&action.as_str())
    })
}
