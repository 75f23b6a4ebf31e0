//! Models that their makers have switched off: a name that was right when a secret was written.

/// Names as providers list them, without a date behind them, and the first day without the model
/// (Anthropic's page "Model deprecations").
const RETIRED: [(&str, &str); 1] = [("anthropic/claude-3.5-sonnet", "2025-10-22")];

/// What to say of `place`, which names `model`, if its maker no longer offers it; `None` if that is not
/// known. Somebody else may still offer it, so this is a reason to look and not to refuse. The sentence
/// names the model as this list does: what stands beside it may be anything.
pub fn warning(place: &str, model: &str) -> Option<String> {
    let named = model.split(':').next().unwrap_or(model);
    let (retired, since) = RETIRED.iter().find(|(retired, _)| {
        named
            .strip_prefix(retired)
            .is_some_and(|rest| rest.is_empty() || is_date(rest))
    })?;
    Some(format!(
        "{place} names {retired}, which its maker took back on {since}: name another"
    ))
}

/// `-20241022`.
fn is_date(rest: &str) -> bool {
    let digits = rest.strip_prefix('-').unwrap_or_default();
    digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{DEFAULT_MODEL_FALLBACK, DEFAULT_MODEL_PRIMARY};

    #[test]
    fn a_retired_model_is_known_with_its_dates_and_variants() {
        for model in [
            "anthropic/claude-3.5-sonnet",
            "anthropic/claude-3.5-sonnet-20241022",
            "anthropic/claude-3.5-sonnet:beta",
            "anthropic/claude-3.5-sonnet:sk-or-v1-a-misplaced-key",
        ] {
            let told = warning("models.primary", model).unwrap();
            assert!(told.contains("models.primary names anthropic/claude-3.5-sonnet, which"));
        }
        for model in [
            "anthropic/claude-3.5-sonnet-next",
            "anthropic/claude-3.5",
            "",
            DEFAULT_MODEL_PRIMARY,
            DEFAULT_MODEL_FALLBACK,
        ] {
            assert_eq!(warning("models.primary", model), None, "{model}");
        }
    }
}
