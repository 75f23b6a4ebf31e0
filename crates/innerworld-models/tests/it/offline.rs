//! The offline persona: honest, never the same line twice, the same seed the same reply.

use std::{collections::HashSet, fmt::Write as _, sync::LazyLock};

use innerworld_core::{
    conversation::record::{Finish, TurnOrigin},
    memory::{graph::EmotionWeights, ontology::NodeKind},
    model::{
        call::ModelCall,
        chat_model::{ChatModel, ModelErrorKind, ModelItem},
    },
    persona::{card::EMOTIONS, directory::PersonaDirectory},
    secret::Text,
};
use innerworld_models::offline::{OFFLINE_MODEL, OfflinePersona};
use innerworld_testkit::model_calls::{self, remote};
use proptest::prelude::*;

const PERSONAS: [&str; 4] = ["courage", "comfort", "creative", "compass"];

fn offline() -> OfflinePersona {
    OfflinePersona::new(PersonaDirectory::shipped().unwrap().all())
}

static OFFLINE: LazyLock<OfflinePersona> = LazyLock::new(offline);

fn feeling(name: &str) -> EmotionWeights {
    EMOTIONS.map(|emotion| if emotion == name { 0.7 } else { 0.05 })
}

/// A session with the offline persona.
struct Session {
    offline: OfflinePersona,
    call: ModelCall,
}

impl Session {
    fn new(persona: &str, seed: u64) -> Self {
        let mut call = model_calls::call(1, "");
        call.persona = persona.parse().unwrap();
        call.local.seed = seed;
        call.local.said.clear();
        Self {
            offline: offline(),
            call,
        }
    }

    /// One turn, with what the server would add to it.
    fn turn(
        &mut self,
        message: &str,
        emotion: &str,
        change: impl FnOnce(&mut ModelCall),
    ) -> String {
        self.call.prompt.message = remote(message);
        let local = &mut self.call.local;
        local.emotion = feeling(emotion);
        (local.entities, local.fact) = (Vec::new(), None);
        local.seed = local.seed.wrapping_mul(31).wrapping_add(7);
        change(&mut self.call);
        let reply = self.offline.reply(&self.call).unwrap();
        self.call.local.said.push(Text::new(reply.clone()));
        self.call.local.offline_turns += 1;
        reply
    }
}

fn entity(kind: NodeKind, name: &str) -> (NodeKind, Text) {
    (kind, Text::new(name.to_owned()))
}

/// A talk as a teen might have it, so that a person can read how the persona sounds.
fn talk(persona: &str, seed: u64) -> String {
    let mut session = Session::new(persona, seed);
    session.call.local.name = Some(Text::new("Sam".to_owned()));
    let mut out = String::new();
    let mut say = |message: &str, emotion: &str, change: &dyn Fn(&mut ModelCall)| {
        let reply = session.turn(message, emotion, change);
        writeln!(out, "> {message}\n{reply}\n").unwrap();
    };
    say("hey", "neutral", &|_| {});
    say("I froze in front of the class again", "fear", &|call| {
        call.local.fact = Some(Text::new("you want to join the debate club".to_owned()));
    });
    say("Maya laughed at me, I could scream", "anger", &|call| {
        call.local.entities = vec![entity(NodeKind::Person, "Maya")];
    });
    say("we have an audition on friday", "neutral", &|call| {
        call.local.entities = vec![entity(NodeKind::Event, "audition")];
    });
    say("what should I wear?", "neutral", &|_| {});
    say("do you remember my brother?", "neutral", &|call| {
        call.local.fact = Some(Text::new("your brother Leo moved out".to_owned()));
        call.local.entities = vec![entity(NodeKind::Person, "Leo")];
    });
    say("I miss him", "sadness", &|_| {});
    say("are you a real person?", "neutral", &|_| {});
    say("I still want to learn the drums", "joy", &|call| {
        call.local.entities = vec![entity(NodeKind::Goal, "learn the drums")];
    });
    say("ok gotta go", "neutral", &|_| {});
    out
}

#[test]
fn each_persona_sounds_like_this() {
    for (seed, persona) in (21..).zip(PERSONAS) {
        insta::assert_snapshot!(persona, talk(persona, seed));
    }
}

