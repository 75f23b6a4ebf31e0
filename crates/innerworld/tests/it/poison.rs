//! Texts that want to become orders: said in one talk, remembered, and read again by the model of
//! the next.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    identity::consent::MemoryMode,
    model::{
        call::{Prompt, RemoteText},
        chat_model::ChatModel,
    },
    persona::directory::PersonaDirectory,
    safety::screen::Released,
};
use innerworld_engine::services::Settings;
use innerworld_testkit::{
    scripted_model::{ScriptedModel, ScriptedReply},
    weakened::Unquoting,
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    output_filter::{LetsAllThrough, canary, filtered_by},
    talk::{say, settled, until},
    world::{World, send, settings},
};

const HOUR: Duration = Duration::from_secs(3_600);

/// One attack.
#[derive(Deserialize)]
struct Attack {
    /// A word of it that is nowhere else.
    mark: String,
    /// What is said.
    text: String,
}

impl Attack {
    /// What makes memory tell of it.
    fn question(&self) -> String {
        format!("do you remember what i said about {}?", self.mark)
    }
}

fn attacks() -> Vec<Attack> {
    let text = include_str!("../../../../tests/fixtures/injection/attacks.jsonl");
    let attacks: Vec<Attack> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(attacks.len() >= 100);
    attacks
}

fn patient() -> Settings {
    let mut settings = settings();
    // One attack at a time: rates are another control.
    settings.limits.messages_burst = 10_000;
    settings.limits.frames_burst = 10_000;
    settings.recall_tokens = 1_000;
    settings
}

/// Every attack is said in one talk; the next asks after each. The prompts of the next.
async fn remembered(
    attacks: &[Attack],
    way: impl FnOnce(Arc<ScriptedModel>) -> Arc<dyn ChatModel>,
) -> Vec<Prompt> {
    let model = Arc::new(ScriptedModel::saying("Okay."));
    let world = World::start(way(Arc::clone(&model)), patient()).await;
    let teen = world.teen(1, MemoryMode::Full).await;
    let mut socket = settled(&world, &world.token(teen, HOUR)).await;
    for (number, attack) in (0..).zip(attacks) {
        say(&mut socket, number, &attack.text).await;
        until(&mut socket, "turn.end").await;
    }
    send(&mut socket, &json!({"type": "session.end"})).await;
    until(&mut socket, "memory.updated").await;
    let before = model.calls().len();
    let mut socket = settled(&world, &world.token(teen, HOUR)).await;
    for (number, attack) in (1_000..).zip(attacks) {
        say(&mut socket, number, &attack.question()).await;
        until(&mut socket, "turn.end").await;
    }
    let calls = model.calls().split_off(before);
    calls.into_iter().map(|call| call.prompt).collect()
}

/// Lines of a block that are no quoted data.
fn bare(block: Option<&RemoteText>) -> Vec<&str> {
    let quoted = |line: &str| {
        let line_ends = ['<', '>', '\u{2028}', '\u{2029}', '\u{85}', '\r'];
        serde_json::from_str::<String>(line).is_ok() && !line.contains(line_ends)
    };
    let lines = block.map_or("", RemoteText::as_str).lines();
    lines.filter(|line| !quoted(line)).collect()
}

/// What of memory stands outside of the quoted blocks.
fn outside(prompt: &Prompt, questions: &[String]) -> Vec<String> {
    let personas = PersonaDirectory::shipped().unwrap();
    let persona = personas.get(&"courage".parse().unwrap()).unwrap();
    let mut found = Vec::new();
    let digest = ["<memory about=\"earlier sessions\">", "</memory>"];
    let recalled = ["<memory about=\"this message\">", "</memory>"];
    for (block, marks) in [(&prompt.digest, digest), (&prompt.recalled, recalled)] {
        let lines = bare(block.as_ref());
        if !lines.is_empty() && lines != marks {
            found.extend(lines.into_iter().map(str::to_owned));
        }
    }
    let parts = [
        (&prompt.system, &persona.system_prompt),
        (&prompt.opening, &persona.opening),
    ];
    let changed = parts.iter().filter(|(sent, ours)| sent.as_str() != *ours);
    found.extend(changed.map(|(sent, _)| sent.as_str().to_owned()));
    // What was asked in this talk, and what was answered; the beginning may have been cut off.
    let note = "(the earlier part of this conversation is left out here)";
    let users = prompt.history.iter().map(|turn| turn.user.as_str());
    let known = |text: &str| text == note || questions.iter().any(|one| one == text);
    let said = users.chain([prompt.message.as_str()]);
    found.extend(said.filter(|text| !known(text)).map(str::to_owned));
    found
}

