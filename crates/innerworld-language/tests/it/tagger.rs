//! The tagger of names: what it finds, how it is trained, and assets it refuses.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use innerworld_language::{
    LoadError,
    asset::InvalidAsset,
    embed::StaticEncoder,
    tagger::{EntityKind, Label, Tagger},
    train::{
        CrfSettings, NamedList, Tagged, TaggerData, TaggerFeatures, TaggerSettings, pack_names,
        read_tagged, train_clusters,
    },
};
use proptest::prelude::*;

const NAMES: &[u8] = include_bytes!("../../assets/names.iwa");
const CLUSTERS: &[u8] = include_bytes!("../../assets/clusters.iwa");
const WEIGHTS: &[u8] = include_bytes!("../../assets/tagger.iwa");

static ENCODER: LazyLock<Arc<StaticEncoder>> =
    LazyLock::new(|| Arc::new(StaticEncoder::shipped().unwrap()));
static TAGGER: LazyLock<Tagger> = LazyLock::new(|| Tagger::shipped(Arc::clone(&ENCODER)).unwrap());

fn found(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split(' ').collect();
    let names = TAGGER.entities(&words).into_iter().map(|name| {
        assert!(name.confidence > 0.0 && name.confidence <= 1.0);
        format!(
            "{} {}",
            name.kind.name(),
            words.get(name.start..name.end).unwrap().join(" ")
        )
    });
    names.collect()
}

#[test]
fn names_of_daily_life_are_found() {
    assert_eq!(
        found("i met Jessica Brown in Chicago yesterday"),
        ["person Jessica Brown", "location Chicago"]
    );
    assert_eq!(found("nothing to see here lol"), Vec::<String>::new());
    assert_eq!(
        found("moving to new york with sarah"),
        ["location new york", "person sarah"]
    );
}

/// Two sentences that teach who is a person and what is a place.
fn lessons() -> Vec<Tagged> {
    let text = "zarb\tB-person\nlives\tO\nin\tO\nquon\tB-LOC\nvale\tI-LOC\n\n\
                the\tO\nzarb\tB-PER\nof\tO\nquon\tB-location\nvale\tI-location\n";
    read_tagged(text).unwrap()
}

fn tiny() -> [Vec<u8>; 3] {
    let words: Vec<Vec<String>> = lessons().iter().map(Tagged::listed).collect();
    let clusters = train_clusters(&words, &ENCODER, Vec::new(), &mut |_| {}).unwrap();
    let names = NamedList {
        title: "places",
        names: vec!["Quon Vale".to_owned(), " ".to_owned()],
    };
    let names = pack_names(&[names], Vec::new()).unwrap();
    let features = TaggerFeatures::read(Arc::clone(&ENCODER), &clusters, &names).unwrap();
    let data = TaggerData::read(lessons().iter(), &features);
    let settings = TaggerSettings {
        crf: CrfSettings {
            step: 0.3,
            seen: 1,
            ..CrfSettings::default()
        },
        ..TaggerSettings::default()
    };
    let trained = data.train(&[0, 1], settings, &mut |_| {});
    assert!((data.score(&trained, &[0, 1]).f1() - 1.0).abs() < 1e-9);
    let weights = trained.pack(&data, Vec::new(), BTreeMap::new()).unwrap();
    [clusters, names, weights]
}

#[test]
fn what_was_taught_is_known_and_training_twice_gives_the_same_bytes() {
    let assets = tiny();
    assert_eq!(assets, tiny());
    let [clusters, names, weights] = assets.each_ref().map(Vec::as_slice);
    let tagger = Tagger::read(Arc::clone(&ENCODER), [clusters, names, weights]).unwrap();
    let labels = tagger.labels(&["zarb", "lives", "in", "quon", "vale"]);
    assert_eq!(
        labels,
        [
            Label::Begin(EntityKind::Person),
            Label::Outside,
            Label::Outside,
            Label::Begin(EntityKind::Location),
            Label::Inside(EntityKind::Location),
        ]
    );
}

#[test]
fn assets_that_were_not_made_for_each_other_are_refused() {
    let [clusters, names, weights] = tiny();
    for parts in [
        [&clusters, NAMES, WEIGHTS],
        [CLUSTERS, &names, WEIGHTS],
        [CLUSTERS, NAMES, &weights],
    ] {
        let error = Tagger::read(Arc::clone(&ENCODER), parts).unwrap_err();
        assert!(
            matches!(error, LoadError::Asset(InvalidAsset::Payload { .. })),
            "{error}"
        );
    }
}

#[test]
fn tweets_are_mended() {
    let text = "@\tB-PER\nkim\tI-PER\nat\tO\n@\tO\nPhilly\tB-LOC\n#\tO\nNYC\tB-LOC\n \nbye\tO\n";
    let sentences = read_tagged(text).unwrap();
    assert_eq!(sentences.len(), 2);
    let mended = sentences[0].clone().with_handles_joined();
    assert_eq!(mended.words, ["@kim", "at", "@", "Philly", "#NYC"]);
    assert_eq!(mended.labels, ["O", "O", "O", "B-LOC", "B-LOC"]);
    assert!(read_tagged("word\n").is_err());
}

proptest! {
    /// No words break it, and a name never goes on as something else.
    #[test]
    fn any_words_get_a_label_each(words in prop::collection::vec("\\PC{0,12}|[@#]?[a-zA-Z'’]{0,9}", 0..30)) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let labels = TAGGER.labels(&words);
        prop_assert_eq!(labels.len(), words.len());
        let mut before = None;
        for label in labels {
            prop_assert!(label.may_follow(before));
            before = Some(label);
        }
    }
}
