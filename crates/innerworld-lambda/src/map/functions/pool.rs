//! Triggers of the user pool.

use innerworld_aws::Table;

use super::rights::{CHECK, DECRYPT, GENERATE, GET, PUT, on, teen_key};
use crate::map::{
    Function, Trigger,
    variable::{DEBUG, ENVIRONMENT, TEEN_KEY_KMS_ID, TEEN_KEYS_TABLE, TEENS_TABLE},
};

/// `cognito-pre-sign-up`.
pub(super) const COGNITO_PRE_SIGN_UP: Function = trigger("cognito-pre-sign-up", Trigger::PreSignUp);

/// `cognito-post-confirmation`.
pub(super) const COGNITO_POST_CONFIRMATION: Function = Function {
    environment: &[
        ENVIRONMENT,
        DEBUG,
        TEENS_TABLE,
        TEEN_KEYS_TABLE,
        TEEN_KEY_KMS_ID,
    ],
    // A key is made in one commit with a look at the teen's fence.
    rights: &[
        on(Table::Teens, &[GET, CHECK]),
        on(Table::TeenKeys, &[GET, PUT]),
        teen_key(&[DECRYPT, GENERATE]),
    ],
    ..trigger("cognito-post-confirmation", Trigger::PostConfirmation)
};

/// `cognito-custom-message`.
pub(super) const COGNITO_CUSTOM_MESSAGE: Function =
    trigger("cognito-custom-message", Trigger::CustomMessage);

/// A trigger of the user pool, which waits five seconds.
const fn trigger(name: &'static str, trigger: Trigger) -> Function {
    Function {
        name,
        trigger,
        in_vpc: false,
        timeout_s: 5,
        memory_mb: 128,
        environment: &[ENVIRONMENT, DEBUG],
        rights: &[],
    }
}
