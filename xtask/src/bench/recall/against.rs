//! Whether a ranking is better than an earlier one of the same questions: paired bootstrap (Efron,
//! 1979), questions drawn with replacement.

use std::{collections::HashMap, fs, path::Path};

use anyhow::{Context as _, ensure};
use innerworld_core::ids::TurnId;
use innerworld_language::train::Shuffle;
use serde::Deserialize;

use super::{
    conversations::Conversation,
    report::{Judge, Report, Row, real},
};
use crate::process::say;

/// Times that questions are drawn.
const DRAWS: usize = 10_000;
/// The same draws in every run.
const SEED: u64 = 20_261_126;

/// A line of a ranking file.
#[derive(Deserialize)]
struct Line {
    sample_id: String,
    question_index: usize,
    ranked: Vec<String>,
}

/// Prints by how much `report` is better than the ranking in `earlier`, and within what interval.
///
/// # Errors
/// If the file is no ranking of all these questions.
pub(super) fn compare(
    report: &Report,
    earlier: &Path,
    conversations: &[Conversation],
) -> anyhow::Result<()> {
    let before = read(earlier, conversations)?;
    let now = report.rows();
    ensure!(
        now.len() == before.len(),
        "{} ranks {} questions, this run {}",
        earlier.display(),
        before.len(),
        now.len()
    );
    say("\ngain against the earlier ranking, points   95 %");
    for (name, of) in [
        ("recall@10", Row::recall_at_10 as fn(&Row) -> f64),
        ("MRR", Row::reciprocal_rank),
    ] {
        let pairs = now.iter().zip(&before);
        let gains: Vec<f64> = pairs.map(|(now, before)| of(now) - of(before)).collect();
        let (low, high) = interval(&gains);
        let gain = 100.0 * mean(&gains);
        say(&format!(
            "{name:<12} {gain:+28.1}   {low:+.1} to {high:+.1}"
        ));
    }
    Ok(())
}

fn read(path: &Path, conversations: &[Conversation]) -> anyhow::Result<Vec<Row>> {
    let text =
        fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    let mut ranked: HashMap<(String, usize), Vec<String>> = HashMap::new();
    for line in text.lines() {
        let line: Line = serde_json::from_str(line)
            .with_context(|| format!("{} is no ranking", path.display()))?;
        ranked.insert((line.sample_id, line.question_index), line.ranked);
    }
    let mut rows = Vec::new();
    for conversation in conversations {
        let judge = Judge::new(conversation);
        let named = conversation.turns.iter().map(|turn| turn.id);
        let named: HashMap<&str, TurnId> = named
            .filter_map(|id| Some((conversation.turn_name(id)?, id)))
            .collect();
        for question in conversation.questions.iter().filter(|q| q.is_scored()) {
            let key = (conversation.sample_id.clone(), question.index);
            let names = ranked.remove(&key).with_context(|| {
                let (sample, index) = &key;
                format!("{} lacks question {index} of {sample}", path.display())
            })?;
            let ids = names.iter().filter_map(|name| named.get(name.as_str()));
            let ids: Vec<TurnId> = ids.copied().collect();
            rows.push(judge.row(question, &ids, 0.0));
        }
    }
    Ok(rows)
}

/// In points.
fn interval(gains: &[f64]) -> (f64, f64) {
    let mut chance = Shuffle::new(SEED);
    let mut means: Vec<f64> = (0..DRAWS)
        .map(|_draw| {
            let drawn = gains.iter().map(|_| gains.get(chance.below(gains.len())));
            let sum: f64 = drawn.flatten().sum();
            sum / real(gains.len().max(1))
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let at = |share: usize| {
        means
            .get(DRAWS * share / 1_000)
            .copied()
            .unwrap_or_default()
    };
    (100.0 * at(25), 100.0 * at(975))
}

fn mean(gains: &[f64]) -> f64 {
    gains.iter().sum::<f64>() / real(gains.len().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_even_gain_has_a_narrow_interval_and_a_lone_one_reaches_zero() {
        let (low, high) = interval(&[0.1; 50]);
        assert!((low - 10.0).abs() < 1e-9 && (high - 10.0).abs() < 1e-9);
        let mut lone = [0.0; 50];
        lone[7] = 1.0;
        let (low, high) = interval(&lone);
        assert!(low.abs() < 1e-9 && high > 4.0, "{low} {high}");
    }
}
