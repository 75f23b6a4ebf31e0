//! The suites of what outlives a session catch every way to be wrong that their ports know.

use std::sync::Arc;

use innerworld_testkit::{
    contract::{
        Subject, account_store, authorization_store, consent_store, erasure_store, event_log,
        federation_store, graph_store, journal_store, key_store, namer_source, profile_store,
        revocation_store, safety_spool, teen_clock_store, usage_ledger,
    },
    reference::{Defect, Reference},
};

use crate::{
    rest::all_ports,
    wrong::{Expected, check},
};

macro_rules! caught {
    ($($module:ident: $expected:expr;)+) => {
        $(#[tokio::test]
        async fn $module() {
            let make = |reference: Reference| -> Subject<$module::Port> {
                Subject::new(Arc::new(reference))
            };
            check(make, $module::CLAUSES, $expected).await;
        })+
    };
}

const ACCOUNTS: Expected = &[
    (
        Defect::ForgetsExpiry,
        &[
            "codes_do_not_exist_from_their_expiry_on",
            "codes_that_ended_take_no_guess",
            "grants_do_not_exist_from_their_expiry_on",
            "refusals_end_in_time",
        ],
    ),
    (
        Defect::ExpiresLate,
        &[
            "codes_do_not_exist_from_their_expiry_on",
            "codes_that_ended_take_no_guess",
            "grants_do_not_exist_from_their_expiry_on",
            "refusals_end_in_time",
        ],
    ),
    (Defect::RepeatsAreNew, &["a_code_replaces_one_of_its_kind"]),
    (
        Defect::CrossesTeens,
        &[
            "accounts_are_each_teens_own",
            "codes_are_each_teens_own",
            "denying_removes_all_grants_of_the_teen",
        ],
    ),
    (
        Defect::IgnoresConditions,
        &[
            "a_taken_address_conflicts",
            "a_taken_subject_conflicts",
            "one_of_many_sign_ups_wins",
            "guesses_are_counted_up_to_the_most",
            "guesses_at_once_are_each_counted",
        ],
    ),
    (Defect::HalfCommits, &["a_taken_address_conflicts"]),
    (
        Defect::Resurrects,
        &["updating_a_missing_account_is_not_found"],
    ),
    (
        Defect::KeepsEverything,
        &[
            "a_removed_code_is_gone",
            "a_removed_grant_is_gone",
            "denying_removes_all_grants_of_the_teen",
        ],
    ),
    (Defect::TellsStrangers, &["an_unknown_account_is_none"]),
];

const GRAPHS: Expected = &[
    (Defect::ForgetsExpiry, &["evidence_text_ends_in_time"]),
    (
        Defect::ExpiresLate,
        &["evidence_text_ends_in_time", "expiring_drops_texts"],
    ),
    (Defect::RepeatsAreNew, &["a_repeated_write_changes_nothing"]),
    (Defect::CrossesTeens, &["memories_are_each_teens_own"]),
    (
        Defect::IgnoresConditions,
        &[
            "a_stale_generation_conflicts",
            "one_of_many_writes_wins",
            "a_write_from_before_the_erase_conflicts",
        ],
    ),
    (Defect::HalfCommits, &["a_stale_generation_conflicts"]),
    (
        Defect::Resurrects,
        &["a_write_from_before_the_erase_conflicts"],
    ),
    (
        Defect::WrongOrder,
        &["evidence_comes_in_order", "mention_lists_come_in_order"],
    ),
    (Defect::IgnoresLimits, &["expiring_is_bounded"]),
    (
        Defect::KeepsEverything,
        &[
            "erasing_memory_leaves_nothing",
            "expiring_drops_texts",
            "expiring_drops_what_was_not_seen",
        ],
    ),
];

