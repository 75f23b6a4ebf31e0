use super::*;
use crate::memory::encoder::Vector;
use crate::seal::TeenKey;

fn named(kind: NodeKind, surface: &str, qualifier: &str) -> Named {
    Named {
        kind,
        key: names::key(kind, surface),
        qualifier: qualifier.to_owned(),
    }
}

/// Resolves people in order; the same number means the same node.
fn people(mentions: &[(&str, &str, Option<&str>)]) -> Vec<usize> {
    let namer = TeenKey::from_bytes([7; 32]).namer();
    let mut resolver = Resolver::default();
    let mut seen: Vec<NodeId> = Vec::new();
    mentions
        .iter()
        .map(|(surface, qualifier, role)| {
            let named = named(NodeKind::Person, surface, qualifier);
            let (id, _new) = resolver.resolve(&namer, &named, *role, None);
            seen.iter()
                .position(|known| *known == id)
                .unwrap_or_else(|| {
                    seen.push(id);
                    seen.len() - 1
                })
        })
        .collect()
}

#[test]
fn one_person_under_several_names_is_one_node() {
    assert_eq!(
        people(&[
            ("Maya", "", None),
            ("maya", "", None),
            ("Maya Lee", "", None),
            ("Maya", "", None)
        ]),
        [0, 0, 0, 0]
    );
    assert_eq!(
        people(&[
            ("my mom", "", None),
            ("Mum", "", None),
            ("mama's", "", None)
        ]),
        [0, 0, 0]
    );
    assert_eq!(people(&[("Dan", "coach", None), ("dan", "", None)]), [0, 0]);
}

#[test]
fn where_two_candidates_tie_a_new_node_is_made() {
    assert_eq!(
        people(&[
            ("Maya Lee", "", None),
            ("Maya Chen", "", None),
            ("Maya", "", None)
        ]),
        [0, 1, 2]
    );
}

#[test]
fn people_who_differ_stay_apart() {
    assert_eq!(people(&[("Ann", "", None), ("Anna", "", None)]), [0, 1]);
    assert_eq!(people(&[("Lee", "", None), ("Leo", "", None)]), [0, 1]);
    assert_eq!(
        people(&[("Sam Ray", "", Some("coach")), ("Sam", "", Some("cousin"))]),
        [0, 1]
    );
    assert_eq!(
        people(&[("Dan", "coach", None), ("Dan", "cousin", None)]),
        [0, 1]
    );
}

#[test]
fn long_names_with_a_slip_are_one_but_kinds_never_mix() {
    let namer = TeenKey::from_bytes([7; 32]).namer();
    let mut resolver = Resolver::default();
    let long = "northern california regional debate championship";
    let (first, _) = resolver.resolve(&namer, &named(NodeKind::Event, long, ""), None, None);
    let slip = "northern california regional debate championships";
    let (second, new) = resolver.resolve(&namer, &named(NodeKind::Event, slip, ""), None, None);
    assert_eq!((first, false), (second, new));
    let (topic, new) = resolver.resolve(&namer, &named(NodeKind::Topic, long, ""), None, None);
    assert!(new && topic != first);
}

/// Knows three directions: of "vet", "swim", and everything else.
struct Directions;

impl EntityExtractor for Directions {
    fn name(&self) -> &'static str {
        "local"
    }

    fn version(&self) -> &'static str {
        "1"
    }

    fn extract(
        &self,
        _lines: &[crate::memory::store::Line<'_>],
        _zone: &str,
    ) -> crate::memory::store::Extraction {
        crate::memory::store::Extraction::default()
    }

    fn emotions(&self, _text: &str) -> crate::memory::graph::EmotionWeights {
        [0.0; 7]
    }

    fn direction(&self, name: &str) -> Option<Vector> {
        let of = |word| if name.contains(word) { 1.0 } else { 0.0 };
        let (vet, swim, rest): (f32, f32, f32) = (of("vet"), of("swim"), 0.1);
        let length = (vet * vet + swim * swim + rest * rest).sqrt();
        Some(Vector::of(&[vet, swim, rest].map(|part| part / length)))
    }
}

#[test]
fn what_means_the_same_is_one_node_unless_a_word_turns_it_round() {
    let namer = TeenKey::from_bytes([7; 32]).namer();
    let mut resolver = Resolver::with_directions(&Directions);
    let mut meets = |kind, surface| {
        let (_id, new) = resolver.resolve(&namer, &named(kind, surface, ""), None, None);
        new
    };
    assert!(meets(NodeKind::Goal, "be a vet"));
    assert!(!meets(NodeKind::Goal, "become a vet"));
    assert!(
        meets(NodeKind::Activity, "helping the vet"),
        "of another kind"
    );
    assert!(meets(NodeKind::Goal, "swim with my mom"));
    assert!(meets(NodeKind::Goal, "swim with my dad"));
    assert!(meets(NodeKind::Goal, "swim 100 m in 60 s"));
    assert!(meets(NodeKind::Goal, "quit swimming"));
    // Two nodes mean it: neither is taken.
    assert!(meets(NodeKind::Goal, "swim far"));
    assert!(meets(NodeKind::Goal, "swim fast"));
    assert!(meets(NodeKind::Goal, "swim"));
    // People have names, not meanings.
    assert!(meets(NodeKind::Person, "vet"));
    assert!(meets(NodeKind::Person, "swimmer"));
}
