//! How long the offline persona needs for a reply, on one core:
//! `cargo run --release -p innerworld-models --example offline_latency`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement prints its figures and stops at the first fault"
)]

use innerworld_core::{persona::directory::PersonaDirectory, secret::Text};
use innerworld_models::offline::OfflinePersona;
use innerworld_testkit::model_calls;
use tokio::time::Instant;

const SESSIONS: u64 = 500;
const TURNS: u32 = 38;

fn main() {
    let personas = PersonaDirectory::shipped().unwrap();
    let offline = OfflinePersona::new(personas.all());
    let mut micros = Vec::new();
    for session in 0..SESSIONS {
        let mut call = model_calls::call(1, "It was a long day and nobody asked how it went.");
        call.local.said.clear();
        for turn in 0..TURNS {
            call.local.seed = session * 1_000 + u64::from(turn);
            call.local.offline_turns = turn;
            call.local.fact = Some(Text::new(format!("you know song {turn}")));
            let since = Instant::now();
            let reply = offline.reply(&call).unwrap();
            micros.push(since.elapsed().as_micros());
            call.local.said.push(Text::new(reply));
        }
    }
    micros.sort_unstable();
    let at = |share: usize| micros.get(micros.len() * share / 1_000).unwrap();
    println!("replies      {}", micros.len());
    println!("p50          {} us", at(500));
    println!("p99          {} us   (at most 20,000)", at(990));
    println!("longest      {} us", micros.last().unwrap());
}