/// Who comes back is met with what was remembered, and a question about memory that no fact
/// answers gets what there is.
#[test]
fn what_memory_holds_is_brought_up() {
    let known = [
        "you want to learn butterfly",
        "Ines is your friend",
        "you spend time on swimming",
    ];
    let knows = |call: &mut ModelCall| {
        call.local.known = known.map(|clause| Text::new(clause.to_owned())).to_vec();
    };
    for persona in ["courage", "comfort", "creative", "compass"] {
        for seed in 0..8 {
            let mut session = Session::new(persona, seed);
            let reply = session.turn("hey, i'm back", "neutral", knows);
            assert!(reply.contains(known[0]), "{reply}");
            assert!(!reply.contains(known[1]), "{reply}");
            let reply = session.turn("hey", "neutral", knows);
            assert!(!known.iter().any(|fact| reply.contains(fact)), "{reply}");
            let reply = session.turn("do you remember my plan?", "neutral", knows);
            assert!(
                reply.contains(
                    "you want to learn butterfly, Ines is your friend and you spend time on swimming."
                ),
                "{reply}"
            );
            let reply = session.turn("i'm so tired of it", "sadness", knows);
            assert!(!known.iter().any(|fact| reply.contains(fact)), "{reply}");
        }
    }
}

#[test]
fn nothing_repeats_in_38_turns() {
    let moods: [&[&str]; 4] = [
        &["neutral"],
        &["fear"],
        &["sadness", "neutral"],
        &[
            "joy", "anger", "disgust", "fear", "surprise", "sadness", "neutral",
        ],
    ];
    for persona in PERSONAS {
        for (seed, moods) in (0..).zip(moods) {
            let mut session = Session::new(persona, seed);
            session.call.local.name = Some(Text::new("Sam".to_owned()));
            let mut sentences = HashSet::new();
            for turn in 0..38 {
                let mood = moods[turn % moods.len()];
                let reply = session.turn("it is like that", mood, |call| {
                    if turn % 4 == 1 {
                        call.local.entities = vec![entity(NodeKind::Person, "Maya")];
                    }
                    if turn % 5 == 2 {
                        call.local.fact = Some(Text::new(format!("you know song {turn}")));
                    }
                });
                let words = reply.split_whitespace().count();
                assert!((15..=60).contains(&words), "{words} words: {reply}");
                for sentence in reply.split_inclusive(['.', '?', '!']) {
                    let new = sentences.insert(sentence.trim().to_lowercase());
                    assert!(new, "{persona}, turn {turn}, again: {sentence}");
                }
            }
        }
    }
}

#[test]
fn after_every_line_was_said_it_still_answers() {
    let mut session = Session::new("compass", 5);
    for _ in 0..90 {
        let reply = session.turn("hm", "neutral", |_call| {});
        assert!(reply.split_whitespace().count() >= 8, "{reply}");
    }
}

#[test]
fn the_same_seed_gives_the_same_reply_and_another_seed_another() {
    let reply = |seed| Session::new("courage", seed).turn("I froze", "fear", |_call| {});
    assert_eq!(reply(3), reply(3));
    let different: HashSet<String> = (0..20).map(reply).collect();
    assert!(different.len() > 15, "{}", different.len());
}

#[test]
fn a_fact_is_asked_about_once() {
    let mut session = Session::new("comfort", 8);
    let fact = "you like quiet mornings";
    let with_fact = |call: &mut ModelCall| call.local.fact = Some(Text::new(fact.to_owned()));
    let first = session.turn("it was a long day", "sadness", with_fact);
    assert!(first.contains(fact), "{first}");
    let second = session.turn("yes", "neutral", with_fact);
    assert!(!second.contains(fact), "{second}");
}

#[test]
fn the_journal_is_offered_after_six_offline_turns() {
    for persona in PERSONAS {
        let mut session = Session::new(persona, 2);
        let replies: Vec<String> = (0..8)
            .map(|_| session.turn("hm", "neutral", |_call| {}))
            .collect();
        let offers: Vec<usize> = replies
            .iter()
            .enumerate()
            .filter(|(_, reply)| {
                let directory = PersonaDirectory::shipped().unwrap();
                let persona = directory.get(&session.call.persona).unwrap();
                persona
                    .offline
                    .journal
                    .iter()
                    .any(|line| reply.contains(line))
            })
            .map(|(turn, _)| turn)
            .collect();
        assert_eq!(offers, [6], "{persona}: {replies:#?}");
    }
}

