//! The trigger tier. Content warning: sentences of people who say that they are in danger; all are
//! invented.

use std::sync::LazyLock;

use innerworld_core::{
    safety::screen::{Before, Category, Level, LocalScreen as _, LocalVerdict, Suspicion, Views},
    secret::Text,
};
use innerworld_language::safety::{InvalidRules, PhraseScreen, RiskScreen, Scorer, probability};
use proptest::prelude::*;

static SHIPPED: LazyLock<PhraseScreen> = LazyLock::new(|| PhraseScreen::shipped().unwrap());

fn category_of(text: &str) -> Option<Category> {
    category_after(text, &[])
}

fn views(text: &str) -> Views {
    SHIPPED.read(text)
}

fn screen(text: &str, recent: &[&str]) -> LocalVerdict {
    let recent: Vec<Views> = recent.iter().map(|text| views(text)).collect();
    let before = Before {
        recent: &recent.iter().collect::<Vec<_>>(),
        ..Before::default()
    };
    SHIPPED.screen(&views(text), &before)
}

fn category_after(text: &str, recent: &[&str]) -> Option<Category> {
    match screen(text, recent) {
        LocalVerdict::Trigger { category, .. } => Some(category),
        LocalVerdict::Escalate { .. } | LocalVerdict::Pass => None,
    }
}

#[test]
fn every_shipped_rule_agrees_with_its_examples() {
    let screen = PhraseScreen::shipped_and_tried().unwrap();
    assert!((26..=90).contains(&screen.rule_ids().count()));
    assert!(screen.version().starts_with("phrases-"));
}

#[test]
fn r1_words_that_only_contain_a_word_do_not_trigger() {
    for text in [
        "I started a new diet",
        "my studies are going ok",
        "the audience clapped",
        "I lost my hoodie",
        "we drove to San Diego",
        "they were cutting class again",
        "the soldiers in our history book died",
        "my battery died",
        "that joke killed me",
    ] {
        assert_eq!(category_of(text), None, "{text}");
    }
}

#[test]
fn r2_disguises_do_not_hide() {
    for text in [
        "i wanna kms",
        "thinking about kill-ing my-self",
        "i want to k1ll myself",
        "i want to kill mysefl",
        "I am suicdal",
        "i want to ki\u{200b}ll my\u{200d}self",
        "i want to k\u{456}ll mys\u{435}lf",
        "i want to k i l l m y s e l f",
        "k.i.l.l m.y.s.e.l.f",
        "i w4nt t0 d!e",
        "1'm g0nna bring 4 kn1fe to school",
        "1 w4n7 70 d13",
        "i wanna dieeeee",
        "I WANT TO DIE",
        "quiero morirme",
        "ya no quiero vivir",
    ] {
        assert!(category_of(text).is_some(), "{text}");
    }
}

#[test]
fn a_cancelled_match_takes_no_other_with_it() {
    assert_eq!(
        category_of("I'm not suicidal but I don't want to live"),
        Some(Category::Ideation)
    );
    assert_eq!(
        category_of("i wouldn't kill myself in minecraft, but i want to kill myself here"),
        Some(Category::Ideation)
    );
    assert_eq!(category_of("I'm not suicidal"), None);
}

#[test]
fn the_gravest_match_decides() {
    let verdict = screen("i want to die and i tried to kill myself last week", &[]);
    let LocalVerdict::Trigger {
        level, category, ..
    } = verdict
    else {
        panic!("no trigger");
    };
    assert_eq!((category, level), (Category::Attempt, Level::Danger));
}

#[test]
fn a_sentence_over_several_messages_is_read_as_one() {
    assert_eq!(
        category_after("die", &["i just", "want to"]),
        Some(Category::Ideation)
    );
    assert_eq!(
        category_after("myself", &["i want to kill"]),
        Some(Category::Ideation)
    );
    // What was said before was answered before.
    assert_eq!(
        category_after("what is for dinner", &["i want to die"]),
        None
    );
    assert_eq!(category_after("my hair", &["i want to", "dye"]), None);
    // Only the last two count.
    assert_eq!(
        category_after("myself", &["i want to kill", "hm", "so"]),
        None
    );
}

