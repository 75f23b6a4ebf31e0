//! What a teen sees of their memory.

use innerworld_core::{
    error::ErrorKind,
    memory::{
        Correction, Item, Page, Target, View, ViewQuery, Wrong, bounds, store::GraphStore as _,
    },
};

use super::world::{NAMELESS, TEEN, World, day, turn_id};

async fn page(world: &World, query: ViewQuery) -> Page {
    world.memory.view(TEEN, &query).await.unwrap()
}

fn of(view: View) -> ViewQuery {
    ViewQuery {
        view,
        ..ViewQuery::default()
    }
}

fn names(page: &Page) -> Vec<&str> {
    let names = page.items.iter().map(|item| item.name.reveal().as_str());
    names.collect()
}

async fn schooled() -> World {
    let world = World::new();
    world
        .talk(0, &["we go to Lincoln", "best friend Maya"])
        .await;
    world.talk(10, &["now I go to Roosevelt"]).await;
    world
}

#[tokio::test]
async fn pages_give_every_item_once() {
    let world = schooled().await;
    let all = page(&world, of(View::Nodes)).await;
    assert_eq!(all.next, None);
    assert_eq!(names(&all).len(), 3);
    let mut query = ViewQuery {
        limit: 1,
        ..of(View::Nodes)
    };
    let mut found: Vec<Item> = Vec::new();
    loop {
        let one = page(&world, query.clone()).await;
        assert_eq!(one.items.len(), 1);
        found.extend(one.items);
        query.cursor = one.next;
        if query.cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, all.items);
    query.cursor = Some("no cursor".to_owned());
    let error = world.memory.view(TEEN, &query).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

#[tokio::test]
async fn a_page_holds_at_most_a_hundred_items() {
    let world = World::new();
    for number in 0..30 {
        world
            .talk(number, &["we go to Lincoln", "my mom", "I play the drums"])
            .await;
    }
    let first = page(
        &world,
        ViewQuery {
            limit: 10_000,
            ..of(View::Timeline)
        },
    )
    .await;
    assert_eq!(first.items.len(), bounds::PAGE);
    assert!(first.next.is_some());
}

#[tokio::test]
async fn facts_are_told_as_of_a_day() {
    let world = schooled().await;
    let school = |true_on, known_on| ViewQuery {
        q: Some("you go to".to_owned().into()),
        true_on,
        known_on,
        ..of(View::Edges)
    };
    let now = page(&world, school(Some(day(11)), None)).await;
    assert_eq!(names(&now), ["you go to Roosevelt"]);
    let then = page(&world, school(Some(day(5)), None)).await;
    assert_eq!(names(&then), ["you go to Lincoln"]);
    let believed = page(&world, school(Some(day(11)), Some(day(5)))).await;
    assert_eq!(names(&believed), ["you go to Lincoln"]);
    let before = page(&world, school(None, Some(day(0)))).await;
    assert!(before.items.is_empty());
    let both = page(&world, school(None, None)).await;
    assert_eq!(both.items.len(), 2);
}

#[tokio::test]
async fn lists_are_searched_by_kind_and_words() {
    let world = schooled().await;
    let places = ViewQuery {
        kind: Some("place".to_owned()),
        ..of(View::Nodes)
    };
    assert_eq!(names(&page(&world, places).await), ["Roosevelt", "Lincoln"]);
    let ended = ViewQuery {
        kind: Some("ended".to_owned()),
        ..of(View::Timeline)
    };
    let ended = page(&world, ended).await;
    assert_eq!(names(&ended), ["you go to Lincoln"]);
    assert_eq!(ended.items[0].last_seen, day(10));
    let said = ViewQuery {
        q: Some("BEST FRIEND".to_owned().into()),
        kind: Some("teen".to_owned()),
        ..of(View::Timeline)
    };
    assert_eq!(names(&page(&world, said).await), ["best friend Maya"]);
}

#[tokio::test]
async fn what_was_only_ever_denied_has_an_end_and_no_beginning() {
    let world = World::new();
    world.talk(0, &["I quit the drums"]).await;
    let query = ViewQuery {
        q: Some("drums".to_owned().into()),
        ..of(View::Timeline)
    };
    let page = page(&world, query).await;
    let mut kinds: Vec<&str> = page.items.iter().map(|item| item.kind).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["ended", "persona", "teen"]);
}

#[tokio::test]
async fn one_thing_shows_what_it_rests_on() {
    let world = schooled().await;
    let nodes = page(&world, of(View::Nodes)).await;
    let maya = nodes
        .items
        .iter()
        .find(|item| item.name.reveal() == "Maya")
        .unwrap();
    assert!(maya.sure && maya.support == 1);
    let thing = world
        .memory
        .thing(TEEN, maya.target)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(thing.evidence.len(), 1);
    assert_eq!(thing.evidence[0].id, turn_id(0, 1));
    assert_eq!(thing.facts.len(), 2);
    let fact = thing
        .facts
        .iter()
        .find(|fact| fact.edge.slot == "friend")
        .unwrap();
    assert_eq!(fact.intervals.len(), 1);
    let same = world
        .memory
        .thing(TEEN, fact.item.target)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(same.facts, vec![fact.clone()]);
    let turn = world
        .memory
        .thing(TEEN, Target::Turn(turn_id(0, 1)))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(turn.facts.len(), 2);
    let none = world
        .memory
        .thing(TEEN, Target::Turn(turn_id(9, 9)))
        .await
        .unwrap();
    assert!(none.is_none());
}

