//! Why a rule file was refused.

/// A rule file that cannot be used. Names the file and the rule, never an example's text.
#[derive(Debug, thiserror::Error)]
pub enum InvalidRules {
    /// Not the TOML that is expected.
    #[error("could not read the rule file {file}")]
    Format {
        /// Which file.
        file: String,
        /// What the parser says.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A pattern does not compile.
    #[error("could not compile rule {rule} of {file}")]
    Pattern {
        /// Which file.
        file: String,
        /// Which rule.
        rule: String,
        /// What the compiler says.
        #[source]
        source: Box<regex::Error>,
    },
    /// The words of all patterns are too many to look for at once.
    #[error("could not collect the words of all rules")]
    TooMany {
        /// What the collector says.
        #[source]
        source: Box<aho_corasick::BuildError>,
    },
    /// A rule names a word list that the file does not have.
    #[error("rule {rule} of {file} uses an unknown word <{word}>")]
    UnknownWord {
        /// Which file.
        file: String,
        /// Which rule.
        rule: String,
        /// The name between the angle brackets.
        word: String,
    },
    /// Two rules share an id.
    #[error("rule {rule} of {file} is there twice")]
    Duplicate {
        /// Which file.
        file: String,
        /// Which rule.
        rule: String,
    },
    /// Too few examples or counterexamples to show what the rule means.
    #[error("rule {rule} of {file} has {count} {kind}, fewer than {least}")]
    TooFew {
        /// Which file.
        file: String,
        /// Which rule.
        rule: String,
        /// `examples` or `counterexamples`.
        kind: &'static str,
        /// How many there are.
        count: usize,
        /// How many there must be.
        least: usize,
    },
    /// Rules contradict their own examples.
    #[error("rules give the wrong result for {}", .wrong.join(", "))]
    Examples {
        /// All of them: file, rule, kind and number from 1, never the text.
        wrong: Vec<String>,
    },
    /// A text that a rule shows is missing or too long.
    #[error("the text of {rule} in {file} is missing or longer than {most} characters")]
    Text {
        /// Which file.
        file: String,
        /// Which rule or class.
        rule: String,
        /// Longest text allowed.
        most: usize,
    },
}
