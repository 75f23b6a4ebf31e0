//! Models that their makers have switched off: a name that was right when a secret was written.

/// Names as providers list them, without a date behind them, and the first day without the model
/// (Anthropic's page "Model deprecations").
const RETIRED: [(&str, &str); 1] = [("anthropic/claude-3.5-sonnet", "2025-10-22")];

/// Since when `model` is no longer offered by its maker; `None` if that is not known. Somebody else
/// may still offer it, so this is a reason to look and not to refuse.
pub fn since(model: &str) -> Option<&'static str> {
    let named = model.split(':').next().unwrap_or(model);
    RETIRED
        .iter()
        .find(|(retired, _)| {
            named
                .strip_prefix(retired)
                .is_some_and(|rest| rest.is_empty() || is_date(rest))
        })
        .map(|(_, since)| *since)
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
        ] {
            assert_eq!(since(model), Some("2025-10-22"), "{model}");
        }
        for model in [
            "anthropic/claude-3.5-sonnet-next",
            "anthropic/claude-3.5",
            "",
            DEFAULT_MODEL_PRIMARY,
            DEFAULT_MODEL_FALLBACK,
        ] {
            assert_eq!(since(model), None, "{model}");
        }
    }
}