#[tokio::test]
async fn the_teens_own_word_ends_a_fact_and_begins_another() {
    let world = schooled().await;
    let edges = page(&world, of(View::Edges)).await;
    let school = edges
        .items
        .iter()
        .find(|item| item.name.reveal() == "you go to Roosevelt")
        .unwrap();
    let Target::Fact(fact) = school.target else {
        panic!("a list of facts holds facts");
    };
    let correction = Correction {
        wrong: Wrong::Fact {
            id: fact,
            instead: Some("Jefferson".to_owned().into()),
        },
        teen_name: None,
        zone: "Europe/Berlin".to_owned(),
    };
    let turn = world.memory.correct(TEEN, &correction).await.unwrap();
    let at = ViewQuery {
        q: Some("you go to".to_owned().into()),
        true_on: Some(day(12)),
        ..of(View::Edges)
    };
    assert_eq!(
        names(&page(&world, at.clone()).await),
        ["you go to Jefferson"]
    );
    // It outlives a newer extractor, and can be forgotten like anything else.
    let newer = World::over(world.store.clone(), "2");
    newer.talk(10, &["now I go to Roosevelt"]).await;
    assert_eq!(
        names(&page(&newer, at.clone()).await),
        ["you go to Jefferson"]
    );
    newer
        .memory
        .forget(TEEN, &[Target::Turn(turn)], None, NAMELESS)
        .await
        .unwrap();
    assert_eq!(names(&page(&newer, at).await), ["you go to Roosevelt"]);
    let evidence = world
        .store
        .load(TEEN, world.whole())
        .await
        .unwrap()
        .evidence;
    assert!(evidence.iter().all(|row| row.id != turn));
}

/// The people, as they are listed.
async fn people(world: &World) -> Vec<String> {
    let query = ViewQuery {
        kind: Some("Person".to_owned()),
        ..of(View::Nodes)
    };
    let people = page(world, query).await;
    let mut people: Vec<String> = names(&people).into_iter().map(str::to_owned).collect();
    people.sort();
    people
}

#[tokio::test]
async fn two_that_were_taken_for_one_are_parted_until_that_is_taken_back() {
    let world = World::new();
    world
        .talk(0, &["my best friend Maya", "Maya Lee plays too"])
        .await;
    let merged = people(&world).await;
    assert_eq!(merged.len(), 1, "{merged:?}");
    let query = ViewQuery {
        kind: Some("Person".to_owned()),
        ..of(View::Nodes)
    };
    let Target::Node(node) = page(&world, query).await.items[0].target else {
        panic!("a list of things holds things");
    };
    let part = |name: &str| Correction {
        wrong: Wrong::Merged {
            node,
            name: name.to_owned().into(),
        },
        teen_name: None,
        zone: "Europe/Berlin".to_owned(),
    };
    let error = world.memory.correct(TEEN, &part("Lena")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let turn = world.memory.correct(TEEN, &part("Maya Lee")).await.unwrap();
    assert_eq!(people(&world).await, ["Maya", "Maya Lee"]);
    // What is said later finds each of them.
    world
        .talk(1, &["Maya Lee lent me a book", "Maya is here"])
        .await;
    assert_eq!(people(&world).await, ["Maya", "Maya Lee"]);
    let taken_back = world
        .memory
        .forget(TEEN, &[Target::Turn(turn)], None, NAMELESS)
        .await;
    taken_back.unwrap();
    assert_eq!(people(&world).await.len(), 1);
}

#[tokio::test]
async fn a_mood_is_told_once_it_says_something_and_with_what_it_rests_on() {
    let mut world = World::new();
    world.settings.mood = true;
    let moods = |page: Page| {
        names(&page)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let neutral = ["my mom is home", "my mom called", "Maya is here"];
    for at in [1, 2, 3] {
        world.talk(at, &neutral).await;
    }
    world
        .talk(0, &["I play the drums, so happy", neutral[0], neutral[1]])
        .await;
    world
        .talk(7, &["so happy when I play the drums", neutral[2]])
        .await;
    world
        .talk(
            14,
            &[
                "happy again, I play the drums",
                "I play the drums",
                neutral[0],
            ],
        )
        .await;
    // Three times happy is chance.
    assert!(moods(page(&world, of(View::Moods)).await).is_empty());
    world
        .talk(16, &["I play the drums and am happy", neutral[1]])
        .await;
    let told = page(&world, of(View::Moods)).await;
    assert_eq!(told.items[0].support, 4);
    assert_eq!(
        moods(told),
        ["talk about drums is mostly happy (4 times in 3 weeks)"]
    );
    let mut unfelt = World::new();
    unfelt.settings.mood = false;
    for at in [0, 7, 14, 16] {
        unfelt
            .talk(at, &["I play the drums, so happy", neutral[0]])
            .await;
    }
    assert!(moods(page(&unfelt, of(View::Moods)).await).is_empty());
}
