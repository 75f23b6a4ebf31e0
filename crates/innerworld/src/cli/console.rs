//! A conversation with whoever is at the terminal: lines in, lines out, also from a script.

mod wrap;

use std::{
    io::{self, BufRead, IsTerminal, Write},
    sync::mpsc as blocking,
    thread,
};

use anyhow::{Context, bail};
use clap::builder::styling::{AnsiColor, Style};
use innerworld_core::secret::Secret;
use tokio::sync::mpsc;

use self::wrap::Wrap;
use super::output;

/// Headings and names.
pub(crate) const STRONG: Style = Style::new().bold();
/// What is said about the talk, as opposed to in it.
pub(crate) const QUIET: Style = AnsiColor::BrightBlack.on_default();
/// Help in a crisis.
pub(crate) const LOUD: Style = AnsiColor::Yellow.on_default().bold();

/// Where the last write ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cursor {
    /// At the start of a line.
    Start,
    /// In the middle of one.
    Middle,
    /// Behind a prompt.
    Prompt,
}

/// Standard input and output of a verb that talks.
#[derive(Debug)]
pub(crate) struct Console {
    /// A person types; otherwise lines come from a script.
    interactive: bool,
    /// Standard output carries frames; what is meant for people goes to standard error.
    frames: bool,
    wanted: blocking::Sender<()>,
    lines: mpsc::Receiver<io::Result<Option<String>>>,
    reading: bool,
    cursor: Cursor,
    wrap: Wrap,
}

impl Console {
    /// Takes over standard input. Lines are read one at a time and only when asked for, so that a
    /// password prompt has the terminal to itself.
    pub(crate) fn new(frames: bool) -> Self {
        let (wanted, requests) = blocking::channel();
        let (sender, lines) = mpsc::channel(1);
        thread::spawn(move || read_lines(&requests, &sender));
        Self {
            interactive: io::stdin().is_terminal(),
            frames,
            wanted,
            lines,
            reading: false,
            cursor: Cursor::Start,
            wrap: Wrap::default(),
        }
    }

    /// Whether a person types.
    pub(crate) const fn is_interactive(&self) -> bool {
        self.interactive
    }

    /// Writes a line for people.
    pub(crate) fn say(&mut self, text: impl AsRef<str>) -> anyhow::Result<()> {
        self.write(&format!("{}\n", text.as_ref()))
    }

    /// Writes a line about the talk.
    pub(crate) fn note(&mut self, text: impl AsRef<str>) -> anyhow::Result<()> {
        self.say(format!("{QUIET}{}{QUIET:#}", text.as_ref()))
    }

    /// Writes a prompt, unless it stands there already.
    pub(crate) fn prompt(&mut self, text: &str) -> anyhow::Result<()> {
        if self.cursor != Cursor::Prompt {
            self.fresh_line()?;
            self.write(text)?;
            self.cursor = Cursor::Prompt;
        }
        Ok(())
    }

    /// Goes to the start of a line.
    pub(crate) fn fresh_line(&mut self) -> anyhow::Result<()> {
        match self.cursor {
            Cursor::Start => Ok(()),
            Cursor::Middle | Cursor::Prompt => self.write_through("\n"),
        }
    }

    /// Writes text for people; never behind a prompt. Lines that are too long for the terminal are
    /// broken between words.
    pub(crate) fn write(&mut self, text: &str) -> anyhow::Result<()> {
        self.write_piece(text)?;
        let rest = self.wrap.flush();
        self.put(&rest)
    }

    /// Writes a piece of a text that goes on: its last word may wait for the next piece.
    pub(crate) fn write_piece(&mut self, text: &str) -> anyhow::Result<()> {
        if self.cursor == Cursor::Prompt {
            self.fresh_line()?;
        }
        self.write_through(text)
    }

    fn write_through(&mut self, text: &str) -> anyhow::Result<()> {
        let terminal = !self.frames && io::stdout().is_terminal();
        let size = terminal.then(terminal_size::terminal_size).flatten();
        self.wrap
            .set_width(size.map(|(width, _)| usize::from(width.0)));
        match text.chars().last() {
            Some('\n') => self.cursor = Cursor::Start,
            Some(_) => self.cursor = Cursor::Middle,
            None => {}
        }
        let ready = self.wrap.push(text);
        self.put(&ready)
    }

