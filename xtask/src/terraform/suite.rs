//! Every root and module is checked, and its tests run.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Duration,
};

use anyhow::{Context as _, ensure};

use super::{
    events::Told,
    jobs,
    mirror::Mirror,
    scratch::Scratch,
    tree::{File, Tree, label},
};
use crate::process::say;

/// Terraform in a folder of the copy, with the stub for a provider.
#[derive(Debug)]
pub(super) struct Offline<'a> {
    pub(super) mirror: &'a Mirror,
    pub(super) scratch: &'a Scratch,
}

/// A test file and what it told.
#[derive(Debug)]
pub(super) struct Tested {
    /// Below infrastructure/.
    pub(super) path: PathBuf,
    pub(super) told: Told,
    pub(super) assertions: usize,
    pub(super) took: Duration,
}

impl Offline<'_> {
    /// Runs Terraform.
    pub(super) fn run(&self, folder: &Path, arguments: &[&str]) -> anyhow::Result<Output> {
        Command::new("terraform")
            .args(arguments)
            .current_dir(self.scratch.folder.join(folder))
            .envs(self.mirror.variables())
            .env_remove("TF_PLUGIN_CACHE_DIR")
            .output()
            .context("could not start terraform")
    }

    fn must(&self, folder: &Path, arguments: &[&str]) -> anyhow::Result<()> {
        let output = self.run(folder, arguments)?;
        ensure!(
            output.status.success(),
            "{}: terraform {} failed:\n{}{}",
            shown(folder),
            arguments.join(" "),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }

    /// Initialises and validates every folder; what fails, in words.
    pub(super) fn validate(&self, tree: &Tree) -> anyhow::Result<(usize, Vec<String>)> {
        let modules: Vec<_> = tree.modules().into_iter().collect();
        let number = modules.len();
        let done = jobs::all(modules, |folder| {
            // A backend would be asked for its account's identity, offline too.
            self.must(
                &folder,
                &["init", "-backend=false", "-input=false", "-no-color"],
            )?;
            self.must(&folder, &["validate", "-no-color"])
        })?;
        let failed = done.into_iter().filter_map(Result::err);
        Ok((number, failed.map(|error| format!("{error:#}")).collect()))
    }

    /// Runs every test file; those that take longest come first.
    pub(super) fn test(&self, tree: &Tree) -> anyhow::Result<Vec<Tested>> {
        let mut files: Vec<&File> = tree.files.iter().filter(|file| file.is_test()).collect();
        files.sort_by_key(|file| std::cmp::Reverse(weight(tree, file)));
        jobs::all(files, |file| self.one(file))?
            .into_iter()
            .collect()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "there is no runtime whose time a test could pause"
    )]
    fn one(&self, file: &File) -> anyhow::Result<Tested> {
        let started = std::time::Instant::now();
        let (folder, inner) = module_of(&file.path).context("a test lies in a folder tests/")?;
        let directory = format!(
            "-test-directory={}",
            inner.parent().unwrap_or(inner).display()
        );
        let filter = format!("-filter={}", inner.display());
        let output = self.run(folder, &["test", "-json", &directory, &filter])?;
        let mut told = Told::read(&String::from_utf8_lossy(&output.stdout));
        if !told.ended || (!output.status.success() && told.errors.is_empty()) {
            told.errors
                .push(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let tested = Tested {
            path: file.path.clone(),
            told,
            assertions: assertions(file),
            took: started.elapsed(),
        };
        tested.tell();
        Ok(tested)
    }
}

impl Tested {
    pub(super) fn is_good(&self) -> bool {
        self.told.failed.is_empty() && self.told.skipped.is_empty() && self.told.errors.is_empty()
    }

    fn tell(&self) {
        say(&format!(
            "{} {}: {} runs, {} assertions, {:.1} s",
            if self.is_good() { "passed" } else { "FAILED" },
            self.path.display(),
            self.told.passed,
            self.assertions,
            self.took.as_secs_f64()
        ));
        for error in &self.told.errors {
            say(&format!("  {error}"));
        }
        for run in &self.told.skipped {
            say(&format!("  not run: {run}"));
        }
    }
}

/// `modules/lambda`, `tests/roles.tftest.hcl`: the module that a test is of, and its path in there.
pub(super) fn module_of(test: &Path) -> Option<(&Path, &Path)> {
    let of_tests = test.ancestors().find(|folder| folder.ends_with("tests"))?;
    let folder = of_tests.parent()?;
    Some((folder, test.strip_prefix(folder).ok()?))
}

/// Assertions of a test file: each is checked once, by the run that it stands in.
pub(super) fn assertions(file: &File) -> usize {
    file.blocks("run")
        .flat_map(|run| run.body().blocks())
        .filter(|block| block.identifier() == "assert")
        .count()
}

/// Runs times what each plans.
fn weight(tree: &Tree, file: &File) -> usize {
    let runs = file.blocks("run").count();
    let folder = module_of(&file.path).map_or(Path::new(""), |(folder, _)| folder);
    // The roots plan every module.
    let is_root = folder == Path::new("") || folder.starts_with("environments");
    let planned = |other: &&File| is_root || other.path.parent() == Some(folder);
    let resources = tree
        .sources()
        .filter(planned)
        .flat_map(|file| file.blocks("resource"));
    runs * resources.filter(|block| label(block, 0).is_some()).count()
}

fn shown(folder: &Path) -> String {
    if folder == Path::new("") {
        return super::FOLDER.to_owned();
    }
    folder.display().to_string()
}
