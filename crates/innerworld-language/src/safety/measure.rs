//! How often the local tier finds danger where it is, and where it is not.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    RiskScreen,
    judge::{Judge, Judgement},
};

/// Two-sided 95 %.
const Z: f64 = 1.959_963_984_540_054;
/// Messages of an ordinary session.
const SESSION: usize = 30;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// Somebody may be in danger.
    Risk,
    /// Nobody is.
    Benign,
}

/// A message of a set that is measured with.
#[derive(Clone, Debug, Deserialize)]
pub struct Measured {
    /// The words.
    pub text: String,
    /// What it is.
    pub label: Truth,
    /// What the danger is, in the words of whoever made the set.
    #[serde(default)]
    pub category: Option<String>,
    /// Whether it is said plainly.
    #[serde(default)]
    pub explicit: Option<bool>,
    /// Messages of one session are read one after another.
    #[serde(default)]
    pub session: Option<String>,
}

/// How many of how many, with the interval of Wilson (Journal of the American Statistical Association
/// 22, 1927) at 95 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Share {
    /// How many.
    pub count: usize,
    /// Of how many.
    pub of: usize,
    /// As a share, 0 to 1.
    pub share: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// Verdicts over some messages.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdicts {
    /// A phrase triggered.
    pub trigger: Share,
    /// A second look was asked for.
    pub escalate: Share,
    /// Either.
    pub either: Share,
}

/// What happened in sessions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sessions {
    /// Sessions with danger in which something was found before their last third.
    pub found_before_last_third: Share,
    /// Sessions with danger in which something was found at all.
    pub found: Share,
    /// Sessions without danger in which a phrase triggered.
    pub false_trigger: Share,
    /// Sessions without danger in which a second look was asked for.
    pub false_escalate: Share,
}

/// All figures of a set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measure {
    /// Version of rules and weights.
    pub version: String,
    /// Messages.
    pub messages: usize,
    /// By what they are.
    pub labels: BTreeMap<Truth, Verdicts>,
    /// Risks that are said plainly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explicit: Option<Verdicts>,
    /// Risks that are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub implicit: Option<Verdicts>,
    /// Risks by what the danger is.
    pub categories: BTreeMap<String, Verdicts>,
    /// By session, where the messages have any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<Sessions>,
    /// Thirty harmless messages in a row of the file, where they have no session: those with a trigger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thirty_in_a_row: Option<Share>,
}

impl Share {
    /// Of `of`, `count`.
    #[expect(clippy::cast_precision_loss, reason = "sets are small")]
    pub fn of(count: usize, of: usize) -> Self {
        let all = of.max(1) as f64;
        let share = count as f64 / all;
        let middle = share + Z * Z / (2.0 * all);
        let half = Z * (share * (1.0 - share) / all + Z * Z / (4.0 * all * all)).sqrt();
        let whole = 1.0 + Z * Z / all;
        Self {
            count,
            of,
            share,
            low: ((middle - half) / whole).max(0.0),
            high: ((middle + half) / whole).min(1.0),
        }
    }

    /// `91.2 % (88.0-93.6)`: the share and its interval.
    pub fn percent(&self) -> String {
        format!(
            "{:.1} % ({:.1}-{:.1})",
            self.share * 100.0,
            self.low * 100.0,
            self.high * 100.0
        )
    }

    /// `20 of 20, 100.0 % (83.9-100.0)`.
    pub fn told(&self) -> String {
        format!("{} of {}, {}", self.count, self.of, self.percent())
    }

    fn counted<T>(items: &[T], counts: impl Fn(&T) -> bool) -> Self {
        Self::of(
            items.iter().filter(|item| counts(item)).count(),
            items.len(),
        )
    }
}

impl Sessions {
    /// Every figure with its name.
    pub const fn rows(&self) -> [(&'static str, &Share); 4] {
        [
            (
                "with danger: something found before the last third",
                &self.found_before_last_third,
            ),
            ("with danger: something found", &self.found),
            ("without danger: a trigger", &self.false_trigger),
            (
                "without danger: a second look somewhere",
                &self.false_escalate,
            ),
        ]
    }
}

impl Verdicts {
    fn of(judged: &[&Judgement]) -> Self {
        Self {
            trigger: Share::counted(judged, |one| one.verdict == "trigger"),
            escalate: Share::counted(judged, |one| one.verdict == "escalate"),
            either: Share::counted(judged, |one| !one.passes()),
        }
    }

