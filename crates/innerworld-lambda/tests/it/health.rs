//! The health report.

use innerworld_aws::{SecretState, Table};
use innerworld_core::{
    error::{ErrorKind, PortError},
    health::HealthState,
};
use innerworld_lambda::health::{Report, graph_line, secret_line, table_line};

fn unreached() -> PortError {
    PortError::new(ErrorKind::Unavailable, "describe it")
}

#[test]
fn the_worst_of_all_is_the_state() {
    let well = || table_line(Table::Teens, &Ok(true));
    assert_eq!(Report::of(vec![well()]).status, HealthState::Ok);
    let degraded = secret_line("model_secret", &Ok(SecretState::Empty));
    let report = Report::of(vec![well(), degraded.clone()]);
    assert_eq!(report.status, HealthState::Degraded);
    let down = table_line(Table::Memory, &Err(unreached()));
    let report = Report::of(vec![degraded, down, well()]);
    assert_eq!(report.status, HealthState::Down);
}

#[test]
fn a_table_that_is_not_active_is_down_and_a_secret_that_is_not_there_degrades() {
    assert_eq!(
        table_line(Table::Teens, &Ok(false)).state,
        HealthState::Down
    );
    assert_eq!(
        table_line(Table::Teens, &Err(unreached())).state,
        HealthState::Down
    );
    let state = |found| secret_line("model_secret", &found).state;
    assert_eq!(state(Ok(SecretState::Present)), HealthState::Ok);
    assert_eq!(state(Ok(SecretState::Ending)), HealthState::Degraded);
    assert_eq!(state(Err(unreached())), HealthState::Degraded);
}

#[test]
fn without_its_graph_a_deployment_works_and_remembers_less() {
    assert_eq!(graph_line(&Ok(())).state, HealthState::Ok);
    assert_eq!(graph_line(&Err(unreached())).state, HealthState::Degraded);
}