    fn put(&self, text: &str) -> anyhow::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        if !self.frames {
            return output::write(text);
        }
        let mut out = anstream::stderr().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Writes a frame as it came, where frames are wanted.
    pub(crate) fn frame(&self, raw: &str) -> anyhow::Result<()> {
        if self.frames {
            output::line(raw)
        } else {
            Ok(())
        }
    }

    /// Asks for the next line; [`Console::line`] waits for it.
    pub(crate) fn want_line(&mut self) {
        // The reading thread ends only after end of input, which `line` reports.
        self.reading = self.reading || self.wanted.send(()).is_ok();
    }

    /// The line that was asked for; `None` at the end of input. Safe to drop while it waits.
    pub(crate) async fn line(&mut self) -> anyhow::Result<Option<String>> {
        let line = self.lines.recv().await;
        self.reading = false;
        if self.interactive {
            // The terminal showed the line with its end.
            self.cursor = Cursor::Start;
            self.wrap.line_ended();
        }
        match line {
            Some(line) => line.context("could not read standard input"),
            None => Ok(None),
        }
    }

    /// Prompts and reads a line, without blanks at its ends.
    pub(crate) async fn ask(&mut self, prompt: &str) -> anyhow::Result<String> {
        self.fresh_line()?;
        self.write(prompt)?;
        self.want_line();
        let line = tokio::select! {
            line = self.line() => line?,
            _ = tokio::signal::ctrl_c() => bail!("stopped"),
        };
        let Some(line) = line else {
            bail!("the input ended at the question: {}", prompt.trim());
        };
        self.fresh_line()?;
        Ok(line.trim().to_owned())
    }

    /// Prompts until `is_valid`; an empty answer is the default. A script gets no second try.
    pub(crate) async fn ask_valid(
        &mut self,
        question: &str,
        default: Option<&str>,
        is_valid: fn(&str) -> bool,
        hint: &str,
    ) -> anyhow::Result<String> {
        let prompt = match default {
            Some(default) => format!("{question} [{default}]: "),
            None => format!("{question}: "),
        };
        loop {
            let typed = self.ask(&prompt).await?;
            let answer = match default {
                Some(default) if typed.is_empty() => default.to_owned(),
                _ => typed,
            };
            if is_valid(&answer) {
                return Ok(answer);
            }
            if !self.interactive {
                bail!("{question}: {hint}");
            }
            self.note(hint)?;
        }
    }

    /// Prompts for one of two words until one comes; nothing is chosen beforehand.
    pub(crate) async fn ask_yes_no(&mut self, prompt: &str) -> anyhow::Result<bool> {
        loop {
            let answer = self
                .ask(&format!("{prompt} (yes or no) "))
                .await?
                .to_lowercase();
            match answer.as_str() {
                "yes" | "y" => return Ok(true),
                "no" | "n" => return Ok(false),
                _ => self.note("Please type yes or no.")?,
            }
        }
    }

    /// Reads a password: hidden on a terminal, a line of the script otherwise.
    pub(crate) async fn ask_password(&mut self, prompt: &str) -> anyhow::Result<Secret> {
        if !self.interactive {
            return self.ask(prompt).await.map(Secret::new);
        }
        let prompt = prompt.to_owned();
        let typed = tokio::task::spawn_blocking(move || rpassword::prompt_password(prompt)).await?;
        typed
            .map(Secret::new)
            .context("could not read the password")
    }
}

fn read_lines(requests: &blocking::Receiver<()>, lines: &mpsc::Sender<io::Result<Option<String>>>) {
    let mut input = io::stdin().lock();
    while requests.recv().is_ok() {
        let mut line = String::new();
        let read = input.read_line(&mut line);
        let last = !matches!(read, Ok(1..));
        let answer =
            read.map(|bytes| (bytes > 0).then(|| line.trim_end_matches(['\n', '\r']).to_owned()));
        if lines.blocking_send(answer).is_err() || last {
            return;
        }
    }
}
