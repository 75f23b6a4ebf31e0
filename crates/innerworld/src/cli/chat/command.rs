//! What a typed line means.

/// A line of the teen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Words for the persona.
    Say(String),
    /// Nothing.
    Empty,
    /// Ends the session.
    End,
    /// Leaves without ending the session.
    Quit,
    /// Chooses another persona.
    Persona(Option<String>),
    /// Time left today.
    Time,
    /// The commands.
    Help,
    /// What is remembered.
    Memory,
    /// Keeps words in the journal.
    Journal(String),
    /// A choice of a safety frame.
    Choice(String),
    /// No such command.
    Unknown(String),
}

/// The commands, for `/help`.
pub(crate) const HELP: &str = "\
/end            end this talk (also Ctrl-D)
/quit           leave without ending it
/persona [NAME] talk with somebody else
/time           time left today
/memory         what is remembered of you
/journal WORDS  keep words in your journal; no AI reads them
Ctrl-C          stop the answer";

/// Reads a line. `choices` are those of the last safety frame.
pub(crate) fn parse(line: &str, choices: &[String]) -> Line {
    let line = line.trim();
    let Some(command) = line.strip_prefix('/') else {
        return if line.is_empty() {
            Line::Empty
        } else {
            Line::Say(line.to_owned())
        };
    };
    let (word, rest) = command
        .split_once(char::is_whitespace)
        .unwrap_or((command, ""));
    let rest = rest.trim();
    let choice = word.replace('-', "_");
    match word {
        "end" => Line::End,
        "quit" => Line::Quit,
        "persona" => Line::Persona((!rest.is_empty()).then(|| rest.to_lowercase())),
        "time" => Line::Time,
        "help" => Line::Help,
        "memory" => Line::Memory,
        "journal" if !rest.is_empty() => Line::Journal(rest.to_owned()),
        _ if choices.contains(&choice) => Line::Choice(choice),
        _ => Line::Unknown(word.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_mean_what_they_say() {
        let choices = [
            "safe".to_owned(),
            "not_safe".to_owned(),
            "journal".to_owned(),
        ];
        let read = |line| parse(line, &choices);
        assert_eq!(read(" hi there "), Line::Say("hi there".into()));
        assert_eq!(read("  "), Line::Empty);
        assert_eq!(
            read("/persona Compass"),
            Line::Persona(Some("compass".into()))
        );
        assert_eq!(read("/persona"), Line::Persona(None));
        assert_eq!(read("/not-safe"), Line::Choice("not_safe".into()));
        assert_eq!(read("/journal"), Line::Choice("journal".into()));
        assert_eq!(read("/journal a b"), Line::Journal("a b".into()));
        assert_eq!(parse("/safe", &[]), Line::Unknown("safe".into()));
    }
}
