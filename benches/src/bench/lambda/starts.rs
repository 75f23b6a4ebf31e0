//! One function by itself: its starts, and its memory.

use innerworld_testkit::lambda::{LambdaDouble, Outcome};

use super::{events, figures::Function, place::Place, process};
use crate::bench::quantile::Times;

/// Starts a function so often. Its memory after an event is taken from the talk where that is known.
pub(super) async fn measure(
    place: &Place,
    name: &str,
    starts: u32,
    after_an_event: Option<u64>,
) -> anyhow::Result<Function> {
    let mut double = LambdaDouble::new(place.function(name));
    let (mut times, mut cpu) = (Times::default(), Vec::new());
    let mut resident = 0;
    for _start in 0..starts {
        double.stop();
        let took = double.start().await;
        times.add(took.map_err(|outcome| ended(&double, &outcome))?);
        let process = running(&double)?;
        cpu.push(process::cpu_us(process)?);
        resident = resident.max(process::resident(process)?);
    }
    let (after_an_event, event) = if let Some(bytes) = after_an_event {
        (bytes, "in the talk")
    } else {
        let outcome = double.invoke(events::event(name).to_string()).await;
        let answered = match outcome {
            Outcome::Answered(_) => "answered",
            Outcome::Failed(_) => "refused",
            other => return Err(ended(&double, &other)),
        };
        (process::resident(running(&double)?)?, answered)
    };
    double.stop();
    cpu.sort_unstable();
    Ok(Function {
        name: name.to_owned(),
        start_ms: times.quantiles_ms([0.5, 0.95]),
        start_cpu_us: cpu.get(cpu.len() / 2).copied().unwrap_or_default(),
        resident,
        after_an_event,
        event,
        zips: place.zips(name)?,
    })
}

fn running(double: &LambdaDouble) -> anyhow::Result<u32> {
    double
        .process()
        .ok_or_else(|| anyhow::anyhow!("its program ended:\n{}", double.written()))
}

fn ended(double: &LambdaDouble, outcome: &Outcome) -> anyhow::Error {
    anyhow::anyhow!("it ended, {outcome:?}:\n{}", double.written())
}
