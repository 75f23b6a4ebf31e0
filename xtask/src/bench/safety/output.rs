//! The output filter over its fixtures: what is stopped, what passes, how long words wait.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use anyhow::Context as _;
use innerworld_core::safety::screen::{OutputClass, OutputScreen as _};
use innerworld_language::{output_screen::Screen, safety::Share};
use serde::Deserialize;

use crate::{bench::timed, workspace::root};

/// Where its part of the scorecard begins; nothing comes after that part.
pub(super) const HEADING: &str = "## Output filter";
const FOLDER: &str = "tests/fixtures/output";
/// Paraphrases, each round after the rules of its time.
const ROUNDS_OF_PARAPHRASES: [&str; 2] = ["paraphrases.jsonl", "paraphrases-2.jsonl"];
/// Characters that arrive at once when waiting is measured: about a token.
const CHUNK: usize = 4;
/// Sentences of one answer.
const SENTENCES: usize = 4;
/// Rounds when time is measured.
const ROUNDS: usize = 20;

#[derive(Deserialize)]
struct Line {
    class: Option<OutputClass>,
    text: String,
}

/// All figures.
#[derive(Debug)]
pub(super) struct Output {
    /// Seeds, and paraphrases of both rounds, stopped by their class.
    classes: Vec<(OutputClass, Share, Share)>,
    /// What was counted when a file had just been written, before the rules were changed because of it:
    /// by file and what is counted.
    first: BTreeMap<String, BTreeMap<String, [usize; 2]>>,
    /// Sets that must pass, and how many came out as they went in.
    passed: Vec<(&'static str, Share)>,
    /// Characters that wait, half of the time and in the worst hundredth.
    held: (usize, usize),
    /// Microseconds for each KB of ordinary text.
    micros_per_kb: f64,
}

impl Output {
    pub(super) fn measure() -> anyhow::Result<Self> {
        let means = text("means.txt")?;
        let mut files = Screen::FILES.to_vec();
        for (name, content) in &mut files {
            if *name == "means.txt" {
                *content = &means;
            }
        }
        let contacts = [
            "988",
            "741741",
            "911",
            "1-800-422-4453",
            "866-488-7386",
            "988lifeline.org",
        ];
        let contacts: Vec<String> = contacts.map(str::to_owned).into();
        let nonsense = Screen::of_files(&files, contacts.clone())?;
        let shipped = Screen::shipped(contacts)?;
        let seeds = lines("unsafe.jsonl")?;
        let mut others = lines(ROUNDS_OF_PARAPHRASES[0])?;
        others.extend(lines(ROUNDS_OF_PARAPHRASES[1])?);
        let stopped = |class: OutputClass, lines: &[Line]| {
            let of: Vec<&Line> = lines
                .iter()
                .filter(|line| line.class == Some(class))
                .collect();
            let stopped = of.iter().filter(|line| {
                let out = nonsense.whole(&line.text, "en");
                let cut = out.cut.then_some(OutputClass::Contact);
                out.reset.map(|hit| hit.class).or(cut) == line.class
            });
            Share::of(stopped.count(), of.len())
        };
        let classes = OutputClass::ALL.into_iter().skip(1);
        let classes = classes.map(|class| (class, stopped(class, &seeds), stopped(class, &others)));
        let mut passed = Vec::new();
        for (name, file) in [
            ("referrals", "referrals.jsonl"),
            ("numbers", "numbers.jsonl"),
            ("ordinary sentences", "ordinary.jsonl"),
            (
                "ordinary sentences, written after the rules",
                "ordinary-2.jsonl",
            ),
        ] {
            let lines = lines(file)?;
            let same = lines.iter().filter(|line| {
                let out = shipped.whole(&line.text, "en");
                out.reset.is_none() && out.text == line.text
            });
            passed.push((name, Share::of(same.count(), lines.len())));
        }
        let ordinary = lines("ordinary.jsonl")?;
        Ok(Self {
            classes: classes.collect(),
            first: serde_json::from_str(&text("first-look.json")?)?,
            passed,
            held: held(&shipped, &ordinary),
            micros_per_kb: time(&shipped, &ordinary),
        })
    }

