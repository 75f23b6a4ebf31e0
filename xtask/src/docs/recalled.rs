//! The session after the month: what it starts with, and which messages get memory.

use innerworld_core::{
    identity::consent::MemoryMode,
    memory::{
        Recalled, ScoredTurn, SessionMemory, Why,
        digest::DIGEST_TOKENS,
        pack::{Moved, TURN_TOKENS, line_tokens},
    },
    secret::Text,
};

use super::{
    month::Month,
    scenario::{Message, Turn},
    words,
};

/// Turns of a ranking that the page shows.
const SHOWN: usize = 4;

/// The digest as a block, with its size.
pub(super) fn digest(memory: &SessionMemory) -> String {
    let text = memory.digest().map_or("", |text| text.reveal());
    let tokens: usize = text.lines().map(line_tokens).sum();
    format!(
        "```text\n{}\n```\n\nAbout {tokens} tokens; it may take {DIGEST_TOKENS}, marks included.\n",
        text.trim_end()
    )
}

/// The memory of a session that begins where the scenario says.
pub(super) async fn open(month: &Month<'_>) -> anyhow::Result<SessionMemory> {
    let now = month.scenario.instant(&month.scenario.next.at)?;
    month.clock.set(now);
    let zone = &month.scenario.zone;
    let opened = month.memory.open(month.teen, MemoryMode::Full, zone, now);
    Ok(opened.await?)
}

/// Every message of that session, and what goes with it.
pub(super) fn tell(month: &Month<'_>, mut memory: SessionMemory) -> anyhow::Result<String> {
    let scenario = month.scenario;
    let messages = &scenario.next.messages;
    let turns: Vec<Turn> = messages.iter().map(Message::turn).collect();
    let log = month.log(&scenario.next.at, &turns)?;
    let teen_name = Text::from(scenario.teen.clone());
    let (mut in_prompt, mut told, mut sent) = (Vec::new(), Vec::new(), 0);
    for (message, turn) in messages.iter().zip(&log.turns) {
        let why = memory.why(&message.text, &in_prompt, SHOWN);
        let recalled = memory.recall(&message.text, &in_prompt, TURN_TOKENS);
        sent += usize::from(recalled.is_some());
        told.push(one(month, message, why.as_ref(), recalled.as_ref()));
        in_prompt.push(turn.id);
        memory.add_turn(turn, Some(&teen_name), &scenario.persona);
    }
    told.push(format!(
        "So memory went with {sent} of these {} messages.\n",
        messages.len()
    ));
    Ok(told.join("\n"))
}

impl Message {
    fn turn(&self) -> Turn {
        Turn {
            teen: self.text.clone(),
            persona: self.persona.clone(),
        }
    }
}

fn one(
    month: &Month<'_>,
    message: &Message,
    why: Option<&Why>,
    recalled: Option<&Recalled>,
) -> String {
    let mut parts = vec![format!("> **{}** {}\n", month.scenario.teen, message.text)];
    let Some(why) = why else {
        return parts.concat();
    };
    match recalled {
        None => parts.push(format!("Nothing is sent. {}\n", quiet(why))),
        Some(recalled) => {
            parts.push(format!(
                "{} So about {} of at most {TURN_TOKENS} tokens go with this message:\n",
                reason(why),
                recalled.tokens
            ));
            parts.push(format!("```text\n{}\n```\n", recalled.block.reveal()));
            parts.push(ranking(month, why, recalled));
        }
    }
    parts.join("\n")
}

/// Why nothing is sent.
fn quiet(why: &Why) -> String {
    let best = why.turns.first().map(|best| best.parts.total());
    match (best, why.bar) {
        (Some(best), Some(bar)) if best <= bar => format!(
            "It asks for no memory and names nothing that the digest lacks, and no turn stands out: \
             the best has {best:.1}, the bar is {bar:.1}."
        ),
        _ => "What stands out is in the prompt already, or has only one word in common with it."
            .to_owned(),
    }
}

fn reason(why: &Why) -> String {
    let best = why.turns.first().map_or(0.0, |best| best.parts.total());
    let bar = why.bar.unwrap_or_default();
    let names: Vec<String> = why
        .named
        .iter()
        .map(|name| format!("“{}”", name.reveal()))
        .collect();
    match why.moved {
        Some(Moved::Asks) => "It asks outright for something told before.".to_owned(),
        Some(Moved::StandsOut) => {
            format!("One turn stands out: it has {best:.1}, and the bar is {bar:.1}.")
        }
        Some(Moved::Names) => format!(
            "It names something that the digest does not hold ({}).",
            words::list(&names)
        ),
        None => String::new(),
    }
}

fn ranking(month: &Month<'_>, why: &Why, recalled: &Recalled) -> String {
    let row = |scored: &ScoredTurn| {
        let turn = &scored.turn;
        let parts = scored.parts;
        let place = month
            .places
            .get(&turn.id)
            .cloned()
            .unwrap_or_else(|| "now".to_owned());
        let sent = if recalled.turns.contains(&turn.id) {
            "yes"
        } else {
            "no"
        };
        vec![
            format!("{place}: {}", first_words(turn.text())),
            format!("{:+.1}", parts.words),
            format!("{:+.1}", parts.near),
            format!("{:+.1}", parts.session_words + parts.session_near),
            format!("{:+.1}", parts.answers),
            format!("{:+.1}", parts.speaker),
            format!("{:+.1}", parts.known),
            format!("**{:.1}**", parts.total()),
            sent.to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = why.turns.iter().map(row).collect();
    let heads = [
        "Best turns",
        "words",
        "meaning",
        "session",
        "question",
        "speaker",
        "day",
        "sum",
        "sent",
    ];
    words::table(&heads, &rows)
}

/// The beginning of a text: as much as a table bears.
fn first_words(text: &str) -> String {
    const MOST: usize = 52;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(MOST).collect();
    let whole = cut
        .rsplit_once(' ')
        .map_or(cut.as_str(), |(words, _)| words);
    format!("{whole} …")
}
