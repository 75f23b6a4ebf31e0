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
    /// A row of words cannot be read.
    #[error("row {row} of rule {rule} of {file} {what}")]
    Row {
        /// Which file.
        file: String,
        /// Which rule.
        rule: String,
        /// Which row, from 1, of all rows of the rule.
        row: usize,
        /// What is wrong with it.
        what: String,
    },
    /// A rule of a class that asks does not say about what, or another one does.
    #[error("rule {rule} of {file} must name what it is `about` if its class asks, and only then")]
    About {
        /// Which file.
        file: String,
        /// Which rule.
        rule: String,
    },
    /// A file that rules need is not among those that were given.
    #[error("the rule file {file} is missing")]
    Missing {
        /// Which file.
        file: String,
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
