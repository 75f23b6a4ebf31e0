//! Vectors of one encoder and recall by another: nothing is lost, and nothing compared that
//! cannot be.

use std::sync::Arc;

use innerworld_core::memory::{
    Memory,
    encoder::{Encoder, Vector},
    pack::QUESTION_TOKENS,
};

use super::world::{TEEN, World, ZONE};

/// Gives every text a direction by its letters, in as many dimensions as it says.
struct Letters {
    version: &'static str,
    says: usize,
    gives: usize,
}

impl Encoder for Letters {
    fn version(&self) -> &str {
        self.version
    }

    fn dimensions(&self) -> usize {
        self.says
    }

    fn encode(&self, text: &str) -> Vec<f32> {
        let mut counts = vec![0.0_f32; self.gives];
        for byte in text.bytes() {
            if let Some(count) = counts.get_mut(usize::from(byte) % self.gives.max(1)) {
                *count += 1.0;
            }
        }
        let length = counts.iter().map(|count| count * count).sum::<f32>().sqrt();
        counts.iter().map(|count| count / length.max(1.0)).collect()
    }
}

const fn letters(version: &'static str, dimensions: usize) -> Letters {
    Letters {
        version,
        says: dimensions,
        gives: dimensions,
    }
}

const LINES: [&str; 10] = [
    "my mom sings in the kitchen",
    "the quiz was about rivers",
    "our dog ate a slipper",
    "it rained on the way to school",
    "i drew a fox with blue ears",
    "the bus was late again",
    "we had soup with noodles",
    "my bike has a flat tire",
    "the library smells of paper",
    "i cannot find my other glove",
];

fn memory(world: &World, encoder: Option<Letters>) -> Memory {
    world.memory_with(encoder.map(|encoder| Arc::new(encoder) as Arc<dyn Encoder>))
}

/// What is recalled for a question, by a memory that starts anew.
async fn recalled(world: &World, encoder: Option<Letters>) -> String {
    let memory = memory(world, encoder);
    let mode = world.settings.mode;
    let mut session = memory.open(TEEN, mode, ZONE, world.now()).await.unwrap();
    let found = session.recall("do you remember my bike?", &[], QUESTION_TOKENS);
    found.unwrap().block.into_inner()
}

#[tokio::test]
async fn another_encoder_after_a_restart_loses_nothing() {
    let world = World::new();
    let log = super::world::session(0, &LINES);
    world.clock.set(super::world::day(1));
    let first = memory(&world, Some(letters("letters-1", 7)));
    first.remember(&log, &world.settings).await.unwrap();
    let stored = |world: &World| world.store.dump(TEEN);
    let before = stored(&world);
    for encoder in [
        Some(letters("letters-1", 7)),
        Some(letters("letters-2", 7)),
        Some(letters("letters-2", 12)),
        Some(letters("letters-1", 12)),
        None,
    ] {
        let version = encoder
            .as_ref()
            .map(|encoder| (encoder.version, encoder.says));
        let block = recalled(&world, encoder).await;
        for line in LINES {
            assert!(block.contains(line), "{version:?} lost: {line}");
        }
    }
    assert_eq!(stored(&world), before, "reading changes nothing");
}

#[tokio::test]
async fn another_encoders_index_is_the_one_that_it_would_have_made() {
    let (one, other) = (World::new(), World::new());
    let log = super::world::session(0, &LINES);
    for (world, dimensions) in [(&one, 7), (&other, 12)] {
        world.clock.set(super::world::day(1));
        let memory = memory(world, Some(letters("letters", dimensions)));
        memory.remember(&log, &world.settings).await.unwrap();
    }
    let by_twelve = recalled(&one, Some(letters("letters", 12))).await;
    assert_eq!(
        by_twelve,
        recalled(&other, Some(letters("letters", 12))).await
    );
}

/// A remote provider may answer with other dimensions than it was configured with.
#[tokio::test]
async fn an_encoder_that_breaks_its_word_is_no_worse_than_none() {
    let world = World::new();
    let log = super::world::session(0, &LINES);
    world.clock.set(super::world::day(1));
    let liar = || Letters {
        version: "letters-1",
        says: 7,
        gives: 5,
    };
    memory(&world, Some(liar()))
        .remember(&log, &world.settings)
        .await
        .unwrap();
    for gives in [0, 1, 5, 9] {
        let encoder = Letters { gives, ..liar() };
        let block = recalled(&world, Some(encoder)).await;
        assert!(block.contains("my bike has a flat tire"), "{gives}");
    }
    let vectors = [Vector::of(&[1.0, 0.0]), Vector::of(&[1.0])];
    assert_eq!(vectors[0].dot(&vectors[1]).to_bits(), 0.0_f32.to_bits());
}
