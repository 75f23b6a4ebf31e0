//! Items that are found by something else than their teen: the account of an address, the grant of
//! a token. Each lies in a partition of its own, and an item of its teen's partition names it, so
//! that whoever deletes the teen's items finds and deletes it with them.

use innerworld_core::{
    error::{ErrorKind, PortError},
    hex,
    ids::TeenId,
};

use crate::dynamo::{Condition, Item, Key, Table};

/// Attributes of the naming item: partition and sort key of the other one, in the table `teens`.
pub(crate) const PARTITION: &str = "elsewhere";
const ITEM: &str = "elsewhere_item";
/// Attribute of the other one: whose it is.
const TEEN: &str = "teen";

/// The place of what is found by a hash: the partition `kind#<hash>`, the item `kind`.
pub(crate) fn place(kind: &str, hash: &[u8]) -> Key {
    Key::of(Table::Teens, partition(kind, hash), kind)
}

/// The partition of what is found by a hash. It is also the sort key of an item that does nothing
/// but name the other one.
pub(crate) fn partition(kind: &str, hash: &[u8]) -> String {
    format!("{kind}#{}", hex::encode(hash))
}

/// An item of a teen's partition that names `other`.
pub(crate) fn naming(item: Item, other: &Key) -> Item {
    let item = item.with(PARTITION, other.partition.as_str());
    match &other.sort {
        Some(sort) => item.with(ITEM, sort.clone()),
        None => item,
    }
}

/// What an item of a teen's partition names; `None` if nothing.
pub(crate) fn named(item: &Item) -> Result<Option<Key>, PortError> {
    let partition = item.maybe_text(PARTITION)?;
    partition
        .map(|partition| Ok(Key::of(Table::Teens, partition, item.text(ITEM)?)))
        .transpose()
}

/// The other item, with whose it is.
pub(crate) fn of(teen: TeenId) -> Item {
    Item::new().with(TEEN, teen.to_string())
}

/// The other item is still this teen's: what is found by an address may be another's by now.
pub(crate) fn belongs_to(teen: TeenId) -> Condition {
    Condition::Is(TEEN, teen.to_string().into())
}

/// Whose the other item is.
pub(crate) fn whose(item: &Item) -> Result<TeenId, PortError> {
    teen_in(item, TEEN)
}

/// The teen whose id is the text of this attribute.
pub(crate) fn teen_in(item: &Item, attribute: &str) -> Result<TeenId, PortError> {
    TeenId::from_verified_subject(item.text(attribute)?)
        .map_err(|cause| PortError::with_source(ErrorKind::Corrupt, "read a teen's id", cause))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_item_names_is_found_again() {
        let other = place("grant", &[0xab, 0x01]);
        let found = named(&naming(Item::new(), &other)).unwrap().unwrap();
        assert_eq!(found.partition, "grant#ab01");
        assert!(found.sort == Some("grant".into()));
        assert!(named(&Item::new()).unwrap().is_none());
    }

    #[test]
    fn a_teen_is_read_back_and_another_text_is_corrupt() {
        let teen = TeenId::from_subject_bits(7);
        assert_eq!(whose(&of(teen)).unwrap(), teen);
        assert!(whose(&Item::new().with(TEEN, "nobody")).is_err());
        assert!(whose(&Item::new()).is_err());
    }
}
