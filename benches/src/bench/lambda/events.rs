//! One event for each function that the talk does not pass.

use innerworld_testkit::user_pool::POOL_ID;
use serde_json::{Value, json};

use super::place::TEEN;

/// An event for this function. One that is not known here is given what it must refuse.
pub(super) fn event(function: &str) -> Value {
    match function {
        "cognito-pre-sign-up" => of_the_pool(
            "PreSignUp_SignUp",
            &json!({"validationData": {"birthdate": "2000-01-01"}}),
        ),
        "cognito-post-confirmation" => of_the_pool("PostConfirmation_ConfirmSignUp", &json!({})),
        "cognito-custom-message" => of_the_pool(
            "CustomMessage_SignUp",
            &json!({"codeParameter": "{####}", "usernameParameter": null}),
        ),
        "health-check" => json!({"rawPath": "/health"}),
        _ => json!({}),
    }
}

/// An event of the user pool; `also` are fields of its request.
fn of_the_pool(trigger: &str, also: &Value) -> Value {
    let mut request = json!({
        "userAttributes": {
            "sub": TEEN.to_string(), "email": "robin@example.org", "locale": "en-US",
        },
    });
    if let (Some(request), Some(also)) = (request.as_object_mut(), also.as_object()) {
        request.extend(also.clone());
    }
    json!({
        "version": "1", "triggerSource": trigger, "region": "us-east-1", "userPoolId": POOL_ID,
        "userName": TEEN.to_string(), "request": request, "response": {},
    })
}