#[test]
fn where_safety_asked_for_care_it_is_careful() {
    let mut session = Session::new("courage", 5);
    let careful = |call: &mut ModelCall| call.prompt.support = Some(remote("slow down"));
    let mut replies = Vec::new();
    for turn in 0..8 {
        let reply = session.turn("i am already not here", "joy", |call| {
            careful(call);
            call.local.fact = Some(Text::new("you want to join the debate club".to_owned()));
            call.local.entities = vec![entity(NodeKind::Person, "Maya")];
        });
        let near = ["safe", "with you", "help", "person", "grown-up"];
        assert!(
            near.iter().any(|word| reply.contains(word)),
            "{turn}: {reply}"
        );
        assert!(
            !reply.contains("Maya") && !reply.contains("debate"),
            "{reply}"
        );
        assert_harmless(&reply);
        let words = reply.split_whitespace().count();
        assert!((10..=60).contains(&words), "{reply}");
        replies.push(reply);
    }
    replies.sort();
    replies.dedup();
    assert_eq!(replies.len(), 8, "no answer came twice");
    // Plain acts stay what they are.
    let nature = session.turn("are you a real person?", "neutral", careful);
    assert!(nature.contains("AI"), "{nature}");
}

#[test]
fn it_says_what_it_is_when_asked() {
    for persona in PERSONAS {
        for seed in 0..8 {
            let mut session = Session::new(persona, seed);
            for asked in ["are you human?", "who are you", "am i talking to a bot?"] {
                let reply = session.turn(asked, "neutral", |_call| {});
                let honest = reply.contains("an AI") || reply.contains("An AI");
                assert!(honest && reply.contains("offline"), "{reply}");
            }
        }
    }
}

#[tokio::test]
async fn it_streams_word_by_word_and_names_itself() {
    let stream = offline().stream(model_calls::call(1, "hi")).await.unwrap();
    let items = model_calls::collect(stream).await;
    assert_eq!(
        items[0],
        Ok(ModelItem::Started {
            generation: None,
            model: OFFLINE_MODEL.to_owned(),
            origin: TurnOrigin::Offline,
            company: String::new(),
        })
    );
    assert_eq!(items.last(), Some(&Ok(ModelItem::End(Finish::Stop))));
    let words = model_calls::text_of(&items).split_whitespace().count();
    assert_eq!(items.len(), words + 2);

    let mut unknown = model_calls::call(1, "hi");
    unknown.persona = "nobody".parse().unwrap();
    let error = offline().stream(unknown).await.err().unwrap();
    assert_eq!(error.kind, ModelErrorKind::Invalid);
}

fn assert_harmless(reply: &str) {
    let lower = reply.to_lowercase();
    for forbidden in [
        "http",
        "www.",
        "://",
        "@",
        "i am human",
        "i'm human",
        "i am a person",
        "i'm a person",
        "i am real",
        "as a human",
        "i love",
        "i miss",
        "i promise",
        "diagnos",
        "medication",
        "{",
        "}",
    ] {
        assert!(!lower.contains(forbidden), "{forbidden}: {reply}");
    }
    let mut run = 0;
    for c in reply
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')'))
    {
        run = if c.is_ascii_digit() { run + 1 } else { 0 };
        assert!(run < 5, "a number like a phone's: {reply}");
    }
}

proptest! {
    #[test]
    fn whatever_comes_in_nothing_harmful_goes_out(
        persona in proptest::sample::select(PERSONAS.to_vec()),
        seed in any::<u64>(),
        turns in 0_u32..60,
        message in prop_oneof![".{0,60}", Just("are you real?".to_owned()), Just("bye".to_owned())],
        emotion in proptest::array::uniform7(0.0_f32..1.0),
        name in proptest::option::of(prop_oneof![".{0,30}", Just("+1 555 0100 200".to_owned())]),
        fact in proptest::option::of(prop_oneof![
            ".{0,80}",
            Just("call me at 555-0100-200".to_owned()),
            Just("see www.example.invalid".to_owned()),
            Just("you like maps".to_owned()),
        ]),
        entity in prop_oneof!["[A-Za-z0-9@./ ]{0,30}", Just("Maya".to_owned())],
    ) {
        let mut call = model_calls::call(1, &message);
        call.persona = persona.parse().unwrap();
        call.local.seed = seed;
        call.local.offline_turns = turns;
        call.local.emotion = emotion;
        call.local.name = name.map(Text::new);
        call.local.fact = fact.map(Text::new);
        call.local.entities = vec![(NodeKind::Person, Text::new(entity))];
        let reply = OFFLINE.reply(&call).unwrap();
        assert_harmless(&reply);
        let words = reply.split_whitespace().count();
        prop_assert!((15..=60).contains(&words), "{} words: {}", words, reply);
    }
}
