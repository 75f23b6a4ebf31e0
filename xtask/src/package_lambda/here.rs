//! How a packaged program runs on this machine: by itself, or under an emulator.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};

use super::{Architecture, search_path};

/// How programs of an architecture run here.
#[derive(Debug)]
pub(super) enum Runner {
    /// They are this machine's own.
    Native,
    /// Under an emulator of programs, with the system libraries of their machine.
    Emulated {
        /// The emulator.
        emulator: PathBuf,
        /// Where the libraries are.
        libraries: PathBuf,
    },
}

impl Runner {
    /// How those of `architecture` run here; the error says what to install.
    pub(super) fn of(architecture: Architecture) -> anyhow::Result<Self> {
        let machine = architecture.machine();
        if machine == env::consts::ARCH {
            return Ok(Self::Native);
        }
        let name = format!("qemu-{machine}-static");
        let folders = search_path();
        let mut candidates = env::split_paths(&folders).map(|folder| folder.join(&name));
        let emulator = candidates.find(|path| path.is_file()).with_context(|| {
            format!(
                "a program for {machine} runs here under {name}, which is missing; get it with \
                 `apt-get install qemu-user-static`"
            )
        })?;
        // Where Debian and its like lay libraries of another machine.
        let libraries = Path::new("/usr").join(format!("{machine}-linux-gnu"));
        ensure!(
            libraries.join("lib/libc.so.6").is_file(),
            "the system libraries of {machine} are not in {}; get them with \
             `apt-get install {}`",
            libraries.display(),
            architecture.libraries()
        );
        Ok(Self::Emulated {
            emulator,
            libraries,
        })
    }

    /// What is started in place of `program`: itself, or a script in `folder`.
    pub(super) fn command(&self, program: &Path, folder: &Path) -> anyhow::Result<PathBuf> {
        let Self::Emulated {
            emulator,
            libraries,
        } = self
        else {
            return Ok(program.to_owned());
        };
        let script = folder.join("emulated");
        let words = [emulator.as_path(), Path::new("-L"), libraries, program].map(quoted);
        fs::write(&script, format!("#!/bin/sh\nexec {}\n", words.join(" ")))?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
        Ok(script)
    }

    /// What a time that was measured so must say of itself.
    pub(super) fn note(&self) -> &'static str {
        match self {
            Self::Native => "on this machine",
            Self::Emulated { .. } => "EMULATED: no figure of a real machine",
        }
    }
}

/// A word for the shell.
fn quoted(word: &Path) -> String {
    format!("'{}'", word.display().to_string().replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_script_runs_the_emulator_on_the_program() {
        let folder = tempfile::tempdir().unwrap();
        let runner = Runner::Emulated {
            emulator: PathBuf::from("echo"),
            libraries: PathBuf::from("/usr/it's"),
        };
        let script = runner.command(Path::new("/a b"), folder.path()).unwrap();
        let output = Command::new(script).output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            "-L /usr/it's /a b\n"
        );
    }

    #[test]
    fn this_machines_own_programs_run_by_themselves() {
        let own = Architecture::own().unwrap();
        let runner = Runner::of(own).unwrap();
        let program = Path::new("/bootstrap");
        let started = runner.command(program, Path::new("/nowhere")).unwrap();
        assert_eq!(started, program);
    }
}
