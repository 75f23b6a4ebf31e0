//! Every row of the crisis protocol's table.

use innerworld_core::safety::{
    Category, Level, SafetyState,
    machine::{Action, Choice, Event, Show, unacknowledged},
};

use super::life::{EVENING, HOUR, Life, MINUTE, concern, danger, risk};

const OPEN: [SafetyState; 3] = [
    SafetyState::Normal,
    SafetyState::CheckIn,
    SafetyState::Cooldown,
];
const ALL: [SafetyState; 5] = [
    SafetyState::Normal,
    SafetyState::Cooldown,
    SafetyState::CheckIn,
    SafetyState::JournalOnly,
    SafetyState::Crisis,
];

#[test]
fn a_message_without_concern_leaves_the_state_and_counts_in_a_check_in() {
    for state in ALL {
        let mut life = Life::in_state(state, Level::Risk);
        let step = life.happens(Event::Pass);
        assert!(!step.moved && step.count.is_none() && step.show == Show::Nothing);
        life.is(state);
        assert_eq!(life.record.passes, u32::from(state == SafetyState::CheckIn));
    }
    let mut life = Life::in_state(SafetyState::CheckIn, Level::Concern);
    life.happens(Event::Pass);
    life.happens(Event::Pass);
    life.happens(concern(Category::Ideation, Level::Concern, false));
    assert_eq!(life.record.passes, 0, "a concern begins anew");
}

#[test]
fn what_interrupts_is_a_crisis_from_every_open_state() {
    for state in OPEN {
        for (event, level) in [(risk(), Level::Risk), (danger(), Level::Danger)] {
            let mut life = Life::in_state(state, Level::Risk);
            let step = life.happens(event);
            life.is(SafetyState::Crisis);
            assert_eq!(
                (step.show, step.count, step.moved),
                (Show::New, Some(Action::Crisis), true),
                "{state:?}"
            );
            assert_eq!(life.record.level, Some(level));
            assert_eq!(unacknowledged(&life.record), life.record.crisis_event);
        }
    }
}

#[test]
fn not_safe_is_believed_whatever_it_answers() {
    for state in ALL {
        let mut life = Life::in_state(state, Level::Risk);
        life.passes(11 * MINUTE);
        let stranger = Life::in_state(SafetyState::Crisis, Level::Risk).event();
        let step = life.happens(Event::Reply(stranger, Choice::NotSafe));
        life.is(SafetyState::Crisis);
        assert_eq!((step.show, step.count), (Show::New, Some(Action::Crisis)));
    }
}

#[test]
fn what_asks_is_a_check_in_and_a_flag_in_the_days_after_a_crisis() {
    let asking = [
        concern(Category::Abuse, Level::Risk, true),
        concern(Category::Eating, Level::Concern, true),
        concern(Category::Ideation, Level::Concern, false),
    ];
    for event in asking {
        for state in [SafetyState::Normal, SafetyState::Cooldown] {
            let mut life = Life::in_state(state, Level::Risk);
            let step = life.happens(event);
            assert_eq!((step.show, step.count), (Show::New, Some(Action::Ask)));
            let cooldown = state == SafetyState::Cooldown;
            life.is(if cooldown {
                SafetyState::Cooldown
            } else {
                SafetyState::CheckIn
            });
            assert_eq!(life.record.flagged, cooldown);
        }
    }
}

#[test]
fn a_question_is_asked_once_in_ten_minutes_unless_it_got_worse() {
    let mild = concern(Category::Ideation, Level::Concern, false);
    let mut life = Life::in_state(SafetyState::CheckIn, Level::Concern);
    life.passes(9 * MINUTE);
    let step = life.happens(mild);
    assert_eq!((step.show, step.count), (Show::Nothing, None));
    let step = life.happens(concern(Category::Ideation, Level::Risk, false));
    assert_eq!((step.show, step.count), (Show::New, Some(Action::Ask)));
    // Other words and other lines are needed.
    let step = life.happens(concern(Category::Eating, Level::Concern, true));
    assert_eq!((step.show, step.count), (Show::New, Some(Action::Ask)));
    life.passes(10 * MINUTE);
    let step = life.happens(mild);
    assert_eq!((step.show, step.count), (Show::New, Some(Action::Ask)));
}

#[test]
fn a_check_in_ends_with_a_safe_reply_and_three_messages_in_either_order() {
    for before in 0..=3 {
        let mut life = Life::in_state(SafetyState::CheckIn, Level::Concern);
        for _ in 0..before {
            life.happens(Event::Pass);
        }
        life.answers(Choice::Safe);
        for _ in before..3 {
            life.is(SafetyState::CheckIn);
            life.happens(Event::Pass);
        }
        life.is(SafetyState::Normal);
        assert_eq!(life.record.category, None, "nothing of it is kept");
    }
    let mut life = Life::in_state(SafetyState::CheckIn, Level::Concern);
    for _ in 0..20 {
        life.happens(Event::Pass);
    }
    life.is(SafetyState::CheckIn);
}

