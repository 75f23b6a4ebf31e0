//! What a carrier is told to do, and under which name it is counted.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    clock::Timestamp,
    identity::profile::AgeBand,
    ids::{MessageId, SessionId, TeenId},
    safety::{
        ChatMode, LocalVerdict, SafetyNotice, SafetyRecord, SafetyState, SafetyVerdict,
        desk::{Assessment, Case, Desk, Known, Place, resend_after},
        heard::Heard,
        machine::Choice,
    },
};
use innerworld_testkit::scripted_screen::ScriptedScreen;

use super::life::{EVENING, HOUR, MINUTE, ZONE, shipped};

/// A teen who talks to a desk; what it decides is stored at once.
pub(super) struct Talk {
    pub(super) desk: Desk,
    pub(super) now: Timestamp,
    pub(super) record: Option<SafetyRecord>,
    country: &'static str,
    soft_at: Option<Timestamp>,
    language_offered: bool,
    counted: Vec<SafetyNotice>,
}

impl Talk {
    pub(super) fn new() -> Self {
        let today = innerworld_core::calendar::day_in("UTC", EVENING);
        Self {
            desk: Desk::new(shipped(), &[7; 32], Arc::new(ScriptedScreen), today),
            now: EVENING,
            record: None,
            country: "US",
            soft_at: None,
            language_offered: false,
            counted: Vec::new(),
        }
    }

    fn case<'a>(&self, known: Known<'a>) -> Case<'a> {
        Case {
            teen: TeenId::from_subject_bits(1),
            known,
            place: Place {
                country: self.country,
                region: Some("CA"),
                band: AgeBand::From13To15,
                locale: "en-US",
                zone: ZONE,
            },
            soft_at: self.soft_at,
            language_offered: self.language_offered,
            now: self.now,
        }
    }

    fn decided(&mut self, by: impl FnOnce(&Desk, &Case<'_>) -> Assessment) -> Assessment {
        let record = self.record.clone();
        let known = record.as_ref().map_or(Known::Absent, Known::Record);
        let assessment = by(&self.desk, &self.case(known));
        if let Some(commit) = &assessment.commit {
            assert_eq!(commit.record.rev, commit.expected_rev + 1);
            self.record = Some(commit.record.clone());
            self.counted.extend(commit.notice.clone());
        }
        if assessment.showed_soft() {
            self.soft_at = Some(self.now);
        }
        self.counted.extend(assessment.soft.clone());
        assessment
    }

    /// The nth message.
    fn says(&mut self, number: u128, text: &str) -> Assessment {
        let watchful = self.watchful(text);
        self.decided(|desk, case| desk.message(case, &watchful, MessageId::from_bits(number)))
    }

    fn watchful(&self, text: &str) -> LocalVerdict {
        let known = self.record.as_ref().map_or(Known::Absent, Known::Record);
        let views = self.desk.read(text);
        self.desk
            .screen(&self.case(known), &views, &Heard::default())
    }

    fn acks(&mut self) {
        let event = self.record.as_ref().unwrap().event.unwrap();
        self.decided(|desk, case| desk.ack(case, event));
    }

    /// Everything counted so far: action, category, tier.
    fn counted(&self) -> Vec<(String, Option<&'static str>, String)> {
        let names = self.counted.iter().map(|notice| &notice.count);
        names
            .map(|count| {
                let category = count.category.map(innerworld_core::safety::Category::name);
                (count.action.clone(), category, count.tier.clone())
            })
            .collect()
    }
}

fn row(
    action: &str,
    category: Option<&'static str>,
    tier: &str,
) -> (String, Option<&'static str>, String) {
    (action.to_owned(), category, tier.to_owned())
}

