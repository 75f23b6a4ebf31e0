//! `cargo xtask package-lambda`: the functions as zips that Lambda takes.
//!
//! Built for the system library of `provided.al2023`, whatever this machine has. The same binary
//! gives the same bytes of a zip, so that an unchanged function is not deployed again. What lies in
//! the zips is started here, under an emulator where it is of another processor.

mod binary;
mod bundle;
mod here;
mod trial;

use std::{
    env, fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, bail, ensure};
use clap::{Args, ValueEnum};

use self::here::Runner;
use crate::{
    process::{output, run, say},
    venv::ZIG,
    workspace::{root, target},
};

/// The version of glibc in `provided.al2023`; what needs a later one does not start there.
const GLIBC: (u32, u32) = (2, 34);
/// The profile that they are built with.
const PROFILE: &str = "functions";
/// The crate of the functions.
const PACKAGE: &str = "innerworld-lambda";

/// Build the functions for Lambda and write one zip each, below the target folder
#[derive(Debug, Args)]
pub(crate) struct PackageLambda {
    /// Processor that the functions run on
    #[arg(long, value_enum, default_value = "arm64")]
    arch: Architecture,
    /// Only this function
    #[arg(long, value_name = "NAME")]
    function: Option<String>,
    /// Also give some of them an event; fail where they cannot be started on this machine
    #[arg(long = "try")]
    tried: bool,
}

/// A processor that functions run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Architecture {
    /// Graviton
    Arm64,
    /// Intel and AMD
    #[value(name = "x86_64")]
    X8664,
}

impl Architecture {
    /// This machine's own.
    pub(crate) fn own() -> anyhow::Result<Self> {
        let all = Self::value_variants().iter().copied();
        let mut own = all.filter(|one| one.machine() == env::consts::ARCH);
        own.next()
            .with_context(|| format!("Lambda has no {}", env::consts::ARCH))
    }

    /// As systems name it.
    const fn machine(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64",
            Self::X8664 => "x86_64",
        }
    }

    /// Debian's package of its system libraries for machines of another processor.
    const fn libraries(self) -> &'static str {
        match self {
            Self::Arm64 => "libc6-arm64-cross",
            Self::X8664 => "libc6-amd64-cross",
        }
    }

    const fn triple(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64-unknown-linux-gnu",
            Self::X8664 => "x86_64-unknown-linux-gnu",
        }
    }

    /// As Lambda names it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X8664 => "x86_64",
        }
    }
}

