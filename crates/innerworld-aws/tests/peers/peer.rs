//! Where the peers are.

/// The address in an environment variable that the stage sets.
#[expect(
    clippy::disallowed_methods,
    reason = "the stage tells the tests in variables where its peers are"
)]
#[expect(clippy::panic, reason = "a peer that is missing fails its tests")]
pub(crate) fn address(variable: &str) -> String {
    let how = "run these tests by `cargo xtask test --stage aws`, which starts the peers";
    match std::env::var("INNERWORLD_AWS_TESTS").as_deref() {
        Ok("local") => {}
        _ => panic!("INNERWORLD_AWS_TESTS is not `local`: {how}"),
    }
    std::env::var(variable).unwrap_or_else(|_unset| panic!("{variable} is not set: {how}"))
}
