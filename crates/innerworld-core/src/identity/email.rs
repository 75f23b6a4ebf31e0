//! E-mail addresses in the one form that is stored, hashed and compared.

use unicode_normalization::UnicodeNormalization;

/// Longest address that SMTP carries.
pub const MAX_BYTES: usize = 254;

/// Trims, applies NFKC and lower case; `None` if it does not look like `local@domain.tld`.
///
/// Only delivery proves an address, so the check is coarse: one `@`, no white space or control
/// character (which also keeps header injection out), a dot inside the domain.
pub fn normalise(address: &str) -> Option<String> {
    let folded: String = address.trim().nfkc().collect::<String>().to_lowercase();
    let (local, domain) = folded.split_once('@')?;
    let clean = |part: &str| {
        !part.is_empty()
            && !part
                .chars()
                .any(|c| c.is_whitespace() || c.is_control() || "@<>(),;:\\\"[]".contains(c))
    };
    let dotted = domain.split('.').count() >= 2 && domain.split('.').all(|label| !label.is_empty());
    (clean(local) && clean(domain) && dotted && folded.len() <= MAX_BYTES).then_some(folded)
}

/// What a client may be shown of an address: `m***@e***`, as Cognito masks it.
pub fn mask(address: &str) -> String {
    let first = |part: &str| {
        part.chars()
            .next()
            .map_or_else(String::new, |c| c.to_string())
    };
    let (local, domain) = address.split_once('@').unwrap_or((address, ""));
    format!("{}***@{}***", first(local), first(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_for_one_address() {
        assert_eq!(
            normalise("  Mia@Example.ORG "),
            Some("mia@example.org".into())
        );
        for wrong in [
            "",
            "mia",
            "mia@",
            "@example.org",
            "mia@org",
            "a b@example.org",
            "a@b@c.de",
        ] {
            assert_eq!(normalise(wrong), None, "{wrong}");
        }
        assert_eq!(normalise("mia@example.org\r\nBcc: x@example.org"), None);
        assert_eq!(mask("mia@example.org"), "m***@e***");
    }
}
