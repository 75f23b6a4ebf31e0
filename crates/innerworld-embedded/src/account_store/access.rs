//! What comes and goes around an account: codes, grants, deny marks, refusals.

use std::sync::Arc;

use innerworld_core::{
    clock::Timestamp,
    error::PortError,
    identity::account::{CodeKind, IssuedCode, RefreshGrant},
    ids::TeenId,
};
use rusqlite::OptionalExtension;

use crate::{rows, shared::Shared};

const CODE: &str = "memory/code";

pub(super) async fn put_code(
    shared: &Shared,
    teen: TeenId,
    code: &IssuedCode,
) -> Result<(), PortError> {
    let seals = shared.teen_keys.for_writing(teen).await?;
    let (number, kind) = (seals.number, number_of(code.kind));
    let key = rows::numbers(number, kind);
    let sealed = seals.seal(&*shared.ids, (CODE, &key), code)?;
    let expires = code.expires_at.as_millis();
    shared
        .memory
        .write_single("store a code", Some(teen), move |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO code (teen, kind, expires, sealed) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (teen, kind) DO UPDATE SET
                       expires = excluded.expires, sealed = excluded.sealed",
                )?
                .execute((number, kind, expires, sealed))?;
            Ok(())
        })
        .await
}

pub(super) async fn code(
    shared: &Shared,
    (teen, kind): (TeenId, CodeKind),
    now: Timestamp,
) -> Result<Option<IssuedCode>, PortError> {
    let Some(seals) = shared.teen_keys.for_reading(teen).await? else {
        return Ok(None);
    };
    let (number, kind) = (seals.number, number_of(kind));
    let sealed: Option<Vec<u8>> = shared
        .memory
        .read("read a code", move |connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT sealed FROM code WHERE teen = ?1 AND kind = ?2 AND expires > ?3",
                )?
                .query_row((number, kind, now.as_millis()), |row| row.get(0))
                .optional()?)
        })
        .await?;
    let key = rows::numbers(number, kind);
    sealed
        .map(|sealed| seals.open((CODE, &key), &sealed))
        .transpose()
}

/// Reads, counts and writes in one transaction of the only writer: nobody reads in between.
pub(super) async fn guess_code(
    shared: &Shared,
    (teen, kind): (TeenId, CodeKind),
    most: u32,
    now: Timestamp,
) -> Result<Option<IssuedCode>, PortError> {
    let Some(seals) = shared.teen_keys.for_reading(teen).await? else {
        return Ok(None);
    };
    let ids = Arc::clone(&shared.ids);
    let (number, kind) = (seals.number, number_of(kind));
    let key = rows::numbers(number, kind);
    shared
        .memory
        .write("count a guess at a code", Some(teen), move |connection| {
            let sealed: Option<Vec<u8>> = connection
                .prepare_cached(
                    "SELECT sealed FROM code WHERE teen = ?1 AND kind = ?2 AND expires > ?3",
                )?
                .query_row((number, kind, now.as_millis()), |row| row.get(0))
                .optional()?;
            let Some(sealed) = sealed else {
                return Ok(None);
            };
            let mut code: IssuedCode = seals.open((CODE, &key), &sealed)?;
            if code.tries >= most {
                return Ok(None);
            }
            code.tries += 1;
            let sealed = seals.seal(&*ids, (CODE, &key), &code)?;
            connection
                .prepare_cached("UPDATE code SET sealed = ?3 WHERE teen = ?1 AND kind = ?2")?
                .execute((number, kind, sealed))?;
            Ok(Some(code))
        })
        .await
}

pub(super) async fn remove_code(
    shared: &Shared,
    teen: TeenId,
    kind: CodeKind,
) -> Result<(), PortError> {
    let Some(number) = shared.teen_keys.number(teen).await? else {
        return Ok(());
    };
    shared
        .memory
        .write_single("remove a code", None, move |connection| {
            connection
                .prepare_cached("DELETE FROM code WHERE teen = ?1 AND kind = ?2")?
                .execute((number, number_of(kind)))?;
            Ok(())
        })
        .await
}

fn number_of(kind: CodeKind) -> i64 {
    match kind {
        CodeKind::SignUp => 0,
        CodeKind::ForgotPassword => 1,
    }
}

