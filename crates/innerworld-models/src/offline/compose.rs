//! Putting a reply together: reflect, perhaps name or remember, then invite.

use innerworld_core::{
    memory::graph::EmotionWeights,
    model::call::{LocalHints, ModelCall},
    persona::card::{EMOTIONS, OfflineVoice},
};

use super::{
    Speaker,
    act::Act,
    choose::Choices,
    naming::{self, Named},
    said::Said,
    stock,
};

const FEWEST_WORDS: usize = 15;
const MOST_WORDS: usize = 60;
/// Offline turns after which the journal is offered for the first time, and then every so often.
const JOURNAL_AFTER: u32 = 6;
const JOURNAL_EVERY: u32 = 10;
/// The strongest feeling counts from this weight on; below it the message counts as neutral.
const FELT: f32 = 0.35;
/// And from so many times the weight of having none.
const OUTWEIGHS: f32 = 1.5;
const NEUTRAL: &str = "neutral";

/// The reply to `call` in the voice of `speaker`.
pub(super) fn reply(speaker: &Speaker, call: &ModelCall) -> String {
    let mut composer = Composer {
        speaker,
        hints: &call.local,
        said: Said::new(&call.local.said),
        choices: Choices::new(call.local.seed),
        emotion: feeling(&call.local.emotion),
    };
    match Act::of(call.prompt.message.as_str()) {
        Act::Talk | Act::Question if call.prompt.support.is_some() => composer.care(),
        act => composer.reply(act),
    }
}

struct Composer<'a> {
    speaker: &'a Speaker,
    hints: &'a LocalHints,
    said: Said,
    choices: Choices,
    emotion: &'static str,
}

/// The parts of a reply, in the order in which they are read.
#[derive(Default)]
struct Parts {
    reflection: String,
    mention: Option<String>,
    /// A question about what is remembered.
    fact: Option<String>,
    bridge: Option<String>,
    invitation: Option<String>,
}

