//! Prose in place of an answer.

/// Whether a text without any JSON says that the model will not do it.
pub fn is_refusal(answer: &str) -> bool {
    let start: String = answer.trim().chars().take(160).collect();
    let start = start.to_lowercase().replace('’', "'");
    let says = [
        "i can't",
        "i cannot",
        "i can not",
        "i'm sorry",
        "i am sorry",
        "i won't",
        "i'm unable",
        "i am unable",
        "i'm not able",
        "unable to assist",
        "can't help with",
        "cannot help with",
    ];
    says.iter().any(|phrase| start.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_from_other_prose() {
        assert!(is_refusal("I’m sorry, but I can’t help with that."));
        assert!(!is_refusal("Here is the list you asked for."));
    }
}
