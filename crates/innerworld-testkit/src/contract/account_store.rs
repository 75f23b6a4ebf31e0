//! Suite of [`AccountStore`].

use std::sync::Arc;

use innerworld_core::identity::account::AccountStore;

use super::suite;

mod account;
mod code;
mod grant;

pub use account::*;
pub use code::*;
pub use grant::*;

/// The port under test.
pub type Port = Arc<dyn AccountStore>;

suite!($ account_store_contract, account_store, Port, [
    an_unknown_account_is_none,
    an_account_is_found_by_address_and_subject,
    a_taken_address_conflicts,
    a_taken_subject_conflicts,
    one_of_many_sign_ups_wins,
    an_updated_account_is_read_back,
    updating_a_missing_account_is_not_found,
    a_credential_is_read_back,
    the_last_credential_counts,
    accounts_are_each_teens_own,
    an_unused_code_is_none,
    a_code_replaces_one_of_its_kind,
    codes_do_not_exist_from_their_expiry_on,
    guesses_are_counted_up_to_the_most,
    guesses_at_once_are_each_counted,
    codes_that_ended_take_no_guess,
    a_removed_code_is_gone,
    codes_are_each_teens_own,
    a_grant_is_read_back,
    grants_do_not_exist_from_their_expiry_on,
    a_removed_grant_is_gone,
    denying_removes_all_grants_of_the_teen,
    the_last_deny_mark_counts,
    refusals_end_in_time,
]);