#[test]
fn counts_carry_what_was_shown_what_about_and_what_led_to_it() {
    let mut talk = Talk::new();
    talk.says(1, "escalate eating 0.5 scorer");
    talk.now = talk.now.plus(11 * MINUTE);
    talk.says(2, "escalate eating 0.9 scorer");
    talk.now = talk.now.plus(11 * MINUTE);
    talk.says(3, "escalate ideation 0.1 window");
    talk.says(4, "trigger abuse risk");
    talk.says(5, "trigger ideation risk");
    let event = talk.record.as_ref().unwrap().event.unwrap();
    talk.now = talk.now.plus(11 * MINUTE);
    talk.decided(|desk, case| desk.reply(case, event, Choice::NotSafe));
    assert_eq!(
        talk.counted(),
        [
            row("soft", Some("eating"), "scorer"),
            row("ask", Some("eating"), "scorer"),
            row("ask", Some("ideation"), "window"),
            row("ask", Some("abuse"), "phrase"),
            row("crisis", Some("ideation"), "phrase"),
            row("crisis", Some("ideation"), "reply"),
        ]
    );
    for notice in &talk.counted {
        let count = &notice.count;
        assert_eq!(count.day, "2026-11-24", "days are those of UTC");
        assert_eq!(count.jurisdiction, "US-CA");
        assert_eq!(count.detector_version, "scripted-1");
        assert_eq!(count.resources_version, talk.desk.resources_version());
        assert!(notice.expires_at >= EVENING.plus(30 * 24 * HOUR));
    }
}

#[test]
fn a_language_without_rules_is_offered_help_once_a_session_and_is_about_nothing() {
    let mut talk = Talk::new();
    let first = talk.says(1, "escalate ideation 0 language");
    assert!(first.showed_soft());
    assert_eq!(first.verdict, SafetyVerdict::Support);
    talk.language_offered = true;
    talk.now = talk.now.plus(HOUR);
    let second = talk.says(2, "escalate ideation 0 language");
    assert!(second.frame.is_none());
    assert_eq!(second.verdict, SafetyVerdict::Support);
    // A word that sounds like danger is not held back by it.
    assert!(talk.says(3, "escalate ideation 0.5 scorer").showed_soft());
    assert_eq!(
        talk.counted(),
        [
            row("soft", None, "language"),
            row("soft", Some("ideation"), "scorer")
        ]
    );
}

#[test]
fn help_is_shown_quietly_at_most_every_ten_minutes() {
    let mut talk = Talk::new();
    assert!(talk.says(1, "escalate ideation 0.5 scorer").showed_soft());
    talk.now = talk.now.plus(9 * MINUTE);
    let held = talk.says(2, "escalate ideation 0.5 scorer");
    assert!(held.frame.is_none() && held.soft.is_none() && held.commit.is_none());
    talk.now = talk.now.plus(MINUTE);
    assert!(talk.says(3, "escalate ideation 0.5 scorer").showed_soft());
    assert!(talk.record.is_none(), "a quiet offer makes no record");
}

#[test]
fn a_session_in_the_days_after_a_crisis_begins_with_quiet_help() {
    let mut talk = Talk::new();
    talk.says(1, "trigger ideation risk");
    talk.acks();
    talk.now = talk.now.plus(9 * HOUR);
    let session = SessionId::from_bits(1);
    let start = talk.decided(|desk, case| desk.session_start(case, session));
    assert_eq!(start.state, SafetyState::Cooldown);
    assert!(start.showed_soft());
    assert_eq!(talk.counted()[1], row("soft", Some("ideation"), "session"));
    // The same words need less for a second look now.
    assert!(matches!(
        talk.watchful("maybe escalate ideation 0.5 scorer"),
        LocalVerdict::Escalate { .. }
    ));
    assert_eq!(
        Talk::new().watchful("maybe escalate ideation 0.5 scorer"),
        LocalVerdict::Pass
    );
}

#[test]
fn the_message_of_a_crisis_is_taken_and_those_after_it_are_not() {
    let mut talk = Talk::new();
    let crisis = talk.says(1, "trigger attempt danger");
    assert!(crisis.stops_persona() && !crisis.journal_only);
    let again = talk.says(1, "trigger attempt danger");
    assert_eq!(again.frame, crisis.frame, "the same event, the same frame");
    assert!(again.commit.is_none() && !again.journal_only);
    let next = talk.says(2, "what a nice day");
    assert!(next.journal_only && next.stops_persona() && next.frame.is_none());
    talk.acks();
    let late = talk.says(1, "trigger attempt danger");
    assert_eq!(late.frame.unwrap().event, crisis.frame.unwrap().event);
    assert!(!late.journal_only, "its client has not heard of it yet");
    assert_eq!(talk.counted.len(), 1);
}

