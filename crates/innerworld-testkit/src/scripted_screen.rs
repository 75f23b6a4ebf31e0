//! A local safety tier that finds what a text says it shall find.

use innerworld_core::{
    safety::{Before, Category, Level, LocalScreen, LocalVerdict, Suspicion, Views},
    secret::Text,
};

/// Score from which this screen's suspicions lead to a question.
pub const ASK_FROM: f32 = 0.8;

/// Reads texts such as `trigger ideation risk` and `escalate eating 0.9 scorer`; all others pass.
#[derive(Clone, Copy, Debug, Default)]
pub struct ScriptedScreen;

impl ScriptedScreen {
    /// The verdict that a text asks for.
    pub fn verdict(text: &str) -> LocalVerdict {
        let words: Vec<&str> = text.split_whitespace().collect();
        match *words {
            ["trigger", category, level] => LocalVerdict::Trigger {
                category: named(category),
                level: leveled(level),
                rule: "scripted".to_owned(),
            },
            ["escalate", category, score, by] => LocalVerdict::Escalate {
                category: named(category),
                score: score.parse().unwrap(),
                by: [Suspicion::Scorer, Suspicion::Window, Suspicion::Language]
                    .into_iter()
                    .find(|known| known.name() == by)
                    .unwrap(),
            },
            _ => LocalVerdict::Pass,
        }
    }
}

fn named(name: &str) -> Category {
    let known = Category::ALL.into_iter();
    known.rev().find(|known| known.name() == name).unwrap()
}

fn leveled(name: &str) -> Level {
    match name {
        "concern" => Level::Concern,
        "risk" => Level::Risk,
        "danger" => Level::Danger,
        other => panic!("{other} is no level"),
    }
}

impl LocalScreen for ScriptedScreen {
    fn read(&self, text: &str) -> Views {
        Views {
            text: Text::new(text.to_owned()),
            plain: Text::new(text.to_owned()),
            letters: None,
            joined: None,
            odds: f32::MIN,
        }
    }

    /// A watchful look sees in `maybe` what another lets pass.
    fn screen(&self, message: &Views, before: &Before<'_>) -> LocalVerdict {
        match message.text.reveal().strip_prefix("maybe ") {
            Some(_) if !before.watchful => LocalVerdict::Pass,
            Some(rest) => Self::verdict(rest),
            None => Self::verdict(message.text.reveal()),
        }
    }

    fn version(&self) -> &'static str {
        "scripted-1"
    }

    fn ask_from(&self) -> f32 {
        ASK_FROM
    }
}
