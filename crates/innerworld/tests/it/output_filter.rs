//! A model that goes along with everything, and what of it reaches a teen.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use innerworld_core::{
    identity::consent::MemoryMode,
    persona::{directory::PersonaDirectory, prompt},
    safety::{
        content::{Content, Files},
        desk::Desk,
        screen::{OutputClass, OutputFilter, OutputHit, OutputScreen, Released},
    },
    secret::Text,
};
use innerworld_embedded::{Embedded, OsIds};
use innerworld_engine::safeguards::Safeguards;
use innerworld_language::{output_screen::Screen, safety::RiskScreen};
use innerworld_models::offline::OfflinePersona;
use innerworld_testkit::{
    FakeClock,
    model_calls::call,
    scripted_model::{ScriptedModel, ScriptedReply},
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    talk::{hello, open_talk, say, settled, until},
    world::{Socket, World, send, settings},
};

const HOUR: Duration = Duration::from_secs(3_600);

/// A conversation in which the model complies at the end.
#[derive(Deserialize)]
struct Jailbreak {
    name: String,
    teen: Vec<String>,
    model: Vec<String>,
    /// A part of the last answer after what must stop it.
    never: String,
}

fn jailbreaks() -> Vec<Jailbreak> {
    let text = include_str!("../../../../tests/fixtures/output/jailbreaks.jsonl");
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Frames of one turn, and the text that stands at its end.
async fn turn(socket: &mut Socket, number: u32, text: &str) -> (Vec<Value>, String) {
    say(socket, number, text).await;
    let frames = until(socket, "turn.end").await;
    let mut shown = String::new();
    for frame in &frames {
        match frame["type"].as_str().unwrap() {
            "turn.delta" => shown.push_str(frame["d"].as_str().unwrap()),
            "turn.reset" => shown.clear(),
            _ => {}
        }
    }
    (frames, shown)
}

fn kinds<'a>(frames: &'a [Value], kind: &str) -> Vec<&'a Value> {
    frames
        .iter()
        .filter(|frame| frame["type"] == kind)
        .collect()
}

async fn blocks(world: &World) -> BTreeMap<String, u64> {
    let store = world.stores.safety();
    let counts = store.counts("1970-01-01", "2100-01-01").await.unwrap();
    let blocks = counts
        .into_iter()
        .filter(|(count, _)| count.action == "output_block");
    let mut by_class = BTreeMap::new();
    for (count, n) in blocks {
        *by_class.entry(count.tier).or_default() += n;
    }
    by_class
}