#[test]
fn a_check_in_ends_after_a_day_without_concern() {
    let mut life = Life::in_state(SafetyState::CheckIn, Level::Concern);
    life.passes(23 * HOUR);
    life.happens(concern(Category::Ideation, Level::Concern, false));
    life.passes(MINUTE * (24 * 60 - 1)).ticks();
    life.is(SafetyState::CheckIn);
    let step = life.passes(MINUTE).ticks();
    life.is(SafetyState::Normal);
    assert!(step.moved);
}

#[test]
fn other_answers_leave_a_check_in() {
    for choice in [
        Choice::Talk,
        Choice::Journal,
        Choice::Grounding,
        Choice::TellAdult,
        Choice::Dismissed,
    ] {
        let mut life = Life::in_state(SafetyState::CheckIn, Level::Concern);
        life.happens(Event::Pass);
        life.happens(Event::Pass);
        life.happens(Event::Pass);
        let step = life.answers(choice);
        life.is(SafetyState::CheckIn);
        assert_eq!((step.show, step.count), (Show::Nothing, None));
    }
}

#[test]
fn an_acknowledged_crisis_is_journal_only_with_a_question_that_does_not_count() {
    for choice in [
        None,
        Some(Choice::Safe),
        Some(Choice::Journal),
        Some(Choice::TellAdult),
    ] {
        let mut life = Life::in_state(SafetyState::Crisis, Level::Risk);
        let step = match choice {
            None => life.acks(),
            Some(choice) => life.answers(choice),
        };
        life.is(SafetyState::JournalOnly);
        assert_eq!((step.show, step.count), (Show::New, None), "{choice:?}");
        assert!(unacknowledged(&life.record).is_some(), "the question waits");
        let first = usize::from(choice == Some(Choice::Safe));
        assert_eq!(life.record.safe_replies.len(), first);
    }
}

#[test]
fn a_crisis_that_nobody_confirmed_is_journal_only_after_a_day_and_stays_first() {
    let mut life = Life::in_state(SafetyState::Crisis, Level::Danger);
    let crisis = life.event();
    life.passes(MINUTE * (24 * 60 - 1)).ticks();
    life.is(SafetyState::Crisis);
    life.passes(MINUTE).ticks();
    life.is(SafetyState::JournalOnly);
    assert_eq!(unacknowledged(&life.record), Some(crisis));
    life.passes(40 * HOUR).ticks();
    assert_eq!(unacknowledged(&life.record), Some(crisis));
}

#[test]
fn a_further_trigger_is_the_same_event_for_ten_minutes_and_then_a_new_one() {
    for state in [SafetyState::Crisis, SafetyState::JournalOnly] {
        let mut life = Life::in_state(state, Level::Risk);
        let first = life.record.crisis_event;
        let step = life.passes(9 * MINUTE).happens(risk());
        life.is(SafetyState::Crisis);
        assert_eq!((step.show, step.count), (Show::Again, None));
        assert_eq!(life.record.event, first);
        assert_eq!(
            life.record.last_trigger_at,
            Some(life.now),
            "clocks restart"
        );
        let step = life.passes(MINUTE).happens(risk());
        assert_eq!((step.show, step.count), (Show::New, Some(Action::Crisis)));
        assert_ne!(life.record.event, first);
    }
}

#[test]
fn a_rise_to_danger_is_always_a_new_event() {
    for state in [SafetyState::Crisis, SafetyState::JournalOnly] {
        let mut life = Life::in_state(state, Level::Risk);
        let first = life.record.crisis_event;
        let step = life.happens(danger());
        assert_eq!((step.show, step.count), (Show::New, Some(Action::Crisis)));
        assert_ne!(life.record.event, first);
        let step = life.happens(risk());
        assert_eq!((step.show, step.count), (Show::Again, None));
        assert_eq!(
            life.record.level,
            Some(Level::Danger),
            "no fall by a milder word"
        );
    }
}

#[test]
fn an_asking_trigger_counts_as_one_in_journal_only_mode() {
    let mut life = Life::in_state(SafetyState::JournalOnly, Level::Risk);
    let abuse = concern(Category::Abuse, Level::Risk, true);
    let step = life.passes(11 * MINUTE).happens(abuse);
    life.is(SafetyState::Crisis);
    assert_eq!((step.show, step.count), (Show::New, Some(Action::Crisis)));
    let mut life = Life::in_state(SafetyState::JournalOnly, Level::Risk);
    let step = life.happens(concern(Category::Ideation, Level::Concern, false));
    life.is(SafetyState::JournalOnly);
    assert_eq!(step.count, None, "a mere score changes nothing there");
}

