//! Refresh grants and the deny mark.
//!
//! A grant is found by its token's hash, in a partition of its own. It carries the number of the
//! teen's round, which the item `deny` counts: one write that raises the round ends every grant at
//! once, however many there are; deleting them comes after it.

use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::account::RefreshGrant,
    ids::TeenId,
};

use crate::{
    dynamo::{Change, Committed, Condition, Item, Key, Query, Table, Write},
    elsewhere,
    shared::Shared,
};

/// Kind of the item that is found by the token's hash, and prefix of the teen's item that names it.
const GRANT: &str = "grant";
/// Sort key of the deny mark.
const DENY: &str = "deny";
/// The attribute of the round, of grants and of the deny mark.
const ROUND: &str = "round";
/// The deny mark's instant.
const NOT_BEFORE: &str = "not_before";
/// How often a grant is stored anew because a round ended meanwhile.
const TRIES: usize = 4;
/// Grants deleted at once: two items each, of a hundred in a commit.
const AT_ONCE: usize = 45;

/// Stores a grant of the present round.
pub(super) async fn put(shared: &Shared, grant: &RefreshGrant) -> Result<(), PortError> {
    const OPERATION: &str = "store a grant";
    let place = elsewhere::place(GRANT, &grant.hash);
    for _ in 0..TRIES {
        let (round, still) = round(shared, grant.teen).await?;
        let found = elsewhere::of(grant.teen)
            .with("auth_time", grant.auth_time.as_millis())
            .with(ROUND, round)
            .until(grant.expires_at);
        let names = Item::new().with(ROUND, round).until(grant.expires_at);
        let writes = vec![
            Write::Put(place.clone(), found, None),
            Write::Put(
                name(grant.teen, grant.hash),
                elsewhere::naming(names, &place),
                None,
            ),
            Write::Check(deny(grant.teen), still),
        ];
        if shared.commit_for(grant.teen, OPERATION, writes).await? == Committed::Yes {
            return Ok(());
        }
    }
    Err(PortError::new(ErrorKind::Throttled, OPERATION))
}

/// The live grant with this hash.
pub(super) async fn find(
    shared: &Shared,
    hash: [u8; 32],
    now: Timestamp,
) -> Result<Option<RefreshGrant>, PortError> {
    let place = elsewhere::place(GRANT, &hash);
    let found = shared.dynamo.get("read a grant", &place).await?;
    let Some(found) = found.filter(|grant| grant.lives(now)) else {
        return Ok(None);
    };
    let teen = elsewhere::whose(&found)?;
    let (round, _still) = round(shared, teen).await?;
    // A teen who is being erased signs in no more.
    if found.number::<i64>(ROUND)? != round || shared.teen_keys.is_fenced(teen).await? {
        return Ok(None);
    }
    Ok(Some(RefreshGrant {
        hash,
        teen,
        auth_time: Timestamp::from_millis(found.number("auth_time")?),
        expires_at: found.ends()?,
    }))
}

/// Removes one grant.
pub(super) async fn remove(shared: &Shared, hash: [u8; 32]) -> Result<(), PortError> {
    const OPERATION: &str = "remove a grant";
    let place = elsewhere::place(GRANT, &hash);
    let Some(found) = shared.dynamo.take(OPERATION, &place, None).await? else {
        return Ok(());
    };
    let name = name(elsewhere::whose(&found)?, hash);
    shared
        .dynamo
        .take(OPERATION, &name, None)
        .await
        .map(|_taken| ())
}

/// Refuses what was issued before, and ends every grant.
pub(super) async fn deny_before(
    shared: &Shared,
    teen: TeenId,
    not_before: Timestamp,
) -> Result<(), PortError> {
    let change = Change::new()
        .set(NOT_BEFORE, not_before.as_millis())
        .add(ROUND, 1);
    let writes = vec![Write::Update(deny(teen), change, None)];
    shared
        .commit_for(teen, "deny a teen's tokens", writes)
        .await?;
    delete_ended(shared, teen).await
}

/// Deletes the grants of earlier rounds.
async fn delete_ended(shared: &Shared, teen: TeenId) -> Result<(), PortError> {
    const OPERATION: &str = "delete the grants that ended";
    let (round, _still) = round(shared, teen).await?;
    let query = Query::of(Table::Teens, teen.to_string()).prefix(format!("{GRANT}#"));
    let mut ended = Vec::new();
    for item in shared.dynamo.query(OPERATION, query).await? {
        if item.number::<i64>(ROUND)? < round {
            ended.push(item);
        }
    }
    for some in ended.chunks(AT_ONCE) {
        let mut writes = Vec::with_capacity(2 * some.len());
        for item in some {
            let name = Key::teen(Table::Teens, teen, item.text("item")?);
            writes.push(Write::Delete(name, None));
            writes.extend(elsewhere::named(item)?.map(|place| Write::Delete(place, None)));
        }
        shared.dynamo.commit(OPERATION, &writes).await?;
    }
    Ok(())
}

/// The deny mark.
pub(super) async fn denied_before(
    shared: &Shared,
    teen: TeenId,
) -> Result<Option<Timestamp>, PortError> {
    let found = shared.dynamo.get("read a deny mark", &deny(teen)).await?;
    found
        .map(|mark| mark.number(NOT_BEFORE).map(Timestamp::from_millis))
        .transpose()
}

/// The present round, and what holds as long as it lasts.
async fn round(shared: &Shared, teen: TeenId) -> Result<(i64, Condition), PortError> {
    let mark = shared.dynamo.get("read a deny mark", &deny(teen)).await?;
    Ok(match mark {
        None => (0, Condition::Absent("user_id")),
        Some(mark) => {
            let round: i64 = mark.number(ROUND)?;
            (round, Condition::Is(ROUND, round.into()))
        }
    })
}

fn deny(teen: TeenId) -> Key {
    Key::teen(Table::Teens, teen, DENY)
}

fn name(teen: TeenId, hash: [u8; 32]) -> Key {
    Key::teen(Table::Teens, teen, elsewhere::partition(GRANT, &hash))
}