    pub(super) fn markdown(&self, out: &mut String) {
        out.push_str(
            "\n## Output filter\n\nOver the fixtures in `tests/fixtures/output`, with nonsense words for means. Paraphrases were written after the \
             rules, by the same author without looking at them; *at first* is what was stopped before the rules were widened because of them, and that \
             is what to expect of words that nobody thought of. The last column says no more than that widening was done.\n\n\
             | class | seeds stopped | first round at first | second round at first | both now |\n|---|---|---|---|---|\n",
        );
        for (class, seeds, others) in &self.classes {
            let [first, second] =
                ROUNDS_OF_PARAPHRASES.map(|file| self.first_look(file, class.name()));
            let now = if others.of == 0 {
                "-".to_owned()
            } else {
                others.told()
            };
            let _infallible = writeln!(
                out,
                "| {} | {} | {first} | {second} | {now} |",
                class.name(),
                seeds.told()
            );
        }
        let _infallible = writeln!(
            out,
            "\nOf the ordinary sentences that were written after the rules, wrongly stopped at first: {}.",
            self.first_look("ordinary-2.jsonl", "wrongly stopped")
        );
        out.push_str("\n| must pass byte for byte | passed |\n|---|---|\n");
        for (name, share) in &self.passed {
            let _infallible = writeln!(out, "| {name} | {} |", share.told());
        }
        let (half, most) = self.held;
        let _infallible = write!(
            out,
            "\nCharacters that wait while ordinary text streams in {CHUNK} at a time: half of the time at most {half}, 99 % of the time at most {most}. \
             Time: {:.0} microseconds for each KB.\n",
            self.micros_per_kb
        );
    }
}

impl Output {
    /// What was counted at first.
    fn first_look(&self, file: &str, what: &str) -> String {
        let counted = self.first.get(file).and_then(|of| of.get(what));
        counted.map_or_else(|| "-".to_owned(), |[n, of]| Share::of(*n, *of).told())
    }
}

fn text(name: &str) -> anyhow::Result<String> {
    let path = root().join(FOLDER).join(name);
    fs::read_to_string(&path).with_context(|| format!("could not read {FOLDER}/{name}"))
}

fn lines(name: &str) -> anyhow::Result<Vec<Line>> {
    let text = text(name)?;
    let lines = text.lines().map(serde_json::from_str);
    lines
        .collect::<Result<_, _>>()
        .with_context(|| format!("{FOLDER}/{name} has a line that is none"))
}

fn answers(lines: &[Line]) -> Vec<String> {
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    texts.chunks(SENTENCES).map(|few| few.join(" ")).collect()
}

/// Characters that wait after each chunk.
fn held(screen: &Screen, lines: &[Line]) -> (usize, usize) {
    let mut held = Vec::new();
    for answer in answers(lines) {
        let mut filter = screen.filter(&[], "en");
        let letters: Vec<char> = answer.chars().collect();
        for chunk in letters.chunks(CHUNK) {
            let chunk: String = chunk.iter().collect();
            filter.push(&chunk);
            held.push(filter.held_back());
        }
    }
    held.sort_unstable();
    let at = |hundredths: usize| held.get(held.len() * hundredths / 100).copied();
    (at(50).unwrap_or(0), at(99).unwrap_or(0))
}

/// Microseconds for each KB.
fn time(screen: &Screen, lines: &[Line]) -> f64 {
    let answers = answers(lines);
    let bytes: usize = answers.iter().map(String::len).sum();
    let rounds = (0..ROUNDS).map(|_| {
        let all = || {
            answers
                .iter()
                .map(|text| screen.whole(text, "en").text.len())
                .sum::<usize>()
        };
        timed(all).1
    });
    let best = rounds.fold(f64::INFINITY, f64::min);
    #[expect(clippy::cast_precision_loss, reason = "some thousand bytes")]
    let kilobytes = bytes as f64 / 1024.0;
    best / kilobytes
}
