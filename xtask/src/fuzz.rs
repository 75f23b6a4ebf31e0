//! `cargo xtask fuzz`: arbitrary input for every parser of outside bytes, by `libFuzzer`.

use std::{
    fs,
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::{Context as _, ensure};
use clap::{Args, ValueEnum};

use crate::{
    process::{Counts, run, say},
    venv,
    workspace::{root, target},
};

/// Seconds for each parser among the other tests: enough to find what its last change broke.
const BRIEFLY: u64 = 5;
/// Bytes of an input at most.
const LONGEST: usize = 8_192;
/// Bytes of an asset that its seed holds: the header and the beginning of what is packed.
const SEED_BYTES: usize = 4_096;

/// Try arbitrary input on the parsers of outside bytes; needs a C++ compiler
#[derive(Debug, Args)]
pub(crate) struct Fuzz {
    /// Only these (all, if none is given)
    #[arg(value_enum)]
    parsers: Vec<Parser>,
    /// How long each is tried
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Parser {
    /// The files of the local models
    Asset,
    /// Rules and tagger, over a session of lines
    Extract,
    /// What a client sends
    Frame,
    /// What a model answers when asked for a session's memory
    ModelAnswer,
    /// The finder of contact data
    Scrub,
    /// Numbers and times of a sign-in by SRP
    SignIn,
    /// What claims to be signed by Apple
    Signed,
    /// The tokenizer and the check of the language
    Tokenize,
    /// A session as `innerworld extract` takes it
    Transcript,
}

impl Fuzz {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let parsers = if self.parsers.is_empty() {
            Parser::value_variants()
        } else {
            &self.parsers
        };
        let counts = each(parsers, self.seconds)?;
        Ok(if counts.failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

/// Every parser for a short time.
pub(crate) fn stage() -> anyhow::Result<Counts> {
    each(Parser::value_variants(), BRIEFLY)
}

/// # Errors
/// If they cannot be built.
fn each(parsers: &[Parser], seconds: u64) -> anyhow::Result<Counts> {
    run(cargo_fuzz("build")?.args(["--dev", "--sanitizer", "none"])).context(
        "the parsers could not be built for it; it needs a C++ compiler: `apt-get install g++`, \
         `dnf install gcc-c++` or Xcode's command line tools",
    )?;
    let mut counts = Counts::default();
    for parser in parsers {
        match parser.fuzz(seconds) {
            Ok(tried) => {
                say(&format!("{}: {tried}", parser.name()));
                counts.passed += 1;
            }
            Err(error) => {
                say(&format!("{error:#}"));
                counts.failed += 1;
            }
        }
    }
    Ok(counts)
}

/// `cargo fuzz`, with neither a sanitizer nor the nightly compiler that it needs: there is no unsafe
/// code to watch.
fn cargo_fuzz(command: &str) -> anyhow::Result<Command> {
    let mut fuzz = venv::tool("cargo-fuzz")?;
    fuzz.arg(command)
        .arg("--target-dir")
        .arg(target()?.join("fuzz"));
    Ok(fuzz)
}

impl Parser {
    fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Tries inputs; says how many.
    fn fuzz(self, seconds: u64) -> anyhow::Result<String> {
        let (name, target) = (self.name(), target()?);
        let corpus = target.join("fuzz-corpus").join(&name);
        let failures = target.join("fuzz-failures");
        fs::create_dir_all(&failures).context("could not make a folder for what fails")?;
        self.sow(&corpus)?;
        let log = failures.join(format!("{name}.log"));
        let file = fs::File::create(&log).context("could not write a log")?;
        let status = cargo_fuzz("run")?
            .args(["--dev", "--sanitizer", "none"])
            .arg(&name)
            .arg(&corpus)
            .arg("--")
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-max_len={LONGEST}"))
            .arg(format!("-artifact_prefix={}/{name}-", failures.display()))
            .args(["-timeout=10", "-rss_limit_mb=1024"])
            .stdout(file.try_clone()?)
            .stderr(file)
            .status()
            .context("could not start cargo-fuzz")?;
        let said = fs::read_to_string(&log).unwrap_or_default();
        ensure!(
            status.success(),
            "{name} fails: see {}; the input lies beside it, and `cargo xtask fuzz {name}` tries again",
            log.display()
        );
        let done = said
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix("Done "));
        Ok(done.context("it said nothing of what it tried")?.to_owned())
    }

    /// Writes the first inputs; those that earlier runs found stay.
    fn sow(self, corpus: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(corpus).context("could not make a folder for inputs")?;
        let read = |path: &str| fs::read(root().join(path)).context(format!("no {path}"));
        let lines = |path: &str| -> anyhow::Result<Vec<Vec<u8>>> {
            let bytes = read(path)?;
            Ok(bytes
                .split(|byte| *byte == b'\n')
                .map(<[u8]>::to_vec)
                .collect())
        };
        let seeds = match self {
            Self::Asset => {
                let mut asset = read("crates/innerworld-language/assets/emotion.iwa")?;
                asset.truncate(SEED_BYTES);
                vec![asset]
            }
            Self::Extract | Self::Tokenize => {
                lines("crates/innerworld-language/tests/it/sentences.txt")?
            }
            Self::Scrub => lines("tests/fixtures/output/numbers.jsonl")?,
            Self::Frame => lines("fuzz/seeds/frame.txt")?,
            Self::Signed => vec![read("fuzz/seeds/store_root.der")?],
            Self::ModelAnswer => lines("fuzz/seeds/model_answer.txt")?,
            Self::SignIn => lines("fuzz/seeds/sign_in.txt")?,
            Self::Transcript => lines("fuzz/seeds/transcript.txt")?,
        };
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(corpus.join(format!("seed-{number}")), seed)?;
        }
        Ok(())
    }
}
