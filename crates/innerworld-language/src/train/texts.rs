//! Labelled texts: a line each, text, tab, numbers of its classes with commas, tab, anything.

use super::TrainError;
use crate::emotion::CLASSES;

/// A text and which classes it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// What was written.
    pub text: String,
    /// For each class, in the order of the weights, whether it is there.
    pub classes: [bool; CLASSES],
}

/// Reads the lines of a file.
///
/// # Errors
/// [`TrainError::Data`] names the first line that has no label or one that is no class.
pub fn read_labelled(content: &str) -> Result<Vec<Labelled>, TrainError> {
    let lines = content.trim_start_matches('\u{feff}').lines().enumerate();
    lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(place, line)| {
            read_line(line).map_err(|reason| TrainError::Data {
                line: place + 1,
                reason,
            })
        })
        .collect()
}

fn read_line(line: &str) -> Result<Labelled, &'static str> {
    let mut fields = line.split('\t');
    let (Some(text), Some(labels)) = (fields.next(), fields.next()) else {
        return Err("a text, a tab and class numbers are expected");
    };
    let mut classes = [false; CLASSES];
    for label in labels.split(',') {
        let number: usize = label
            .trim()
            .parse()
            .map_err(|_error| "a label is no number")?;
        *classes.get_mut(number).ok_or("a label is no class")? = true;
    }
    Ok(Labelled {
        text: text.to_owned(),
        classes,
    })
}