#[test]
fn a_rule_file_is_checked_when_it_loads() {
    let rule = |pattern: &str, examples: usize| {
        format!(
            "[[rule]]\nid = \"t\"\ncategory = \"ideation\"\nlevel = \"risk\"\nany = ['{pattern}']\n\
             examples = [{}]\ncounterexamples = [{}]\n",
            "\"a zork here\",".repeat(examples),
            "\"nothing\",".repeat(5),
        )
    };
    let load = |text: &str| PhraseScreen::of_files(&[("t.toml", text)]).map(|_| ());
    assert!(load(&rule("zork", 5)).is_ok());
    assert!(matches!(load("x = 1"), Err(InvalidRules::Format { .. })));
    assert!(matches!(
        load(&rule("zork", 4)),
        Err(InvalidRules::TooFew { count: 4, .. })
    ));
    assert!(matches!(
        load(&rule("(", 5)),
        Err(InvalidRules::Pattern { .. })
    ));
    assert!(matches!(
        load(&rule("<none>", 5)),
        Err(InvalidRules::UnknownWord { .. })
    ));
    let Err(wrong) = load(&rule("gleb", 5)) else {
        panic!("a rule that misses its examples was taken");
    };
    let named: Vec<String> = (1..=5)
        .map(|number| format!("example {number} of t in t.toml"))
        .collect();
    assert_eq!(
        wrong.to_string(),
        format!("rules give the wrong result for {}", named.join(", "))
    );
    let twice = rule("zork", 5).repeat(2);
    assert!(matches!(load(&twice), Err(InvalidRules::Duplicate { .. })));
}

#[test]
fn views_read_what_is_meant() {
    let plain = |text: &str| views(text).plain.into_inner();
    assert_eq!(plain("I\u{2019}m  gonna\u{200b} GO"), "i am going to go");
    assert_eq!(plain("soooo my  self"), "soo myself");
    assert_eq!(
        plain("w ppl n u, evry nite"),
        "with people and you, every night"
    );
    assert_eq!(plain("ｗｉｄｅ"), "wide");
    assert_eq!(plain("привет, как дела"), "привет, как дела");
    assert_eq!(plain("the \u{441}\u{430}t"), "the cat");
    let letters = |text: &str| views(text).letters.map(Text::into_inner);
    assert_eq!(
        letters("h3ll0 w*r-d 12:30").as_deref(),
        Some("hello wrd 12:30")
    );
    assert_eq!(letters("see you at 12:30"), None);
    let joined = |text: &str| views(text).joined.map(Text::into_inner);
    assert_eq!(
        joined("s o r r y. i am ok").as_deref(),
        Some("sorry i am ok")
    );
    assert_eq!(joined("a b c"), None);
}

#[test]
fn long_texts_take_time_in_proportion() {
    for piece in [
        "i want to ",
        "not ",
        "i really ",
        "a b ",
        "my self ",
        "touched me ",
        "1!",
        "é",
    ] {
        let text = piece.repeat(16_000 / piece.len());
        // A quadratic scan of 16 KB would not end within the test's patience.
        screen(&text, &[&text, &text]);
    }
}

proptest! {
    #[test]
    fn reading_again_changes_nothing(text in any::<String>()) {
        let read = views(&text);
        prop_assert!(views(read.plain.reveal()).plain == read.plain);
    }

    #[test]
    fn reading_chat_again_changes_nothing(text in "[a-dgimnstuwy'.!*1350$@ -]{0,60}") {
        let read = views(&text);
        prop_assert!(views(read.plain.reveal()).plain == read.plain);
        let letters = read.letters.unwrap_or(read.plain);
        prop_assert!(views(letters.reveal()).letters.is_none());
    }

    #[test]
    fn any_text_is_screened(text in any::<String>(), before in any::<String>()) {
        screen(&text, &[&before]);
    }

    #[test]
    fn words_around_do_not_hide_it(before in "[a-z]{0,8}[.!?] ", after in "[.!?] [a-z]{0,8}") {
        let text = format!("{before}i want to end my life{after}");
        prop_assert!(category_of(&text).is_some());
    }
}

/// Who somebody is, says nothing about danger.
#[test]
fn who_somebody_is_does_not_change_the_score() {
    let screen = RiskScreen::shipped().unwrap();
    let score = |text: &str| probability(screen.read(text).odds);
    let groups: [&[&str]; 6] = [
        &[
            "gay", "straight", "bi", "lesbian", "trans", "queer", "asexual",
        ],
        &[
            "muslim",
            "christian",
            "jewish",
            "hindu",
            "buddhist",
            "catholic",
        ],
        &[
            "black", "white", "asian", "latino", "mexican", "nigerian", "indian", "irish",
        ],
        &["autistic", "deaf", "blind", "diabetic", "dyslexic"],
        &["a girl", "a boy", "nonbinary"],
        &["rich", "poor", "an immigrant", "adopted", "a refugee"],
    ];
    let sentences = [
        "i am _ and i had pizza with my friends",
        "my friend is _ and we play minecraft a lot",
        "being _ at my school is pretty normal",
        "im _ and i feel so sad today, i miss my grandpa",
        "my cousin who is _ starts college in september",
    ];
    let mut worst: Vec<String> = Vec::new();
    for words in groups {
        for sentence in sentences {
            let scores: Vec<f32> = words
                .iter()
                .map(|word| score(&sentence.replace('_', word)))
                .collect();
            let most = scores.iter().copied().fold(f32::MIN, f32::max);
            let least = scores.iter().copied().fold(f32::MAX, f32::min);
            if most - least >= 0.05 {
                worst.push(format!("{sentence} {words:?}: {scores:?}"));
            }
        }
    }
    assert!(worst.is_empty(), "{worst:#?}");
}

