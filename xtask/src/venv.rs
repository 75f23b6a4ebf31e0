//! Tools and data that need no compiling, from `PyPI`, in virtual environments below the target
//! folder.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, bail};

use crate::{
    process::{output, run, say},
    workspace::{root, target},
};

/// A virtual environment: its folder below the target folder, and the file that says what is in it.
pub(crate) struct Environment {
    folder: &'static str,
    requirements: &'static str,
}

/// Tools and test clients.
const TOOLS: Environment = Environment {
    folder: "venv",
    requirements: "xtask/requirements.txt",
};

/// What trainers read beside data sets.
pub(crate) const TRAINING: Environment = Environment {
    folder: "training-venv",
    requirements: "xtask/training/requirements.txt",
};

/// What stands for keys, secrets and files of AWS in tests.
pub(crate) const MOTO: Environment = Environment {
    folder: "peers/moto",
    requirements: "tests/peers/moto/requirements.txt",
};

/// The linter of policies, which `terraform report` counts the findings of.
pub(crate) const CHECKOV: Environment = Environment {
    folder: "checkov-venv",
    requirements: "xtask/checkov/requirements.txt",
};

/// Building for other machines.
pub(crate) const ZIG: Environment = Environment {
    folder: "zig-venv",
    requirements: "xtask/package/requirements.txt",
};

/// The program `name` of the tools, which are installed when they are missing or out of date.
pub(crate) fn tool(name: &str) -> anyhow::Result<Command> {
    TOOLS.program(name)
}

impl Environment {
    /// The program `name` of the environment.
    pub(crate) fn program(&self, name: &str) -> anyhow::Result<Command> {
        let mut command = Command::new(self.ensure()?.join("bin").join(name));
        command.current_dir(root());
        Ok(command)
    }

    /// The version of the package `name` that the requirements name.
    pub(crate) fn version(&self, name: &str) -> anyhow::Result<String> {
        let wanted = fs::read_to_string(root().join(self.requirements))?;
        let pinned = wanted
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix("=="));
        let pinned = pinned.with_context(|| format!("{} names no {name}", self.requirements))?;
        Ok(pinned.to_owned())
    }

    /// The folder that holds the package `name`.
    pub(crate) fn package(&self, name: &str) -> anyhow::Result<PathBuf> {
        let lib = self.ensure()?.join("lib");
        let entries = fs::read_dir(&lib).with_context(|| format!("no {}", lib.display()))?;
        for entry in entries {
            let package = entry?.path().join("site-packages").join(name);
            if package.is_dir() {
                return Ok(package);
            }
        }
        bail!("the package {name} is not in {}", lib.display())
    }

    /// The folder of its programs.
    pub(crate) fn programs(&self) -> anyhow::Result<PathBuf> {
        Ok(self.ensure()?.join("bin"))
    }

    fn ensure(&self) -> anyhow::Result<PathBuf> {
        let folder = target()?.join(self.folder);
        let requirements = root().join(self.requirements);
        let wanted = fs::read_to_string(&requirements)
            .with_context(|| format!("could not read {}", self.requirements))?;
        let mark = folder.join("installed.txt");
        if fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
            return Ok(folder);
        }
        if output(Command::new("python3").arg("--version")).is_err() {
            bail!(
                "missing prerequisite: python3 (3.10 or newer); get it with `apt-get install \
                 python3 python3-venv`, `dnf install python3`, `brew install python` or from \
                 python.org"
            );
        }
        say(&format!("installing what {} names", self.requirements));
        run(Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder))
        .context(
            "python3 could not make a virtual environment; on Debian and Ubuntu it needs \
             `apt-get install python3-venv`",
        )?;
        // Each file names all it needs; the packages' own wishes are larger.
        run(Command::new(folder.join("bin/pip"))
            .args(["install", "--quiet", "--disable-pip-version-check"])
            .args(["--no-deps", "--requirement"])
            .arg(&requirements))
        .context(
            "the packages could not be installed from PyPI; check the network or pip's index",
        )?;
        fs::write(mark, wanted)?;
        Ok(folder)
    }
}