impl Composer<'_> {
    /// The reply to what may come from a hard moment: no feeling is guessed, no exercise offered and
    /// nothing remembered brought up.
    fn care(&mut self) -> String {
        let heard = self.choices.line(stock::CARE, &self.said);
        let end = self.choices.line(stock::CARE_ENDS, &self.said);
        let lines: Vec<&str> = heard.into_iter().chain(end).collect();
        lines.join(" ")
    }

    fn reply(&mut self, act: Act) -> String {
        let named = naming::best(&self.hints.entities, self.hints.name.as_ref());
        let answer = self.fact();
        let reflection = self.reflection(act, answer.is_some());
        let mut parts = Parts {
            reflection,
            fact: answer.or_else(|| self.known(act)),
            ..Parts::default()
        };
        if act == Act::Farewell {
            return parts.reflection;
        }
        let plain = matches!(act, Act::Talk | Act::Question);
        let opening = matches!(act, Act::Greeting | Act::Thanks | Act::AsksNature);
        let opener = opening.then(|| self.pick(&stock::OPENERS, &parts));
        let invitation = match opener.flatten() {
            Some(opener) => opener,
            None => self.invitation(named.filter(|_| plain), &parts),
        };
        let used = named.is_some_and(|named| invitation.contains(named.name));
        parts.invitation = Some(invitation);
        if let Some(named) = named.filter(|_| plain && !used && parts.fact.is_none()) {
            parts.mention = self.mention(named);
        }
        self.fit(&mut parts);
        parts.text(act)
    }

    /// The first sentence: what was asked comes before what was felt, except that a strong feeling
    /// is never passed over for a question.
    fn reflection(&mut self, act: Act, remembers: bool) -> String {
        let calm = self.emotion == NEUTRAL;
        if act == Act::AsksMemory && remembers && calm {
            // The remembered fact is the answer.
            return String::new();
        }
        let stock: &[&str] = match act {
            Act::AsksNature => &stock::NATURE,
            Act::Farewell => &stock::FAREWELLS,
            Act::AsksMemory if !remembers => &stock::NO_NOTE,
            Act::Greeting if calm => &stock::GREETINGS,
            Act::Thanks if calm => &stock::THANKS,
            Act::Question if calm => &stock::QUESTIONS,
            _ => &[],
        };
        // Honesty about what it is and a farewell may repeat; the rest gives way to other lines.
        let line = if matches!(act, Act::AsksNature | Act::Farewell) {
            self.choices.line(stock.iter().copied(), &self.said)
        } else {
            self.choices.fresh(stock.iter().copied(), &self.said)
        };
        match line {
            Some(line) => line.replace("{persona}", &self.speaker.name),
            None => self.feeling_line(),
        }
    }

    /// A line for the feeling, else a neutral one; sometimes with the teen's name.
    fn feeling_line(&mut self) -> String {
        let voice = &self.speaker.voice;
        let own = voice.reflect.get(self.emotion);
        let own = own.into_iter().flatten().map(String::as_str);
        let line = self.choices.fresh(own, &self.said).or_else(|| {
            let all: Vec<&str> = voice.reflections(self.emotion).collect();
            let neutral = voice.reflect.get(NEUTRAL).into_iter().flatten();
            self.choices
                .fresh(neutral.map(String::as_str), &self.said)
                .or_else(|| self.choices.line(all, &self.said))
        });
        let line = line.unwrap_or("I read you.");
        let called = self.choices.once_in(6) || self.hints.offline_turns == 0;
        match naming::own(self.hints.name.as_ref()).filter(|_| called) {
            Some(name) => addressed(line, name),
            None => line.to_owned(),
        }
    }

    /// A question about the remembered fact, if it was not asked in this session.
    fn fact(&mut self) -> Option<String> {
        let fact = naming::quotable(self.hints.fact.as_ref()?.reveal())?;
        if self.said.holds(fact) {
            return None;
        }
        let lines = self.speaker.voice.remember.iter().map(String::as_str);
        let line = self.choices.fresh(lines, &self.said)?;
        Some(line.replace("{fact}", fact))
    }

    /// What memory holds in general: all of it for a question that no fact answers, and the first
    /// of it as a question for who comes back.
    fn known(&mut self, act: Act) -> Option<String> {
        let clauses = self.hints.known.iter();
        let mut clauses = clauses.filter_map(|clause| naming::quotable(clause.reveal()));
        match act {
            Act::AsksMemory => {
                let listed = listed(clauses.collect());
                let line = self.choices.line(stock::CLOSEST, &self.said)?;
                Some(line.replace("{facts}", &listed?))
            }
            Act::Greeting if self.hints.offline_turns == 0 => {
                let fact = clauses.find(|fact| !self.said.holds(fact))?;
                let lines = self.speaker.voice.remember.iter().map(String::as_str);
                let line = self.choices.fresh(lines, &self.said)?;
                Some(line.replace("{fact}", fact))
            }
            _ => None,
        }
    }

    fn invitation(&mut self, named: Option<Named<'_>>, parts: &Parts) -> String {
        let OfflineVoice {
            invite, journal, ..
        } = &self.speaker.voice;
        let turns = self.hints.offline_turns;
        if turns >= JOURNAL_AFTER && (turns - JOURNAL_AFTER).is_multiple_of(JOURNAL_EVERY) {
            let offers = journal.iter().map(String::as_str);
            if let Some(offer) = self.choices.fresh(offers, &self.said) {
                return offer.to_owned();
            }
        }
        let proper = named.filter(|named| named.proper);
        if let Some(named) = proper.filter(|_| self.choices.once_in(2)) {
            let with_name = invite.iter().filter(|line| line.contains("{name}"));
            let line = self
                .choices
                .fresh(with_name.map(String::as_str), &self.said);
            if let Some(line) = line {
                return line.replace("{name}", named.name);
            }
        }
        let without: Vec<&str> = invite
            .iter()
            .map(String::as_str)
            .filter(|line| !line.contains('{'))
            .collect();
        self.pick(&without, parts)
            .or_else(|| self.choices.line(without, &self.said).map(str::to_owned))
            .unwrap_or_else(|| "What would you like to look at first?".to_owned())
    }

    /// A line that was not said yet, if possible one that makes the reply long enough.
    fn pick(&mut self, lines: &[&str], parts: &Parts) -> Option<String> {
        let before = parts.words();
        let long_enough = lines
            .iter()
            .copied()
            .filter(|line| before + count(line) >= FEWEST_WORDS);
        self.choices
            .fresh(long_enough, &self.said)
            .or_else(|| self.choices.fresh(lines.iter().copied(), &self.said))
            .map(str::to_owned)
    }

    /// A sentence that takes up a name of the message, about every second time.
    fn mention(&mut self, named: Named<'_>) -> Option<String> {
        if !self.choices.once_in(2) {
            return None;
        }
        let lines: &[&str] = match named {
            Named { proper: true, .. } => &stock::PROPER,
            Named { goal: true, .. } => &stock::GOALS,
            Named { .. } => &stock::NOUNS,
        };
        let line = self.choices.fresh(lines.iter().copied(), &self.said)?;
        Some(line.replace("{name}", named.name))
    }

    /// Keeps a reply between 15 and 60 words.
    fn fit(&mut self, parts: &mut Parts) {
        if parts.words() < FEWEST_WORDS {
            let bridges = stock::BRIDGES.iter().copied();
            let bridge = self.choices.line(bridges, &self.said);
            parts.bridge = bridge.map(str::to_owned);
        }
        if parts.words() > MOST_WORDS {
            parts.mention = None;
        }
        if parts.words() > MOST_WORDS {
            parts.fact = None;
        }
    }
}