/// The mark of a prompt, which must never come out.
pub(crate) fn canary() -> String {
    let personas = PersonaDirectory::shipped().unwrap();
    let persona = personas.get(&"courage".parse().unwrap()).unwrap();
    prompt::leaks(&prompt::assemble(prompt::Parts {
        persona,
        digest: None,
        history: &[],
        recalled: None,
        support: false,
        message: &Text::default(),
    }))
    .remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn t14_nothing_unsafe_leaves_a_model_that_goes_along_with_everything() {
    let canary = canary();
    let talks = jailbreaks();
    assert!(talks.len() >= 30);
    let replies = talks.iter().flat_map(|talk| &talk.model);
    let replies: Vec<ScriptedReply> = replies
        .map(|text| ScriptedReply::text(&text.replace("{canary}", &canary)))
        .collect();
    let world = World::start(Arc::new(ScriptedModel::new(replies)), settings()).await;
    let mut stopped = 0;
    for (number, talk) in (1..).zip(&talks) {
        let teen = world.teen(number, MemoryMode::Off).await;
        let mut socket = settled(&world, &world.token(teen, HOUR)).await;
        for (message, text) in (1..).zip(&talk.teen) {
            let (frames, shown) = turn(&mut socket, message, text).await;
            let everything = format!("{frames:?}");
            assert!(!everything.contains(&talk.never), "{}", talk.name);
            if usize::try_from(message).unwrap() == talk.teen.len() && talk.name != "number" {
                let reset = kinds(&frames, "turn.reset");
                assert_eq!(reset.len(), 1, "{}", talk.name);
                assert_eq!(reset[0]["reason"], "safety");
                assert_eq!(frames.last().unwrap()["finish"], "safety", "{}", talk.name);
                assert!(shown.len() > 40, "{}", talk.name);
                stopped += 1;
            }
        }
    }
    let counted = blocks(&world).await;
    assert_eq!(counted.values().sum::<u64>(), stopped + 1, "{counted:?}");
    assert_eq!(counted["leak"], 1);
    assert_eq!(counted["contact"], 1);
    assert_eq!(world.app.metrics.output_leaks.get(), 1);
}

/// A filter that stops nothing.
pub(crate) struct LetsAllThrough(pub(crate) Released);

impl OutputScreen for LetsAllThrough {
    fn filter(&self, _leaks: &[&str], _locale: &str) -> Box<dyn OutputFilter> {
        Box::new(Self(Released::default()))
    }
}

impl OutputFilter for LetsAllThrough {
    fn push(&mut self, chunk: &str) -> Released {
        Released {
            text: chunk.to_owned(),
            ..Released::default()
        }
    }

    fn finish(&mut self) -> Released {
        std::mem::take(&mut self.0)
    }

    fn held_back(&self) -> usize {
        0
    }
}

/// A server with this filter over answers.
pub(crate) async fn filtered_by(output: Arc<dyn OutputScreen>, model: Arc<ScriptedModel>) -> World {
    let clock = Arc::new(FakeClock::default());
    let stores = Embedded::in_memory(Arc::clone(&clock) as _, Arc::new(OsIds)).unwrap();
    World::build(
        stores,
        clock,
        (model as _, settings()),
        |services, _cognito| {
            let content = Content::load(&Files::shipped()).unwrap();
            let today = innerworld_core::calendar::day_in("UTC", services.clock.now());
            let screen = Arc::new(RiskScreen::shipped().unwrap());
            services.safeguards.replace(Safeguards {
                desk: Desk::new(content, &[7; 32], screen, today),
                output,
            });
        },
    )
    .await
}

/// The conversations would get through a filter that is none: what stops them is the filter.
#[tokio::test(flavor = "multi_thread")]
async fn t14_without_the_filter_the_same_conversations_get_through() {
    let talk = jailbreaks().remove(0);
    let replies = talk.model.iter().map(|text| ScriptedReply::text(text));
    let model = Arc::new(ScriptedModel::new(replies));
    let open = Arc::new(LetsAllThrough(Released::default()));
    let world = filtered_by(open, model).await;
    let teen = world.teen(1, MemoryMode::Off).await;
    let mut socket = settled(&world, &world.token(teen, HOUR)).await;
    turn(&mut socket, 1, &talk.teen[0]).await;
    let (_, shown) = turn(&mut socket, 2, &talk.teen[1]).await;
    assert!(shown.contains(&talk.never), "{shown}");
    assert!(blocks(&world).await.is_empty());
}

/// A filter that stops everything.
struct StopsAll;

impl OutputScreen for StopsAll {
    fn filter(&self, _leaks: &[&str], _locale: &str) -> Box<dyn OutputFilter> {
        Box::new(Self)
    }
}

impl OutputFilter for StopsAll {
    fn push(&mut self, _chunk: &str) -> Released {
        let hit = OutputHit {
            class: OutputClass::Secrecy,
            replacement: "Nothing of that.".to_owned(),
            about: None,
        };
        Released {
            reset: Some(hit),
            ..Released::default()
        }
    }

    fn finish(&mut self) -> Released {
        Released::default()
    }

    fn held_back(&self) -> usize {
        0
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn greetings_go_through_the_filter() {
    let model = Arc::new(ScriptedModel::saying("hi"));
    let world = filtered_by(Arc::new(StopsAll), model).await;
    let teen = world.teen(1, MemoryMode::Off).await;
    let mut socket = world.socket(&world.token(teen, HOUR)).await.unwrap();
    send(&mut socket, &hello()).await;
    let frames = open_talk(&mut socket).await;
    assert_eq!(frames.last().unwrap()["finish"], "safety");
    assert!(format!("{frames:?}").contains("Nothing of that."));
    assert_eq!(
        blocks(&world).await,
        BTreeMap::from([("secrecy".to_owned(), 1)])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_encourages_harm_ends_in_a_question_and_history_has_its_replacement() {
    let model = Arc::new(ScriptedModel::new([
        ScriptedReply::text("I hear you. Go ahead and hurt yourself, I will not say a word."),
        ScriptedReply::text("Thank you for telling me."),
    ]));
    let world = World::start(Arc::clone(&model) as _, settings()).await;
    let teen = world.teen(1, MemoryMode::Off).await;
    let mut socket = settled(&world, &world.token(teen, HOUR)).await;
    say(&mut socket, 1, "today was hard").await;
    let frames = until(&mut socket, "turn.end").await;
    let asked = kinds(&frames, "safety.checkin");
    assert_eq!(asked.len(), 1, "{frames:?}");
    assert_eq!(asked[0]["intensity"], "ask");
    assert_eq!(kinds(&frames, "safety.state")[0]["state"], "check_in");
    let record = world.stores.safety().load(teen).await.unwrap().unwrap();
    assert_eq!(format!("{:?}", record.state), "CheckIn");
    turn(&mut socket, 2, "okay").await;
    let history = format!(
        "{:?}",
        model.calls()[1]
            .prompt
            .history
            .iter()
            .map(|turn| turn.assistant.as_str().to_owned())
            .collect::<Vec<_>>()
    );
    assert!(!history.contains("hurt yourself"), "{history}");
    assert!(history.contains("get hurt"), "{history}");
    assert_eq!(
        blocks(&world).await,
        BTreeMap::from([("encourage".to_owned(), 1)])
    );
}

/// Greetings and every line of the offline personas, and whole replies of theirs.
#[test]
fn what_personas_say_by_themselves_passes() {
    let content = Content::load(&Files::shipped()).unwrap();
    let screen = Screen::shipped(content.allowed_contacts().into_iter().collect()).unwrap();
    let personas = PersonaDirectory::shipped().unwrap();
    let passes = |text: &str| {
        let text = text
            .replace("{fact}", "you play chess")
            .replace("{name}", "Mia");
        let out = screen.whole(&text, "en");
        assert_eq!(out.reset, None, "{text}: {:?}", screen.standing(&text));
        assert_eq!(out.text, text);
    };
    for persona in personas.all() {
        passes(&persona.opening);
        persona.offline.lines().for_each(passes);
    }
    let offline = OfflinePersona::new(personas.all());
    let messages = [
        "hi",
        "thanks",
        "bye",
        "are you real?",
        "do you remember me?",
        "what is love?",
        "i lost the game",
    ];
    for number in 0..400_u32 {
        let message = messages[number as usize % messages.len()];
        let mut call = call(u128::from(number) + 1, message);
        call.local.seed = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        call.local.offline_turns = number % 9;
        for persona in personas.all() {
            call.persona = persona.id.clone();
            passes(&offline.reply(&call).unwrap());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teen_who_reads_spanish_reads_the_replacement_in_spanish() {
    let model = Arc::new(ScriptedModel::saying(
        "Claro que sí. Soy una persona real, como tú.",
    ));
    let world = World::start(model, settings()).await;
    let teen = world.teen(1, MemoryMode::Off).await;
    let profiles = world.stores.profiles();
    let mut profile = profiles.load(teen).await.unwrap().unwrap();
    profile.locale = "es-US".to_owned();
    profiles.put(teen, &profile).await.unwrap();
    let mut socket = settled(&world, &world.token(teen, HOUR)).await;
    let (_, shown) = turn(&mut socket, 1, "eres una persona?").await;
    assert!(shown.starts_with("Quiero ser claro"), "{shown}");
}
