//! The account itself: the item `account` of a teen, and the item by which its address or name is
//! found.

use innerworld_core::{
    error::{ErrorKind, PortError},
    identity::account::Account,
    ids::TeenId,
    seal::Seals,
};

use super::Macs;
use crate::{
    dynamo::{Committed, Condition, Item, Key, Table, Write},
    elsewhere,
    shared::{SEALED, Shared},
};

/// Where a sealed account lies.
const PLACE: &str = "memory/account";
/// Sort key of the item, and kind of the item that finds it.
const ITEM: &str = "account";
/// The key attribute that every item has.
const USER: &str = "user_id";

/// Makes an account with what comes with it, all or nothing. `Conflict` for a taken address, name or
/// subject.
pub(crate) async fn create(
    shared: &Shared,
    macs: &Macs,
    (account, seals): (&Account, &Seals),
    with: Write,
) -> Result<(), PortError> {
    const OPERATION: &str = "make an account";
    let finder = elsewhere::place(ITEM, &macs.account(account.handle()).await?);
    let item = sealed(shared, seals, (account, &finder))?;
    let free = || Some(Condition::Absent(USER));
    let writes = vec![
        Write::Put(key(account.teen), item, free()),
        Write::Put(finder, elsewhere::of(account.teen), free()),
        with,
    ];
    match shared.commit_for(account.teen, OPERATION, writes).await? {
        Committed::Yes => Ok(()),
        Committed::No(_) => Err(PortError::new(ErrorKind::Conflict, OPERATION)),
    }
}

/// The account of an address or name.
pub(super) async fn by_handle(
    shared: &Shared,
    macs: &Macs,
    handle: &str,
) -> Result<Option<Account>, PortError> {
    let finder = elsewhere::place(ITEM, &macs.account(handle).await?);
    let found = shared
        .dynamo
        .get("find an account by address", &finder)
        .await?;
    match found {
        Some(found) => by_id(shared, elsewhere::whose(&found)?).await,
        None => Ok(None),
    }
}

/// The account of a subject; `None` once the key is gone.
pub(super) async fn by_id(shared: &Shared, teen: TeenId) -> Result<Option<Account>, PortError> {
    let seals = match shared.teen_keys.for_reading(teen).await {
        Ok(Some(seals)) => seals,
        Ok(None) => return Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let found = shared.dynamo.get("find an account", &key(teen)).await?;
    found
        .map(|item| seals.open((PLACE, ITEM.as_bytes()), item.bytes(SEALED)?))
        .transpose()
}

/// Replaces an account; `NotFound` if it is gone. Works behind the fence: an account is marked as
/// being erased there.
pub(super) async fn update(
    shared: &Shared,
    macs: &Macs,
    account: &Account,
) -> Result<(), PortError> {
    const OPERATION: &str = "update an account";
    let gone = || PortError::new(ErrorKind::NotFound, OPERATION);
    let seals = shared.teen_keys.for_reading(account.teen).await?;
    let seals = seals.ok_or_else(gone)?;
    let finder = elsewhere::place(ITEM, &macs.account(account.handle()).await?);
    let item = sealed(shared, &seals, (account, &finder))?;
    let key = key(account.teen);
    let before = shared.dynamo.get(OPERATION, &key).await?.ok_or_else(gone)?;
    let before = elsewhere::named(&before)?.ok_or_else(gone)?;
    // A finder that is named once is never another account's.
    let same = Some(Condition::Is(
        elsewhere::PARTITION,
        before.partition.as_str().into(),
    ));
    let stored = if before.partition == finder.partition {
        shared.dynamo.put(OPERATION, (&key, item), same).await?
    } else {
        let free = Some(Condition::Absent(USER));
        let writes = [
            Write::Put(key, item, same),
            Write::Put(finder, elsewhere::of(account.teen), free),
            Write::Delete(before, None),
        ];
        let committed = shared.dynamo.commit(OPERATION, &writes).await?;
        if committed.refused(1) {
            return Err(PortError::new(ErrorKind::Conflict, OPERATION));
        }
        committed == Committed::Yes
    };
    if stored { Ok(()) } else { Err(gone()) }
}

fn sealed(
    shared: &Shared,
    seals: &Seals,
    (account, finder): (&Account, &Key),
) -> Result<Item, PortError> {
    let sealed = seals.seal(&*shared.ids, (PLACE, ITEM.as_bytes()), account)?;
    Ok(elsewhere::naming(Item::new().with(SEALED, sealed), finder))
}

fn key(teen: TeenId) -> Key {
    Key::teen(Table::Teens, teen, ITEM)
}