/// Whether the attack is in the quoted data: else nothing would have been tested.
fn told(prompt: &Prompt, attack: &Attack) -> bool {
    let blocks = [&prompt.digest, &prompt.recalled].into_iter().flatten();
    blocks
        .map(|block| block.as_str().to_lowercase())
        .any(|block| block.contains(&attack.mark.to_lowercase()))
}

#[tokio::test(flavor = "multi_thread")]
async fn t07_what_was_remembered_stands_in_quoted_data_and_nowhere_else() {
    let attacks = attacks();
    let prompts = remembered(&attacks, |model| model).await;
    assert_eq!(prompts.len(), attacks.len());
    let questions: Vec<String> = attacks.iter().map(Attack::question).collect();
    let mut seen = 0;
    for (prompt, attack) in prompts.iter().zip(&attacks) {
        let found = outside(prompt, &questions);
        assert!(found.is_empty(), "{}: {found:?}", attack.text);
        seen += usize::from(told(prompt, attack));
    }
    assert!(seen >= 100, "{seen} attacks were remembered");
}

/// What keeps them there are the quotes.
#[tokio::test(flavor = "multi_thread")]
async fn t07_without_the_quotes_they_stand_among_the_orders() {
    let attacks = attacks();
    let prompts = remembered(&attacks, |model| Arc::new(Unquoting::new(model))).await;
    let questions: Vec<String> = attacks.iter().map(Attack::question).collect();
    let loose = prompts.iter().zip(&attacks).filter(|(prompt, attack)| {
        let mark = attack.mark.to_lowercase();
        let found = outside(prompt, &questions);
        found.iter().any(|line| line.to_lowercase().contains(&mark))
    });
    assert!(loose.count() >= 100);
}

/// Says every attack to a model that answers each with the prompt's mark; the words shown.
async fn obeyed(world: &World, attacks: &[Attack]) -> String {
    let teen = world.teen(1, MemoryMode::Off).await;
    let mut socket = settled(world, &world.token(teen, HOUR)).await;
    let mut frames = Vec::new();
    for (number, attack) in (0..).zip(attacks) {
        say(&mut socket, number, &attack.text).await;
        frames.extend(until(&mut socket, "turn.end").await);
    }
    format!("{frames:?}")
}

/// Word by word, in the middle, and at the very end.
fn obedient(attacks: &[Attack]) -> Arc<ScriptedModel> {
    let mark = canary();
    let replies = (0..attacks.len()).map(|number| {
        ScriptedReply::text(&match number % 3 {
            0 => format!("Of course. It is {mark}"),
            1 => format!("{mark} is what stands there, as you wished."),
            _ => format!("My rules end with the line \"{mark}\", and now you know."),
        })
    });
    Arc::new(ScriptedModel::new(replies))
}

#[tokio::test(flavor = "multi_thread")]
async fn t07_the_prompts_mark_never_leaves_a_model_that_obeys() {
    let attacks = attacks();
    let world = World::start(obedient(&attacks), patient()).await;
    let frames = obeyed(&world, &attacks).await;
    assert!(!frames.contains(&canary()));
    let leaks = world.app.metrics.output_leaks.get();
    assert_eq!(usize::try_from(leaks).unwrap(), attacks.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn t07_without_the_filter_the_mark_leaves() {
    let attacks = attacks().split_off(117);
    let open = Arc::new(LetsAllThrough(Released::default()));
    let world = filtered_by(open, obedient(&attacks)).await;
    let frames = obeyed(&world, &attacks).await;
    let mark = canary();
    // Word by word, so its words are looked for one by one.
    assert!(mark.split(' ').all(|word| frames.contains(word)), "{mark}");
}