impl PackageLambda {
    /// Builds, packages and starts.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        // Known before minutes of building.
        let runner = match Runner::of(self.arch) {
            Err(why) if self.tried => return Err(why),
            known => known,
        };
        let functions = self.functions()?;
        let folder = packaged(self.arch, &functions)?;
        match runner {
            Ok(runner) => trial::start(&runner, &folder, &functions, self.tried)?,
            Err(why) => say(&format!("not started: {why:#}")),
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The functions to package.
    fn functions(&self) -> anyhow::Result<Vec<String>> {
        let names = all()?;
        let Some(one) = &self.function else {
            return Ok(names);
        };
        if !names.contains(one) {
            bail!(
                "there is no function {one}; there are: {}",
                names.join(", ")
            );
        }
        Ok(vec![one.clone()])
    }
}

/// Every function: the programs of the crate.
pub(crate) fn all() -> anyhow::Result<Vec<String>> {
    let sources = root().join("crates").join(PACKAGE).join("src/bin");
    let mut names = Vec::new();
    for entry in fs::read_dir(&sources).context("the functions' crate has no programs")? {
        let path = entry?.path();
        names.extend(
            path.file_stem()
                .map(|name| name.to_string_lossy().into_owned()),
        );
    }
    names.sort();
    Ok(names)
}

/// Builds functions and packages them; the folder with a zip of each, `NAME.zip`, and beside it what
/// lies in the zip, `NAME/bootstrap`.
pub(crate) fn packaged(
    architecture: Architecture,
    functions: &[String],
) -> anyhow::Result<PathBuf> {
    ensure_target(architecture.triple())?;
    build(architecture, functions)?;
    let built = target()?.join(architecture.triple()).join(PROFILE);
    let folder = target()?.join("lambda").join(architecture.name());
    fs::create_dir_all(&folder).context("could not make a folder for the zips")?;
    for function in functions {
        package(function, &built, &folder)?;
    }
    Ok(folder)
}

/// Adds the target to the toolchain, if it is not there.
fn ensure_target(triple: &str) -> anyhow::Result<()> {
    let installed =
        output(
            Command::new("rustup")
                .current_dir(root())
                .args(["target", "list", "--installed"]),
        )
        .context("rustup is needed to add the target; get it from rustup.rs")?;
    if installed.lines().any(|line| line.trim() == triple) {
        return Ok(());
    }
    say(&format!("adding the target {triple} to the toolchain"));
    run(Command::new("rustup")
        .current_dir(root())
        .args(["target", "add", triple]))
}

fn build(architecture: Architecture, functions: &[String]) -> anyhow::Result<()> {
    let (major, minor) = GLIBC;
    let mut command = ZIG.program("cargo-zigbuild")?;
    // It looks for zig's package by the `python3` that it finds first.
    let path =
        env::join_paths(std::iter::once(ZIG.programs()?).chain(env::split_paths(&search_path())))?;
    command
        .env("PATH", path)
        // Nothing unwinds (see the profile): tables for it are a tenth of a program.
        .env("RUSTFLAGS", "-C force-unwind-tables=no")
        .args([
            "zigbuild",
            "--profile",
            PROFILE,
            "--locked",
            "--package",
            PACKAGE,
        ])
        .arg("--target")
        .arg(format!("{}.{major}.{minor}", architecture.triple()))
        .arg("--target-dir")
        .arg(target()?);
    for function in functions {
        command.args(["--bin", function]);
    }
    run(&mut command)
}

#[expect(
    clippy::disallowed_methods,
    reason = "programs are looked for where they were before, after our own"
)]
pub(crate) fn search_path() -> std::ffi::OsString {
    env::var_os("PATH").unwrap_or_default()
}

fn package(function: &str, built: &Path, folder: &Path) -> anyhow::Result<()> {
    let bytes = fs::read(built.join(function))
        .with_context(|| format!("the program {function} was not built"))?;
    let needs = binary::highest_glibc(&bytes);
    ensure!(
        needs.is_none_or(|needs| needs <= GLIBC),
        "{function} needs {}, which provided.al2023 does not have",
        shown(needs)
    );
    let zip = bundle::write(&bytes)?;
    let path: PathBuf = folder.join(format!("{function}.zip"));
    let same = fs::read(&path).is_ok_and(|before| before == zip);
    fs::write(&path, &zip).with_context(|| format!("could not write {}", path.display()))?;
    unpack(&zip, &folder.join(function))?;
    say(&format!(
        "{}: {} bytes zipped{}, {} bytes bootstrap, {}",
        path.display(),
        zip.len(),
        if same { ", as before" } else { "" },
        bytes.len(),
        shown(needs)
    ));
    Ok(())
}

/// Lays what is in a zip into a folder, as Lambda does.
fn unpack(zip: &[u8], folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).context("could not make a folder for a program")?;
    let (name, mode, bytes) = bundle::read(zip)?;
    let path = folder.join(name);
    fs::write(&path, bytes).with_context(|| format!("could not write {}", path.display()))?;
    fs::set_permissions(&path, fs::Permissions::from_mode(mode))
        .with_context(|| format!("could not let {} be run", path.display()))
}

fn shown(needs: Option<(u32, u32)>) -> String {
    needs.map_or_else(
        || "no glibc symbol".to_owned(),
        |(major, minor)| format!("GLIBC_{major}.{minor}"),
    )
}