#[test]
fn a_scorer_escalates_what_no_phrase_says_and_never_triggers() {
    let screen = RiskScreen::shipped().unwrap();
    let judge = |text: &str| screen.screen(&screen.read(text), &Before::default());
    for quiet in [
        "i gave my drum kit to my brother, i wont need it after this week",
        "it would be easier for everyone if i just wasnt in the picture",
    ] {
        assert!(!matches!(judge(quiet), LocalVerdict::Pass), "{quiet}");
    }
    for ordinary in [
        "we had pizza and watched a movie",
        "ugh my locker is stuck again",
        "hi",
        "ok thanks",
    ] {
        assert_eq!(judge(ordinary), LocalVerdict::Pass, "{ordinary}");
    }
}

#[test]
fn six_messages_together_may_say_what_none_says_alone() {
    let screen = RiskScreen::shipped().unwrap();
    let least = *Scorer::shipped().unwrap().thresholds();
    assert!(least.watchful < least.escalate && least.escalate <= least.ask);
    let judge = |own: f32, odds: &[f32], watchful: bool| {
        let mut message = screen.read("whatever");
        message.odds = own;
        let before = Before {
            odds,
            watchful,
            ..Before::default()
        };
        match screen.screen(&message, &before) {
            LocalVerdict::Escalate { by, .. } => Some(by),
            LocalVerdict::Pass | LocalVerdict::Trigger { .. } => None,
        }
    };
    let quiet = f32::midpoint(least.watchful, least.escalate);
    let loud = [least.watchful + least.window / 5.0; 5];
    assert_eq!(judge(quiet, &[], false), None);
    assert_eq!(judge(quiet, &[quiet; 5], true), Some(Suspicion::Scorer));
    assert_eq!(judge(least.escalate, &[], false), Some(Suspicion::Scorer));
    assert_eq!(judge(quiet, &loud, false), Some(Suspicion::Window));
    assert_eq!(judge(least.escalate, &loud, false), Some(Suspicion::Window));
    // Only five before count, and this one must add to them.
    let mut old = loud.to_vec();
    old.extend([least.watchful; 5]);
    assert_eq!(judge(quiet, &old, false), None);
    assert_eq!(judge(least.watchful, &loud, false), None);
}

#[test]
fn a_language_without_rules_gets_a_second_look_and_spanish_has_rules() {
    let screen = RiskScreen::shipped().unwrap();
    let judge = |text: &str| screen.screen(&screen.read(text), &Before::default());
    let french =
        "hier nous avons mangé une pizza avec toute la famille et c'était vraiment très bon";
    assert!(matches!(
        judge(french),
        LocalVerdict::Escalate {
            by: Suspicion::Language,
            ..
        }
    ));
    assert_eq!(
        judge("ayer comimos pizza con toda la familia y estuvo muy rica"),
        LocalVerdict::Pass
    );
    // Long ones too, whichever foreign words stand among known ones.
    let by_language = |text: &str| {
        let by = Suspicion::Language;
        matches!(judge(text), LocalVerdict::Escalate { by: own, .. } if own == by)
    };
    assert!(by_language(&french.repeat(40)));
    let mixed = "we saw la casa de papel again and my mom made pizza for all of us. \
                 ayer jugamos al futbol con los vecinos y el equipo de mi hermano perdió. ";
    assert!(!by_language(&mixed.repeat(20)));
}

proptest! {
    /// No text makes the scorer panic, and its odds are a number.
    #[test]
    fn any_text_can_be_scored(text in ".{0,400}|[a-z ,.!]{0,400}") {
        let screen = &*RISK;
        let views = screen.read(&text);
        prop_assert!(views.odds.is_finite());
        prop_assert!((0.0..=1.0).contains(&probability(views.odds)));
        screen.screen(&views, &Before::default());
    }
}

static RISK: LazyLock<RiskScreen> = LazyLock::new(|| RiskScreen::shipped().unwrap());
