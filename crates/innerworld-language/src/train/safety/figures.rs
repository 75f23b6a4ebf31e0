//! What the scorer reaches, as its header has it.

use std::collections::BTreeMap;

use innerworld_core::safety::screen::{Before, Category, LocalScreen as _, LocalVerdict};

use super::{CorpusLine, Label, SafetyData, odds};
use crate::safety::{PhraseScreen, Scorer, Share};

/// What the scorer reaches, for the header: on invented messages by what was trained without their
/// author, and together with the phrase rules.
pub(super) fn figures(
    data: &SafetyData,
    scorer: &Scorer,
    unseen: &[f64],
    phrases: &PhraseScreen,
) -> BTreeMap<String, String> {
    let least = scorer.thresholds();
    let reach =
        |odds: &[f64], from: f32| odds.iter().filter(|odds| **odds >= f64::from(from)).count();
    let mut figures = BTreeMap::new();
    for set in &data.ordinary {
        let odds = odds(scorer, &set.texts);
        let (looks, asks) = (reach(&odds, least.escalate), reach(&odds, least.ask));
        let triggers = set
            .texts
            .iter()
            .filter(|text| triggers(phrases, text))
            .count();
        figures.insert(
            format!("ordinary, {}", set.name),
            [looks, asks, triggers]
                .map(|count| Share::of(count, odds.len()).percent())
                .join(" | "),
        );
    }
    let single = data
        .corpus
        .iter()
        .zip(unseen)
        .filter(|(line, _)| line.session.is_none());
    let judged: Vec<(&CorpusLine, bool, bool)> = single
        .map(|(line, odds)| {
            (
                line,
                triggers(phrases, &line.text),
                *odds >= f64::from(least.escalate),
            )
        })
        .collect();
    let mut add = |name: String, wanted: &dyn Fn(&CorpusLine) -> bool| {
        let chosen: Vec<_> = judged.iter().filter(|(line, _, _)| wanted(line)).collect();
        let count = |counts: &dyn Fn(bool, bool) -> bool| {
            let counted = chosen
                .iter()
                .filter(|(_, trigger, look)| counts(*trigger, *look));
            Share::of(counted.count(), chosen.len()).percent()
        };
        let shares = [
            count(&|trigger, _| trigger),
            count(&|trigger, look| trigger || look),
        ];
        figures.insert(name, format!("{} | {}", chosen.len(), shares.join(" | ")));
    };
    let risk = |line: &CorpusLine| line.label == Label::Risk;
    add("invented, risk, explicit".to_owned(), &|line| {
        risk(line) && line.explicit
    });
    add("invented, risk, implicit".to_owned(), &|line| {
        risk(line) && !line.explicit
    });
    add("invented, risk, in Spanish".to_owned(), &|line| {
        risk(line) && line.lang == "es"
    });
    for category in Category::ALL {
        add(format!("invented, risk, {}", category.name()), &|line| {
            line.category == Some(category)
        });
    }
    add("invented, everyday".to_owned(), &CorpusLine::is_ordinary);
    for (family, name) in HARD {
        add(format!("invented, benign, {name}"), &|line| {
            !risk(line) && line.is_of(family)
        });
    }
    figures
}

/// Harmless messages that sound like more, by the beginning of their family.
const HARD: [(&str, &str); 7] = [
    ("idiom-", "idiom and hyperbole"),
    ("game-", "games, film, sport"),
    ("school-", "school stress"),
    ("sad-", "sad but safe"),
    ("third-", "other people, news, class"),
    ("neg-", "denied or recovered"),
    ("every-", "everyday words"),
];

fn triggers(phrases: &PhraseScreen, text: &str) -> bool {
    phrases.screen(&phrases.read(text), &Before::default()) != LocalVerdict::Pass
}
