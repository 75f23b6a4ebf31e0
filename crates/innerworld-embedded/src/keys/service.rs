//! The server's own keys: named, made at first use, wrapped by the master.

use innerworld_core::ids::IdSource;
use rusqlite::{Connection, OptionalExtension};
use zeroize::Zeroizing;

use super::master::Master;
use crate::fault::Failure;

/// The key of this name, if it was made.
pub(crate) fn find(
    connection: &Connection,
    master: &Master,
    name: &str,
) -> Result<Option<Zeroizing<[u8; 32]>>, Failure> {
    let wrapped: Option<Vec<u8>> = connection
        .prepare_cached("SELECT wrapped FROM service_key WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    Ok(match wrapped {
        Some(wrapped) => Some(master.unwrap_key(("service_key", name.as_bytes()), &wrapped)?),
        None => None,
    })
}

/// The key of this name, made if it is new. Runs on the writer, so two first uses meet one key.
pub(crate) fn find_or_make(
    connection: &Connection,
    master: &Master,
    ids: &dyn IdSource,
    name: &str,
) -> Result<Zeroizing<[u8; 32]>, Failure> {
    if let Some(key) = find(connection, master, name)? {
        return Ok(key);
    }
    let mut key = Zeroizing::new([0_u8; 32]);
    ids.fill(&mut *key);
    let wrapped = master.wrap(ids, ("service_key", name.as_bytes()), &*key)?;
    connection
        .prepare_cached("INSERT INTO service_key (name, wrapped) VALUES (?1, ?2)")?
        .execute((name, wrapped))?;
    Ok(key)
}
