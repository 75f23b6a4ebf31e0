//! Codes that were sent: the items `code#<kind>` of a teen.

use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::account::{CodeKind, IssuedCode},
    ids::TeenId,
    seal::Seals,
};

use crate::{
    dynamo::{Condition, Item, Key, Table},
    shared::{SEALED, Shared},
};

/// Where a sealed code lies.
const PLACE: &str = "memory/code";
/// How often a guess is counted anew because another was counted first.
const TRIES: usize = 64;

/// Stores a code, replacing one of its kind.
pub(super) async fn put(shared: &Shared, teen: TeenId, code: &IssuedCode) -> Result<(), PortError> {
    let seals = shared.teen_keys.for_writing(teen).await?;
    let item = sealed(shared, &seals, code)?;
    shared
        .put_for(teen, "store a code", (key(teen, code.kind), item), None)
        .await
        .map(|_stored| ())
}

/// The live code of this kind.
pub(super) async fn find(
    shared: &Shared,
    (teen, kind): (TeenId, CodeKind),
    now: Timestamp,
) -> Result<Option<IssuedCode>, PortError> {
    let Some(seals) = shared.teen_keys.for_reading(teen).await? else {
        return Ok(None);
    };
    let found = shared.dynamo.get("read a code", &key(teen, kind)).await?;
    found
        .filter(|item| item.lives(now))
        .map(|item| open(&seals, kind, &item))
        .transpose()
}

/// Counts a guess. Every seal is another one, so the bytes that were read tell whether anybody wrote
/// in between; then the guess is counted after theirs.
pub(super) async fn guess(
    shared: &Shared,
    (teen, kind): (TeenId, CodeKind),
    most: u32,
    now: Timestamp,
) -> Result<Option<IssuedCode>, PortError> {
    const OPERATION: &str = "count a guess at a code";
    let Some(seals) = shared.teen_keys.for_reading(teen).await? else {
        return Ok(None);
    };
    shared.teen_keys.allow_writing(teen).await?;
    let key = key(teen, kind);
    for _ in 0..TRIES {
        let found = shared.dynamo.get(OPERATION, &key).await?;
        let Some(item) = found.filter(|item| item.lives(now)) else {
            return Ok(None);
        };
        let mut code = open(&seals, kind, &item)?;
        if code.tries >= most {
            return Ok(None);
        }
        code.tries = code.tries.saturating_add(1);
        let unread = Condition::Is(SEALED, item.bytes(SEALED)?.to_vec().into());
        let item = sealed(shared, &seals, &code)?;
        if shared
            .dynamo
            .put(OPERATION, (&key, item), Some(unread))
            .await?
        {
            return Ok(Some(code));
        }
    }
    Err(PortError::new(ErrorKind::Throttled, OPERATION))
}

/// Removes a code.
pub(super) async fn remove(shared: &Shared, teen: TeenId, kind: CodeKind) -> Result<(), PortError> {
    shared
        .dynamo
        .take("remove a code", &key(teen, kind), None)
        .await
        .map(|_taken| ())
}

fn sealed(shared: &Shared, seals: &Seals, code: &IssuedCode) -> Result<Item, PortError> {
    let place = (PLACE, name(code.kind).as_bytes());
    let sealed = seals.seal(&*shared.ids, place, code)?;
    Ok(Item::new().with(SEALED, sealed).until(code.expires_at))
}

fn open(seals: &Seals, kind: CodeKind, item: &Item) -> Result<IssuedCode, PortError> {
    seals.open((PLACE, name(kind).as_bytes()), item.bytes(SEALED)?)
}

const fn name(kind: CodeKind) -> &'static str {
    match kind {
        CodeKind::SignUp => "code#sign_up",
        CodeKind::ForgotPassword => "code#forgot_password",
    }
}

fn key(teen: TeenId, kind: CodeKind) -> Key {
    Key::teen(Table::Teens, teen, name(kind))
}
