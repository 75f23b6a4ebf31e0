//! Where the peers are.

/// The address in the environment variable `name`, such as `http://127.0.0.1:8000` in
/// `INNERWORLD_TEST_DYNAMODB`.
#[expect(
    clippy::disallowed_methods,
    clippy::panic,
    reason = "their ports are free ones: only what started them knows which"
)]
pub(crate) fn address(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_unset| {
        panic!(
            "{name} is not set: run this by `cargo xtask test --stage aws`, or beside `cargo xtask \
             peers` with the environment that it prints"
        )
    })
}
