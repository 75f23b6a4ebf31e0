//! As much of a shell's language as the pages use: words, quotes, comments, pipes, `$(...)`.

use std::{iter::Peekable, str::Chars};

/// What stands in a word where another command's output would.
pub(in crate::terraform) const OUTPUT: &str = "$()";

/// The commands of a script, each as its words without quotes. Commands within `$(...)` come before the one
/// that they are part of.
pub(in crate::terraform) fn commands(script: &str) -> Vec<Vec<String>> {
    let mut reader = Reader {
        rest: script.chars().peekable(),
        done: Vec::new(),
    };
    while reader.rest.peek().is_some() {
        reader.list();
    }
    reader.done
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    done: Vec<Vec<String>>,
}

/// The command that is being read.
#[derive(Default)]
struct Open {
    words: Vec<String>,
    word: Option<String>,
}

impl Open {
    fn push(&mut self, text: impl Into<String>) {
        let text: String = text.into();
        self.word.get_or_insert_default().push_str(&text);
    }

    fn end_word(&mut self) {
        self.words.extend(self.word.take());
    }
}

impl Reader<'_> {
    /// Reads up to the end, or to the bracket that closes this list.
    fn list(&mut self) {
        let mut open = Open::default();
        while let Some(next) = self.rest.next() {
            match next {
                ')' => break,
                '#' if open.word.is_none() => {
                    while self.rest.next_if(|next| *next != '\n').is_some() {}
                }
                '\\' => match self.rest.next() {
                    Some('\n') | None => open.end_word(),
                    Some(taken) => open.push(taken),
                },
                '\'' => {
                    let mut quoted = String::new();
                    quoted.extend(self.rest.by_ref().take_while(|next| *next != '\''));
                    open.push(quoted);
                }
                '"' => self.quoted(&mut open),
                '$' => self.dollar(&mut open),
                ' ' | '\t' => open.end_word(),
                '|' | ';' | '&' | '\n' => self.end(&mut open),
                other => open.push(other),
            }
        }
        self.end(&mut open);
    }

    fn end(&mut self, open: &mut Open) {
        open.end_word();
        if !open.words.is_empty() {
            self.done.push(std::mem::take(&mut open.words));
        }
    }

    fn quoted(&mut self, open: &mut Open) {
        open.push("");
        while let Some(next) = self.rest.next() {
            match next {
                '"' => return,
                '$' => self.dollar(open),
                '\\' => open.push(self.rest.next().unwrap_or_default()),
                other => open.push(other),
            }
        }
    }

    fn dollar(&mut self, open: &mut Open) {
        if self.rest.next_if_eq(&'(').is_none() {
            return open.push('$');
        }
        self.list();
        open.push(OUTPUT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(script: &str) -> Vec<String> {
        let commands = commands(script).into_iter();
        commands.map(|words| words.join(" / ")).collect()
    }

    #[test]
    fn words_quotes_and_comments() {
        assert_eq!(
            shown("# all\naws a \\\n  --b \"c d\" --e '{\"f\": 1}' # end\nls g#h\n"),
            ["aws / a / --b / c d / --e / {\"f\": 1}", "ls / g#h"]
        );
        assert_eq!(shown("a '`b`' <c>"), ["a / `b` / <c>"]);
    }

    #[test]
    fn commands_in_pipes_and_within_others() {
        assert_eq!(
            shown("curl $(terraform output -raw a | jq -r '.b')\nx s3://$(y) | xargs -n 1 z"),
            [
                "terraform / output / -raw / a",
                "jq / -r / .b",
                "curl / $()",
                "y",
                "x / s3://$()",
                "xargs / -n / 1 / z",
            ]
        );
    }
}