pub(super) async fn put_grant(shared: &Shared, grant: &RefreshGrant) -> Result<(), PortError> {
    let number = shared.teen_keys.for_writing(grant.teen).await?.number;
    let (hash, auth_time) = (grant.hash, grant.auth_time.as_millis());
    let expires = grant.expires_at.as_millis();
    shared
        .memory
        .write_single("store a grant", Some(grant.teen), move |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO refresh (hash, teen, auth_time, expires)
                     VALUES (?1, ?2, ?3, ?4) ON CONFLICT (hash) DO UPDATE SET
                       teen = excluded.teen, auth_time = excluded.auth_time,
                       expires = excluded.expires",
                )?
                .execute((hash, number, auth_time, expires))?;
            Ok(())
        })
        .await
}

pub(super) async fn grant(
    shared: &Shared,
    hash: [u8; 32],
    now: Timestamp,
) -> Result<Option<RefreshGrant>, PortError> {
    let found: Option<(i64, i64, i64)> = shared
        .memory
        .read("read a grant", move |connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT teen, auth_time, expires FROM refresh
                     WHERE hash = ?1 AND expires > ?2",
                )?
                .query_row((hash, now.as_millis()), |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
                .optional()?)
        })
        .await?;
    let Some((number, auth_time, expires)) = found else {
        return Ok(None);
    };
    // Without a key there is nobody any more whom the grant could sign in.
    let seals = shared.teen_keys.by_number(number).await?;
    Ok(seals.map(|seals| RefreshGrant {
        hash,
        teen: seals.teen(),
        auth_time: Timestamp::from_millis(auth_time),
        expires_at: Timestamp::from_millis(expires),
    }))
}

pub(super) async fn remove_grant(shared: &Shared, hash: [u8; 32]) -> Result<(), PortError> {
    shared
        .memory
        .write_single("remove a grant", None, move |connection| {
            connection
                .prepare_cached("DELETE FROM refresh WHERE hash = ?1")?
                .execute([hash])?;
            Ok(())
        })
        .await
}

pub(super) async fn deny_before(
    shared: &Shared,
    teen: TeenId,
    not_before: Timestamp,
) -> Result<(), PortError> {
    let number = shared.teen_keys.for_writing(teen).await?.number;
    shared
        .memory
        .write("deny a teen's tokens", Some(teen), move |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO deny (teen, not_before) VALUES (?1, ?2)
                     ON CONFLICT (teen) DO UPDATE SET not_before = excluded.not_before",
                )?
                .execute((number, not_before.as_millis()))?;
            connection
                .prepare_cached("DELETE FROM refresh WHERE teen = ?1")?
                .execute([number])?;
            Ok(())
        })
        .await
}

pub(super) async fn denied_before(
    shared: &Shared,
    teen: TeenId,
) -> Result<Option<Timestamp>, PortError> {
    let Some(seals) = shared.teen_keys.for_reading(teen).await? else {
        return Ok(None);
    };
    shared
        .memory
        .read("read a deny mark", move |connection| {
            let found: Option<i64> = connection
                .prepare_cached("SELECT not_before FROM deny WHERE teen = ?1")?
                .query_row([seals.number], |row| row.get(0))
                .optional()?;
            Ok(found.map(Timestamp::from_millis))
        })
        .await
}

pub(super) async fn put_refusal(
    shared: &Shared,
    mac: [u8; 32],
    until: Timestamp,
) -> Result<(), PortError> {
    shared
        .memory
        .write_single("store a refusal", None, move |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO refusal (mac, until) VALUES (?1, ?2)
                     ON CONFLICT (mac) DO UPDATE SET until = excluded.until",
                )?
                .execute((mac, until.as_millis()))?;
            Ok(())
        })
        .await
}

pub(super) async fn is_refused(
    shared: &Shared,
    mac: [u8; 32],
    now: Timestamp,
) -> Result<bool, PortError> {
    shared
        .memory
        .read("look for a refusal", move |connection| {
            let found = connection
                .prepare_cached("SELECT 1 FROM refusal WHERE mac = ?1 AND until > ?2")?
                .query_row((mac, now.as_millis()), |_row| Ok(()))
                .optional()?;
            Ok(found.is_some())
        })
        .await
}
