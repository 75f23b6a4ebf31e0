//! Every suite catches every way to be wrong that its port knows.

use std::sync::Arc;

use innerworld_testkit::{
    contract::{
        Clause, Subject, conversation_store, failures, job_store, safety_store, shared_session,
        ticket_store,
    },
    reference::{Defect, Reference},
};

use crate::live::live_ports;

/// Asserts that a suite run on a store with each defect fails at least the clauses named.
pub(crate) async fn check<P: 'static>(
    make: impl Fn(Reference) -> Subject<P>,
    clauses: &[Clause<P>],
    expected: &[(Defect, &[&str])],
) {
    let make = &make;
    for (defect, names) in expected {
        let failed = failures(async || make(Reference::with(*defect)), clauses).await;
        for name in *names {
            assert!(
                clauses.iter().any(|clause| clause.name == *name),
                "{name} is no clause"
            );
            assert!(
                failed.contains(name),
                "{defect:?} did not break {name}; it broke {failed:?}"
            );
        }
    }
}

/// Which clauses each defect must break, at least.
pub(crate) type Expected = &'static [(Defect, &'static [&'static str])];

const CONVERSATIONS: Expected = &[
    (
        Defect::ForgetsExpiry,
        &[
            "sessions_do_not_exist_from_their_expiry_on",
            "turns_do_not_exist_from_their_expiry_on",
            "an_expired_session_takes_no_message",
        ],
    ),
    (
        Defect::ExpiresLate,
        &[
            "sessions_do_not_exist_from_their_expiry_on",
            "turns_do_not_exist_from_their_expiry_on",
            "an_expired_session_takes_no_message",
        ],
    ),
    (
        Defect::RepeatsAreNew,
        &[
            "a_repeated_message_is_the_same_turn",
            "a_used_id_with_other_text_conflicts",
            "one_of_many_equal_accepts_is_new",
            "a_repeated_trigger_counts_once",
        ],
    ),
    (
        Defect::CrossesTeens,
        &[
            "another_teens_session_is_none",
            "another_teen_changes_nothing",
        ],
    ),
    (
        Defect::IgnoresConditions,
        &[
            "a_second_open_session_conflicts",
            "a_closing_session_takes_no_message",
            "a_moved_safety_record_stores_nothing",
            "closing_twice_conflicts",
            "one_of_many_closers_wins",
        ],
    ),
    (
        Defect::HalfCommits,
        &[
            "a_moved_safety_record_stores_nothing",
            "a_quiet_offer_is_counted_with_its_message",
            "closing_queues_the_job",
        ],
    ),
    (
        Defect::Resurrects,
        &[
            "a_missing_turn_is_never_recreated",
            "updating_a_missing_session_is_not_found",
        ],
    ),
    (
        Defect::WrongOrder,
        &[
            "turns_are_listed_oldest_first",
            "events_are_listed_in_order",
            "unfinished_are_open_and_closing_ones",
            "a_new_session_opens_after_closing",
        ],
    ),
    (
        Defect::IgnoresLimits,
        &["sweeping_is_bounded", "sessions_are_paged_newest_first"],
    ),
    (
        Defect::KeepsEverything,
        &["finishing_deletes_what_was_said"],
    ),
];

#[tokio::test]
async fn conversation_store() {
    check(live_ports, conversation_store::CLAUSES, CONVERSATIONS).await;
}

#[tokio::test]
async fn shared_session() {
    let expected: Expected = &[
        (
            Defect::IgnoresConditions,
            &[
                "a_number_is_given_out_once",
                "of_messages_with_one_number_one_is_stored",
                "an_answer_takes_numbers_that_are_free",
                "a_late_end_leaves_the_session_open",
                "a_late_template_turn_conflicts",
            ],
        ),
        (Defect::RepeatsAreNew, &["a_repeat_is_no_conflict"]),
    ];
    check(live_ports, shared_session::CLAUSES, expected).await;
}

#[tokio::test]
async fn safety_store() {
    let make = |reference| -> Subject<safety_store::Port> { Subject::new(Arc::new(reference)) };
    check(
        make,
        safety_store::CLAUSES,
        &[
            (Defect::RepeatsAreNew, &["a_notice_counts_once"]),
            (Defect::CrossesTeens, &["teens_do_not_see_each_other"]),
            (
                Defect::IgnoresConditions,
                &["a_stale_revision_conflicts", "one_of_many_changes_wins"],
            ),
            (Defect::HalfCommits, &["a_stale_revision_conflicts"]),
            (Defect::IgnoresLimits, &["counts_are_of_the_days_asked_for"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn job_store() {
    let make = |reference| -> Subject<job_store::Port> { Subject::new(Arc::new(reference)) };
    check(
        make,
        job_store::CLAUSES,
        &[
            (
                Defect::ForgetsExpiry,
                &["a_job_is_due_from_its_time_on", "a_deferred_job_waits"],
            ),
            (Defect::ExpiresLate, &["a_job_is_due_from_its_time_on"]),
            (Defect::RepeatsAreNew, &["queueing_again_changes_nothing"]),
            (
                Defect::CrossesTeens,
                &["kinds_references_and_teens_are_apart"],
            ),
            (Defect::WrongOrder, &["due_jobs_come_oldest_first"]),
            (Defect::IgnoresLimits, &["due_is_bounded"]),
            (
                Defect::KeepsEverything,
                &["removing_takes_one", "removing_again_succeeds"],
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn ticket_store() {
    let make = |reference| -> Subject<ticket_store::Port> { Subject::new(Arc::new(reference)) };
    check(
        make,
        ticket_store::CLAUSES,
        &[
            (
                Defect::ForgetsExpiry,
                &["tickets_do_not_exist_from_their_expiry_on"],
            ),
            (
                Defect::ExpiresLate,
                &["tickets_do_not_exist_from_their_expiry_on"],
            ),
            (
                Defect::KeepsEverything,
                &["a_ticket_is_taken_once", "one_of_many_takers_gets_it"],
            ),
        ],
    )
    .await;
}
