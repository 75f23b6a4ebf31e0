//! Names of doings, wishes and subjects that mean the same become one thing, and others do not.

use innerworld_core::{
    memory::{
        names,
        ontology::NodeKind::{self, Activity, Goal, Topic},
        resolve::{Named, Resolver},
    },
    seal::TeenKey,
};

use crate::rules::EXTRACTOR;

/// Whether the second name is taken for the first.
fn is_same(kind: NodeKind, one: &str, other: &str) -> bool {
    let namer = TeenKey::from_bytes([7; 32]).namer();
    let mut resolver = Resolver::with_directions(&*EXTRACTOR);
    let mut resolve = |surface| {
        let named = Named {
            kind,
            key: names::key(kind, surface),
            qualifier: String::new(),
        };
        resolver.resolve(&namer, &named, None, None).0
    };
    resolve(one) == resolve(other)
}

#[test]
fn what_means_the_same_is_one_thing() {
    for (kind, one, other) in [
        (Goal, "learn to drive", "learn how to drive"),
        (Goal, "be a vet", "become a vet"),
        (Goal, "save up for a new phone", "save for a new phone"),
        (Goal, "make the swim team", "get on the swim team"),
        (Activity, "swim", "swimming"),
        (Activity, "playing guitar", "playing the guitar"),
        (Activity, "walking the dog", "walking our dog"),
        (Topic, "school stress", "stress about school"),
    ] {
        assert!(is_same(kind, one, other), "{one} | {other}");
    }
}

#[test]
fn what_does_not_is_two() {
    for (kind, one, other) in [
        (Goal, "learn to drive", "learn to skateboard"),
        (Goal, "be a vet", "be a doctor"),
        (Goal, "make the swim team", "make the soccer team"),
        (Goal, "tell my mom", "tell my dad"),
        (Goal, "get an a in bio", "get an a in chem"),
        (Goal, "get a 5 in maths", "get a 6 in maths"),
        (Goal, "eat more sweets", "eat less sweets"),
        (Goal, "join the band", "quit the band"),
        (Goal, "go to college in ohio", "go to college in texas"),
        (Activity, "playing guitar", "playing violin"),
        (Activity, "soccer", "football"),
        (Activity, "baking", "cooking"),
        (Activity, "drawing", "sketching"),
        (Activity, "dance class", "math class"),
        (Topic, "friendship", "relationship"),
        (Topic, "grades", "grief"),
    ] {
        assert!(!is_same(kind, one, other), "{one} | {other}");
    }
}
