//! Programs in Java, from Maven, at the versions of a committed `pom.xml`.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail, ensure};

use crate::{
    process::{output, say},
    workspace::{root, target},
};

/// The oldest Java that both programs run on.
const OLDEST: u32 = 17;
/// What copies a program and all that it needs into one folder.
const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
/// Files between two lines that tell how far it is.
const STEP: usize = 25;

/// A folder of jars.
#[derive(Debug)]
pub(super) struct Jars(PathBuf);

/// What `tests/peers/NAME/pom.xml` names, below the target folder.
pub(super) fn installed(name: &str) -> anyhow::Result<Jars> {
    check_java()?;
    let pom = format!("tests/peers/{name}/pom.xml");
    let wanted = fs::read_to_string(root().join(&pom)).with_context(|| format!("no {pom}"))?;
    let folder = target()?.join("peers").join(name);
    let (jars, mark) = (folder.join("jars"), folder.join("installed.xml"));
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(Jars(jars));
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).context("could not remove the jars of before")?;
    }
    fs::create_dir_all(&folder).context("could not make a folder for jars")?;
    say(&format!("installing what {pom} names"));
    copy(&pom, &jars)?;
    fs::write(mark, wanted)?;
    Ok(Jars(jars))
}

impl Jars {
    /// Java with these jars and so much memory at most, tuned for a short life.
    pub(super) fn java(&self, memory: &str) -> Command {
        let mut java = Command::new("java");
        java.args(["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"])
            .arg(format!("-Xmx{memory}"))
            .arg("-classpath")
            .arg(self.0.join("*"));
        java
    }

    /// The version of the jar `name`.
    pub(super) fn version(&self, name: &str) -> anyhow::Result<String> {
        for entry in fs::read_dir(&self.0).context("no jars")? {
            let file = entry?.file_name();
            let version = file.to_str().and_then(|file| version_of(file, name));
            if let Some(version) = version {
                return Ok(version.to_owned());
            }
        }
        bail!("there is no jar {name} in {}", self.0.display())
    }
}

/// `5.26.12` of `neo4j-harness-5.26.12.jar`.
fn version_of<'a>(file: &'a str, name: &str) -> Option<&'a str> {
    let version = file
        .strip_prefix(name)?
        .strip_prefix('-')?
        .strip_suffix(".jar")?;
    version
        .starts_with(|first: char| first.is_ascii_digit())
        .then_some(version)
}

/// Maven names an address for every file that it fetches: their number says as much.
fn copy(pom: &str, to: &Path) -> anyhow::Result<()> {
    let missing = "missing prerequisite: mvn (Maven 3.6 or newer); get it with `apt-get install \
                   maven`, `dnf install maven` or `brew install maven`";
    let mut child = Command::new("mvn")
        .current_dir(root())
        .args(["--batch-mode", "--strict-checksums", "--file", pom, COPY])
        .arg(format!("-DoutputDirectory={}", to.display()))
        .stdout(Stdio::piped())
        .spawn()
        .context(missing)?;
    let stdout = child.stdout.take().context("no standard output")?;
    let mut fetched = 0;
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        if line.contains("] Downloaded ") {
            fetched += 1;
            if fetched % STEP == 0 {
                say(&format!("  {fetched} files"));
            }
        } else if line.contains("ERROR]") {
            say(&line);
        }
    }
    ensure!(
        child.wait()?.success(),
        "Maven could not fetch what {pom} names; it needs its central repository, or settings \
         that name a mirror"
    );
    Ok(())
}

fn check_java() -> anyhow::Result<()> {
    // The compiler, since one program is started from its source.
    let version = output(Command::new("javac").arg("-version")).unwrap_or_default();
    ensure!(
        major(&version).is_some_and(|major| major >= OLDEST),
        "missing prerequisite: a Java development kit ({OLDEST} or newer); get it with `apt-get \
         install default-jdk-headless`, `dnf install java-{OLDEST}-openjdk-devel` or `brew install \
         openjdk`"
    );
    Ok(())
}

/// `17` of `javac 17.0.15`.
fn major(version: &str) -> Option<u32> {
    let version = version.trim().strip_prefix("javac ")?;
    version.split(['.', '-', '+']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions() {
        assert_eq!(major("javac 17.0.15\n"), Some(17));
        assert_eq!(major("javac 25-ea\n"), Some(25));
        assert_eq!(major("javac 1.8.0_392\n"), Some(1));
        assert_eq!(major(""), None);
        let file = "neo4j-harness-5.26.12.jar";
        assert_eq!(version_of(file, "neo4j-harness"), Some("5.26.12"));
        assert_eq!(version_of(file, "neo4j"), None);
    }
}