caught! {
    account_store: ACCOUNTS;
    graph_store: GRAPHS;
    consent_store: &[
        (Defect::CrossesTeens, &["consents_are_each_teens_own"]),
        (
            Defect::HalfCommits,
            &["a_withdrawal_leaves_the_consent", "equal_records_are_all_kept"],
        ),
        (Defect::WrongOrder, &["consents_are_listed_oldest_first"]),
    ];
    journal_store: &[
        (Defect::ForgetsExpiry, &["entries_do_not_exist_from_their_expiry_on"]),
        (Defect::ExpiresLate, &["entries_do_not_exist_from_their_expiry_on"]),
        (Defect::RepeatsAreNew, &["the_first_text_stays"]),
        (Defect::CrossesTeens, &["entries_are_each_teens_own"]),
        (Defect::WrongOrder, &["entries_are_paged_newest_first"]),
        (Defect::IgnoresLimits, &["entries_are_paged_newest_first"]),
        (Defect::KeepsEverything, &["deleting_takes_one", "deleting_again_succeeds"]),
    ];
    key_store: &[
        (
            Defect::RepeatsAreNew,
            &["a_service_key_stays_the_same", "first_users_agree_on_a_service_key"],
        ),
        (
            Defect::IgnoresConditions,
            &[
                "one_signing_key_is_active",
                "the_first_setting_stays",
                "first_writers_agree_on_a_setting",
            ],
        ),
        (Defect::WrongOrder, &["signing_keys_are_listed_newest_first"]),
        (Defect::KeepsEverything, &["a_removed_signing_key_is_gone"]),
    ];
    authorization_store: &[
        (
            Defect::ForgetsExpiry,
            &[
                "requests_do_not_exist_from_their_expiry_on",
                "codes_do_not_exist_from_their_expiry_on",
            ],
        ),
        (
            Defect::ExpiresLate,
            &[
                "requests_do_not_exist_from_their_expiry_on",
                "codes_do_not_exist_from_their_expiry_on",
            ],
        ),
        (Defect::KeepsEverything, &["a_request_is_taken_once"]),
        (
            Defect::IgnoresConditions,
            &["a_code_is_used_first_once", "one_of_many_uses_is_the_first"],
        ),
        (Defect::IgnoresLimits, &["so_many_requests_wait_and_no_more"]),
    ];
    event_log: &[(Defect::RepeatsAreNew, &["what_is_noted_stays_noted"])];
    federation_store: &[
        (
            Defect::IgnoresConditions,
            &[
                "a_taken_name_conflicts_and_leaves_nothing",
                "one_of_many_first_sign_ins_wins",
            ],
        ),
        (
            Defect::HalfCommits,
            &["a_taken_name_conflicts_and_leaves_nothing"],
        ),
        (
            Defect::CrossesTeens,
            &["grants_are_each_teens_own", "app_transactions_are_apart"],
        ),
        (
            Defect::RepeatsAreNew,
            &["an_app_transaction_finds_all_who_use_it"],
        ),
    ];
    revocation_store: &[
        (Defect::RepeatsAreNew, &["putting_it_again_changes_nothing"]),
        (Defect::WrongOrder, &["revocations_are_due_oldest_first"]),
        (Defect::IgnoresLimits, &["due_gives_no_more_than_asked_for"]),
        (
            Defect::KeepsEverything,
            &["a_revocation_is_due_until_it_is_removed"],
        ),
    ];
    namer_source: &[
        (Defect::RepeatsAreNew, &["a_teens_ids_stay_the_same"]),
        (Defect::CrossesTeens, &["two_teens_have_different_ids"]),
    ];
    profile_store: &[
        (Defect::CrossesTeens, &["profiles_are_each_teens_own"]),
        (Defect::IgnoresConditions, &["the_last_profile_counts"]),
    ];
    safety_spool: &[
        (Defect::RepeatsAreNew, &["handles_are_not_given_again"]),
        (Defect::WrongOrder, &["changes_are_pending_oldest_first"]),
        (Defect::KeepsEverything, &["removing_leaves_the_others"]),
    ];
    teen_clock_store: &[
        (
            Defect::CrossesTeens,
            &["days_are_each_teens_own", "notice_clocks_are_each_teens_own"],
        ),
        (
            Defect::HalfCommits,
            &["charged_time_is_added_to_the_notice_clock"],
        ),
        (
            Defect::IgnoresConditions,
            &[
                "a_stale_tick_conflicts",
                "a_first_tick_twice_conflicts",
                "one_of_many_ticks_wins",
            ],
        ),
    ];
    usage_ledger: &[
        (Defect::RepeatsAreNew, &["a_finished_call_replaces_its_start"]),
        (Defect::HalfCommits, &["hops_of_one_call_are_apart"]),
        (Defect::CrossesTeens, &["calls_are_each_teens_own"]),
        (Defect::IgnoresConditions, &["calls_of_a_purpose_are_counted_from_an_instant_on"]),
        (Defect::WrongOrder, &["calls_are_listed_oldest_first"]),
    ];
}

#[tokio::test]
async fn erasure_store() {
    let expected: Expected = &[
        (
            Defect::IgnoresFences,
            &[
                "writes_of_a_fenced_teen_are_denied",
                "reads_after_the_key_is_gone_are_not_found",
                "an_unknown_teen_can_be_erased",
            ],
        ),
        (
            Defect::KeepsEverything,
            &["rows_are_deleted_in_steps", "steps_can_be_repeated"],
        ),
        (Defect::IgnoresLimits, &["rows_are_deleted_in_steps"]),
        (Defect::CrossesTeens, &["other_teens_keep_everything"]),
        (
            Defect::Resurrects,
            &["rows_are_deleted_in_steps", "an_unknown_teen_can_be_erased"],
        ),
    ];
    check(all_ports, erasure_store::CLAUSES, expected).await;
}