#[test]
fn a_message_that_turns_out_to_be_a_crisis_is_another_event_than_its_question() {
    let mut talk = Talk::new();
    let soft = talk.says(1, "escalate ideation 0.5 scorer").frame.unwrap();
    let ask = talk.says(1, "escalate ideation 0.9 scorer").frame.unwrap();
    let crisis = talk.says(1, "trigger ideation risk").frame.unwrap();
    assert!(soft.event != ask.event && ask.event != crisis.event && soft.event != crisis.event);
    let again = talk.says(1, "trigger ideation risk").frame.unwrap();
    assert_eq!(again.event, crisis.event);
}

#[test]
fn an_unreadable_record_closes_persona_chat_shows_help_and_is_not_counted() {
    let talk = Talk::new();
    let case = talk.case(Known::Unreadable);
    let judged = talk
        .desk
        .message(&case, &LocalVerdict::Pass, MessageId::from_bits(1));
    assert!(judged.journal_only && judged.showed_soft() && judged.soft.is_none());
    assert_eq!(judged.verdict, SafetyVerdict::Block);
    assert_eq!(talk.desk.mode(&case), ChatMode::JournalingOnly);
    assert!(talk.desk.pauses_budget(&case));
    // A crisis is one all the same.
    let verdict = ScriptedScreen::verdict("trigger ideation risk");
    let crisis = talk.desk.message(&case, &verdict, MessageId::from_bits(2));
    assert!(crisis.frame.unwrap().needs_ack);
    assert!(crisis.commit.unwrap().notice.is_some());
}

#[test]
fn the_stricter_of_jurisdiction_and_state_decides() {
    let mut talk = Talk::new();
    assert_eq!(
        talk.desk.mode(&talk.case(Known::Absent)),
        ChatMode::Companion
    );
    talk.country = "ZZ";
    let elsewhere = talk.desk.mode(&talk.case(Known::Absent));
    let verdict = talk.says(1, "hello").verdict;
    assert_eq!(
        verdict == SafetyVerdict::Block,
        elsewhere != ChatMode::Companion
    );
    talk.country = "US";
    talk.says(2, "trigger ideation risk");
    let known = talk.record.clone().unwrap();
    let case = talk.case(Known::Record(&known));
    assert_eq!(talk.desk.mode(&case), ChatMode::JournalingOnly);
    assert!(talk.desk.pauses_budget(&case));
}

#[test]
fn an_unconfirmed_frame_comes_again_after_2_4_8_16_and_then_every_30_seconds() {
    let waits: Vec<u64> = (1..9).map(|sent| resend_after(sent).as_secs()).collect();
    assert_eq!(waits, [2, 4, 8, 16, 30, 30, 30, 30]);
    assert_eq!(resend_after(u32::MAX), Duration::from_secs(30));
}

#[test]
fn a_notice_is_named_by_teen_source_and_action_and_by_nothing_else() {
    use innerworld_core::{
        ids::EventId,
        safety::ledger::{LedgerKey, Source},
    };
    let key = LedgerKey::from_bytes(&[7; 32]);
    let teen = TeenId::from_subject_bits;
    let message = Source::Message([9; 16]);
    let id = key.notice(teen(1), message, "crisis");
    assert_eq!(id, key.notice(teen(1), message, "crisis"));
    let event = EventId::from_bytes([9; 16]);
    let others = [
        key.notice(teen(2), message, "crisis"),
        key.notice(teen(1), message, "ask"),
        key.notice(teen(1), Source::Message([8; 16]), "crisis"),
        key.notice(teen(1), Source::Reply(event, "not_safe"), "crisis"),
        key.notice(teen(1), Source::Reply(event, "safe"), "crisis"),
        key.notice(teen(1), Source::FollowUp(event), "crisis"),
        key.event(teen(1), message).to_bytes(),
        key.question(teen(1), message).to_bytes(),
        key.offer(teen(1), message).to_bytes(),
        LedgerKey::from_bytes(&[8; 32]).notice(teen(1), message, "crisis"),
    ];
    assert!(!others.contains(&id));
    assert_eq!(format!("{key:?}"), "LedgerKey([redacted])");
}
