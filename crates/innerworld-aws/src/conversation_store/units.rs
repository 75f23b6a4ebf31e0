//! What an ordinary message costs, by the sizes of its items.

use innerworld_core::{
    conversation::record::TurnRecord,
    seal::{Seals, TeenKey},
};
use innerworld_testkit::{
    SeededIds,
    records::{NOW, Records},
};

use super::{
    accept::Offer,
    meta::Meta,
    open,
    rows::{Maker, meta_key},
    said::Conversation,
};
use crate::dynamo::{Item, Write};

/// A kilobyte, or a part of one: what a write unit pays for.
const UNIT: usize = 1_024;

/// A message as long as most, in a turn.
fn ordinary(turn: &mut TurnRecord) {
    if let Some(message) = &mut turn.message {
        message.text =
            "We practised the song again and I still cannot get the bridge right, but Mara \
                        says that it sounds better every week."
                .to_owned()
                .into();
        message.prompt_text = message.text.clone();
    }
}

#[test]
fn accepting_an_ordinary_message_takes_items_of_a_kilobyte() {
    let (records, ids) = (
        Records::named("accepting_takes_items_of_a_kilobyte"),
        SeededIds::named("units"),
    );
    let session = records.session(records.teen());
    let seals = Seals::new(session.teen, &TeenKey::from_bytes([7; 32])).unwrap();
    let maker = Maker {
        seals: &seals,
        ids: &ids,
    };
    let mut turn = records.turn(&session, 24, 61);
    ordinary(&mut turn);
    let conversation = Conversation {
        id: Conversation::id_of(session.teen, NOW),
        first: 40,
    };
    let stored = open::item(&maker, &session, &conversation).unwrap();
    let meta_size = whole(&meta_key(session.id), stored.clone());
    assert!(meta_size <= UNIT, "the session takes {meta_size} bytes");
    let meta = Meta::read(session.id, stored).unwrap();
    let accept = records.accept(session.teen, &turn);
    let offer = Offer {
        maker: &maker,
        accept: &accept,
        now: NOW,
    };
    let (mut puts, mut updates) = (0, 0);
    for write in offer.writes(&meta).unwrap() {
        match write {
            Write::Put(key, item, _) => {
                let size = whole(&key, item);
                assert!(
                    size <= UNIT,
                    "an item of {:?} takes {size} bytes",
                    key.table
                );
                puts += 1;
            }
            Write::Update(..) => updates += 1,
            Write::Delete(..) | Write::Check(..) => panic!("nothing else is written"),
        }
    }
    // Two units for each item of a commit, one for each entry in the two indexes of the messages.
    assert_eq!(2 * (puts + updates) + 2, 8);
}

fn whole(key: &crate::dynamo::Key, item: Item) -> usize {
    key.attributes()
        .fold(item, |item, (name, value)| item.with(name, value))
        .size()
}