#[test]
fn the_same_message_again_changes_nothing() {
    let mut life = Life::new();
    let first = life.again(9, risk());
    let before = life.record.clone();
    let step = life.passes(20 * MINUTE).again(9, risk());
    assert_eq!((step.show, step.count), (Show::Again, None));
    assert_eq!(life.record, before);
    life.acks();
    let step = life.again(9, risk());
    assert_eq!(
        (step.show, step.count, step.changed),
        (Show::Nothing, None, false)
    );
    life.is(SafetyState::JournalOnly);
    assert_eq!(first.count, Some(Action::Crisis));
}

#[test]
fn two_safe_replies_far_enough_apart_end_journal_only_after_risk() {
    let mut life = Life::in_state(SafetyState::JournalOnly, Level::Risk);
    life.passes(19 * MINUTE).answers(Choice::Safe);
    life.is(SafetyState::JournalOnly);
    life.passes(10 * MINUTE).answers(Choice::Safe);
    life.is(SafetyState::JournalOnly);
    life.passes(MINUTE).answers(Choice::Safe);
    life.is(SafetyState::Cooldown);

    let mut life = Life::in_state(SafetyState::JournalOnly, Level::Risk);
    life.passes(7 * HOUR / 2).answers(Choice::Safe);
    life.is(SafetyState::JournalOnly);
    life.passes(9 * MINUTE).answers(Choice::Safe);
    life.is(SafetyState::JournalOnly);
}

#[test]
fn a_safe_reply_before_a_further_trigger_does_not_count() {
    let mut life = Life::in_state(SafetyState::JournalOnly, Level::Risk);
    life.passes(35 * MINUTE).answers(Choice::Safe);
    life.happens(risk());
    life.acks();
    life.passes(31 * MINUTE).answers(Choice::Safe);
    life.is(SafetyState::JournalOnly);
}

#[test]
fn risk_ends_after_eight_hours_and_a_night() {
    // 20:00: after eight hours it is four in the morning of a new day.
    let mut life = Life::in_state(SafetyState::JournalOnly, Level::Risk);
    life.passes(MINUTE * (8 * 60 - 1)).ticks();
    life.is(SafetyState::JournalOnly);
    life.passes(MINUTE).ticks();
    life.is(SafetyState::Cooldown);
    // One in the morning: the night is not over before the next midnight.
    let mut life = Life::new();
    life.now = EVENING.plus(5 * HOUR);
    life.happens(risk());
    life.acks();
    life.passes(22 * HOUR).ticks();
    life.is(SafetyState::JournalOnly);
    life.passes(HOUR).ticks();
    life.is(SafetyState::Cooldown);
}

#[test]
fn danger_ends_with_one_safe_after_twelve_hours_and_a_night_or_after_three_days() {
    let mut life = Life::in_state(SafetyState::JournalOnly, Level::Danger);
    life.passes(11 * HOUR).answers(Choice::Safe);
    life.is(SafetyState::JournalOnly);
    life.passes(HOUR).ticks();
    life.is(SafetyState::JournalOnly);
    life.answers(Choice::Safe);
    life.is(SafetyState::Cooldown);
    // Eight in the morning: twelve hours later it is still the same day.
    let mut life = Life::new();
    life.now = EVENING.minus(12 * HOUR);
    life.happens(danger());
    life.acks();
    life.passes(13 * HOUR).answers(Choice::Safe);
    life.is(SafetyState::JournalOnly);
    let mut life = Life::in_state(SafetyState::JournalOnly, Level::Danger);
    life.passes(MINUTE * (72 * 60 - 1)).ticks();
    life.is(SafetyState::JournalOnly);
    life.passes(MINUTE).ticks();
    life.is(SafetyState::Cooldown);
}

#[test]
fn once_an_exit_is_due_the_teen_is_asked_again_once() {
    let mut life = Life::in_state(SafetyState::JournalOnly, Level::Risk);
    assert_eq!(life.passes(29 * MINUTE).ticks().show, Show::Nothing);
    let step = life.passes(MINUTE).ticks();
    assert_eq!((step.show, step.count), (Show::New, None));
    assert_eq!(life.passes(MINUTE).ticks().show, Show::Nothing);
}

#[test]
fn the_days_after_a_crisis_end_after_three_of_them() {
    let mut life = Life::in_state(SafetyState::JournalOnly, Level::Risk);
    life.passes(8 * HOUR).ticks();
    life.is(SafetyState::Cooldown);
    life.passes(MINUTE * (72 * 60 - 1)).ticks();
    life.is(SafetyState::Cooldown);
    life.passes(MINUTE).ticks();
    life.is(SafetyState::Normal);
}

#[test]
fn it_does_not_matter_how_often_anybody_looked() {
    let mut often = Life::in_state(SafetyState::JournalOnly, Level::Risk);
    often.acks();
    let mut once = Life::in_state(SafetyState::JournalOnly, Level::Risk);
    once.acks();
    for _ in 0..200 {
        often.passes(HOUR);
        often.happens(Event::Pass);
    }
    once.passes(200 * HOUR).happens(Event::Pass);
    once.is(SafetyState::Normal);
    assert_eq!(often.record.state, once.record.state);
}