    /// `None` of nothing.
    fn of_some(judged: &[&Judgement]) -> Option<Self> {
        (!judged.is_empty()).then(|| Self::of(judged))
    }
}

impl Measure {
    /// Judges every message of a set.
    pub fn of(screen: &RiskScreen, messages: &[Measured]) -> Self {
        let mut judge = Judge::new(screen);
        let judged: Vec<(&Measured, Judgement)> = messages
            .iter()
            .map(|message| {
                (
                    message,
                    judge.judge(&message.text, message.session.as_deref()),
                )
            })
            .collect();
        let chosen = |wanted: &dyn Fn(&Measured) -> bool| -> Vec<&Judgement> {
            let chosen = judged.iter().filter(|(message, _)| wanted(message));
            chosen.map(|(_, judgement)| judgement).collect()
        };
        let risk = |message: &Measured| message.label == Truth::Risk;
        let labels = [Truth::Risk, Truth::Benign]
            .into_iter()
            .filter_map(|label| {
                Some((
                    label,
                    Verdicts::of_some(&chosen(&|message| message.label == label))?,
                ))
            });
        let risks = messages.iter().filter(|message| risk(message));
        let named: BTreeSet<&String> = risks.filter_map(|one| one.category.as_ref()).collect();
        let categories = named.into_iter().filter_map(|category| {
            let judged = chosen(&|one| risk(one) && one.category.as_ref() == Some(category));
            Some((category.clone(), Verdicts::of_some(&judged)?))
        });
        Self {
            version: innerworld_core::safety::screen::LocalScreen::version(screen).to_owned(),
            messages: messages.len(),
            labels: labels.collect(),
            explicit: Verdicts::of_some(&chosen(&|one| risk(one) && one.explicit == Some(true))),
            implicit: Verdicts::of_some(&chosen(&|one| risk(one) && one.explicit == Some(false))),
            categories: categories.collect(),
            sessions: sessions(&judged),
            thirty_in_a_row: thirty_in_a_row(&judged),
        }
    }
}

fn sessions(judged: &[(&Measured, Judgement)]) -> Option<Sessions> {
    let mut sessions: BTreeMap<&str, Vec<(Truth, &Judgement)>> = BTreeMap::new();
    for (message, judgement) in judged {
        if let Some(session) = &message.session {
            let said = sessions.entry(session).or_default();
            said.push((message.label, judgement));
        }
    }
    let all: Vec<Vec<(Truth, &Judgement)>> = sessions.into_values().collect();
    if all.is_empty() {
        return None;
    }
    let (growing, ordinary): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|said| said.iter().any(|(label, _)| *label == Truth::Risk));
    let found =
        |said: &[(Truth, &Judgement)]| said.iter().any(|(_, judgement)| !judgement.passes());
    Some(Sessions {
        found_before_last_third: Share::counted(&growing, |said| {
            found(said.get(..said.len() * 2 / 3).unwrap_or_default())
        }),
        found: Share::counted(&growing, |said| found(said)),
        false_trigger: Share::counted(&ordinary, |said| {
            said.iter()
                .any(|(_, judgement)| judgement.verdict == "trigger")
        }),
        false_escalate: Share::counted(&ordinary, |said| {
            said.iter()
                .any(|(_, judgement)| judgement.verdict == "escalate")
        }),
    })
}

fn thirty_in_a_row(judged: &[(&Measured, Judgement)]) -> Option<Share> {
    let alone: Vec<&Judgement> = judged
        .iter()
        .filter(|(message, _)| message.session.is_none() && message.label == Truth::Benign)
        .map(|(_, judgement)| judgement)
        .collect();
    let rows: Vec<&[&Judgement]> = alone.chunks_exact(SESSION).collect();
    let triggers = |row: &&[&Judgement]| row.iter().any(|one| one.verdict == "trigger");
    (!rows.is_empty()).then(|| Share::counted(&rows, triggers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_the_textbook() {
        // 8 of 10 at 95 %: 0.49 to 0.94.
        let share = Share::of(8, 10);
        assert!((share.low - 0.490).abs() < 5e-4 && (share.high - 0.943).abs() < 5e-4);
        let none = Share::of(0, 50);
        assert!(none.low < 1e-9 && (none.high - 0.0714).abs() < 5e-4);
        assert!(Share::of(0, 0).share.abs() < 1e-9);
    }
}
