//! Rows of `teen_key`.

use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::{IdSource, TeenId},
    seal::TeenKey,
};
use rusqlite::{Connection, OptionalExtension};

use super::super::master::Master;
use crate::fault::Failure;

/// A teen's row.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) teen: TeenId,
    pub(super) number: i64,
    pub(super) epoch: i64,
    pub(super) fence: Option<i64>,
    wrapped: Option<Vec<u8>>,
}

impl Row {
    /// The key; `None` once it was destroyed.
    pub(super) fn unwrap(&self, master: &Master) -> Result<Option<TeenKey>, PortError> {
        let Some(wrapped) = &self.wrapped else {
            return Ok(None);
        };
        let name = wrap_name(self.teen, self.epoch);
        let bytes = master.unwrap_key(("teen_key", &name), wrapped)?;
        Ok(Some(TeenKey::from_bytes(*bytes)))
    }
}

pub(super) fn find(connection: &Connection, teen: TeenId) -> Result<Option<Row>, Failure> {
    Ok(connection
        .prepare_cached(
            "SELECT teen, user_id, epoch, fence, wrapped FROM teen_key WHERE user_id = ?1",
        )?
        .query_row([teen.to_bytes()], read)
        .optional()?)
}

pub(super) fn find_number(connection: &Connection, number: i64) -> Result<Option<Row>, Failure> {
    Ok(connection
        .prepare_cached(
            "SELECT teen, user_id, epoch, fence, wrapped FROM teen_key WHERE teen = ?1",
        )?
        .query_row([number], read)
        .optional()?)
}

pub(super) fn find_or_make(
    connection: &Connection,
    (master, ids): (&Master, &dyn IdSource),
    teen: TeenId,
) -> Result<Row, Failure> {
    if let Some(row) = find(connection, teen)? {
        return Ok(row);
    }
    let number = free_number(connection, ids)?;
    let key = TeenKey::generate(ids);
    let epoch = 0;
    let wrapped = master.wrap(ids, ("teen_key", &wrap_name(teen, epoch)), key.expose())?;
    connection
        .prepare_cached(
            "INSERT INTO teen_key (teen, user_id, epoch, wrapped) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((number, teen.to_bytes(), epoch, &wrapped))?;
    Ok(Row {
        teen,
        number,
        epoch,
        fence: None,
        wrapped: Some(wrapped),
    })
}

/// Stores the fence. A teen without a key gets a row that only says so.
pub(super) fn fence(
    connection: &Connection,
    ids: &dyn IdSource,
    teen: TeenId,
) -> Result<(), Failure> {
    let changed = connection
        .prepare_cached(
            "UPDATE teen_key SET fence = coalesce(fence, epoch + 1) WHERE user_id = ?1",
        )?
        .execute([teen.to_bytes()])?;
    if changed == 0 {
        let number = free_number(connection, ids)?;
        connection
            .prepare_cached(
                "INSERT INTO teen_key (teen, user_id, epoch, fence) VALUES (?1, ?2, 0, 1)",
            )?
            .execute((number, teen.to_bytes()))?;
    }
    Ok(())
}

pub(super) fn destroy(connection: &Connection, teen: TeenId) -> Result<(), Failure> {
    connection
        .prepare_cached(
            "UPDATE teen_key SET wrapped = NULL, fence = coalesce(fence, epoch + 1)
             WHERE user_id = ?1",
        )?
        .execute([teen.to_bytes()])?;
    Ok(())
}

pub(super) fn remove(connection: &Connection, teen: TeenId) -> Result<(), Failure> {
    connection
        .prepare_cached("DELETE FROM teen_key WHERE user_id = ?1")?
        .execute([teen.to_bytes()])?;
    Ok(())
}

/// A random 63-bit number that nobody has.
fn free_number(connection: &Connection, ids: &dyn IdSource) -> Result<i64, Failure> {
    for _ in 0..8 {
        let mut bytes = [0_u8; 8];
        ids.fill(&mut bytes);
        let number = i64::from_be_bytes(bytes) & i64::MAX;
        if number != 0 && find_number(connection, number)?.is_none() {
            return Ok(number);
        }
    }
    Err(PortError::new(ErrorKind::Unavailable, "draw a free teen number").into())
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        number: row.get(0)?,
        teen: TeenId::from_bytes(row.get(1)?),
        epoch: row.get(2)?,
        fence: row.get(3)?,
        wrapped: row.get(4)?,
    })
}

/// What the wrapping is bound to: the teen and the key's epoch.
fn wrap_name(teen: TeenId, epoch: i64) -> [u8; 24] {
    let mut name = [0; 24];
    let (subject, rest) = name.split_at_mut(16);
    subject.copy_from_slice(&teen.to_bytes());
    rest.copy_from_slice(&epoch.to_be_bytes());
    name
}

/// All fences that stand, for a start: the teen, and whether its key is gone.
pub(crate) fn fenced(connection: &Connection) -> rusqlite::Result<Vec<(TeenId, bool)>> {
    connection
        .prepare("SELECT user_id, wrapped IS NULL FROM teen_key WHERE fence IS NOT NULL")?
        .query_map([], |row| Ok((TeenId::from_bytes(row.get(0)?), row.get(1)?)))?
        .collect()
}
