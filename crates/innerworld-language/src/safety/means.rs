//! Messages of a corpus leave open which means is near.

/// Where a means is near, without saying which.
const SLOT: &str = "<means>";

/// Puts everyday things where messages leave open which means is near: those of their language, in turn.
/// `means` has a language and a thing in each line; a message is its language and its text.
pub fn fill_means<'m>(messages: impl Iterator<Item = (&'m str, &'m mut String)>, means: &str) {
    let named: Vec<(&str, &str)> = means
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '))
        .collect();
    let open = messages.filter(|(_, text)| text.contains(SLOT));
    for (turn, (lang, text)) in open.enumerate() {
        let own = named.iter().filter(|(of, _)| *of == lang);
        let own: Vec<&str> = own.map(|(_, thing)| *thing).collect();
        if let Some(thing) = own.get(turn % own.len().max(1)) {
            *text = text.replace(SLOT, thing);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_means_of_the_language_is_put_in_place() {
        let mut text = "the <means> is here".to_owned();
        fill_means(
            std::iter::once(("en", &mut text)),
            "# things\nes cuchara\nen spoon\n",
        );
        assert_eq!(text, "the spoon is here");
    }
}