impl Parts {
    fn all(&self, act: Act) -> impl Iterator<Item = &str> {
        // Who asks for a memory gets it first.
        let (first, fact) = if act == Act::AsksMemory && self.reflection.is_empty() {
            (self.fact.as_deref(), None)
        } else {
            (None, self.fact.as_deref())
        };
        let rest = [
            Some(self.reflection.as_str()),
            self.mention.as_deref(),
            fact,
            self.bridge.as_deref(),
            self.invitation.as_deref(),
        ];
        std::iter::once(first)
            .chain(rest)
            .flatten()
            .filter(|part| !part.is_empty())
    }

    fn words(&self) -> usize {
        self.all(Act::Talk).map(count).sum()
    }

    fn text(&self, act: Act) -> String {
        self.all(act).collect::<Vec<_>>().join(" ")
    }
}

/// "a", "a and b", "a, b and c".
fn listed(mut clauses: Vec<&str>) -> Option<String> {
    let last = clauses.pop()?;
    Some(if clauses.is_empty() {
        last.to_owned()
    } else {
        format!("{} and {last}", clauses.join(", "))
    })
}

fn count(line: &str) -> usize {
    line.split_whitespace().count()
}

/// "That sounds heavy." becomes "That sounds heavy, Sam."; only one plain sentence takes a name.
fn addressed(line: &str, name: &str) -> String {
    match line.strip_suffix('.') {
        Some(sentence) if !sentence.contains(['.', ',', '?', '!', ':', ';']) => {
            format!("{sentence}, {name}.")
        }
        _ => line.to_owned(),
    }
}

/// The strongest feeling of a message, where it clearly outweighs having none: to be told a
/// feeling that one does not have is worse than a plain answer.
fn feeling(weights: &EmotionWeights) -> &'static str {
    let (mut best, mut none) = ((NEUTRAL, 0.0), 0.0);
    for (name, weight) in EMOTIONS.into_iter().zip(weights) {
        if name == NEUTRAL {
            none = *weight;
        } else if *weight > best.1 {
            best = (name, *weight);
        }
    }
    let (name, weight) = best;
    if weight >= FELT && weight >= none * OUTWEIGHS {
        name
    } else {
        NEUTRAL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feeling_is_named_only_where_it_is_clear() {
        // Anger, disgust, fear, joy, neutral, sadness, surprise.
        for (weights, named) in [
            ([0.38, 0.03, 0.03, 0.19, 0.22, 0.08, 0.07], "anger"),
            ([0.02, 0.01, 0.01, 0.39, 0.39, 0.02, 0.16], NEUTRAL),
            ([0.28, 0.01, 0.03, 0.33, 0.08, 0.14, 0.13], NEUTRAL),
            ([0.00, 0.01, 0.02, 0.02, 0.02, 0.93, 0.00], "sadness"),
            ([0.00; 7], NEUTRAL),
        ] {
            assert_eq!(feeling(&weights), named, "{weights:?}");
        }
    }
}
