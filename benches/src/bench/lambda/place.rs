//! A deployment to measure, with a teen who may talk, and the programs out of the zips.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use innerworld_aws::Aws;
use innerworld_core::{
    identity::{
        consent::{ConsentRecord, Purpose},
        consents::Catalogue,
    },
    ids::TeenId,
};
use innerworld_testkit::{lambda::Function, records::Records};

use super::{Lambda, provider::Provider};
use crate::deployment::{COMPANY, Deployment};

/// Who talks.
pub(super) const TEEN: TeenId = TeenId::from_subject_bits(7);

/// The deployment.
pub(super) struct Place {
    /// Who answers.
    pub(super) provider: Provider,
    deployment: Deployment,
    programs: PathBuf,
}

impl Place {
    /// Makes it.
    pub(super) async fn new(options: &Lambda) -> anyhow::Result<Self> {
        let provider = Provider::start().await?;
        let deployment = Deployment::new("bench", &options.peers, provider.address).await?;
        complete(&deployment.aws).await?;
        Ok(Self {
            provider,
            deployment,
            programs: options.programs.clone(),
        })
    }

    /// Names of all functions that are packaged.
    pub(super) fn functions(&self) -> anyhow::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.programs).context("there are no programs")? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "zip") {
                let name = path.file_stem().map(|name| name.to_string_lossy());
                names.extend(name.map(std::borrow::Cow::into_owned));
            }
        }
        names.sort();
        Ok(names)
    }

    /// Where its tables are.
    pub(super) fn tables_at(&self) -> &str {
        &self.deployment.peers.tables_at
    }

    /// A function, told where everything is.
    pub(super) fn function(&self, name: &str) -> Function {
        let program = self.programs.join(name).join("bootstrap");
        self.deployment.function(name, program)
    }

    /// A token of the teen.
    pub(super) fn token(&self) -> String {
        self.deployment.token(TEEN)
    }

    /// Bytes of a function's zip, for the processor that is measured and for each other one that is
    /// packaged beside it.
    pub(super) fn zips(&self, name: &str) -> anyhow::Result<Vec<(String, u64)>> {
        let own = &self.programs;
        let mut zips = vec![size(own, name).context("the function is not packaged")?];
        let beside = own.parent().map(fs::read_dir);
        for entry in beside.context("the programs lie nowhere")?? {
            let folder = entry?.path();
            if folder.file_name() != own.file_name() {
                zips.extend(size(&folder, name));
            }
        }
        Ok(zips)
    }
}

fn size(folder: &Path, name: &str) -> Option<(String, u64)> {
    let bytes = fs::metadata(folder.join(format!("{name}.zip"))).ok()?.len();
    let processor = folder.file_name()?.to_string_lossy().into_owned();
    Some((processor, bytes))
}

/// Gives the teen a profile, and the consents without which nobody talks and no provider answers.
async fn complete(aws: &Aws) -> anyhow::Result<()> {
    let records = Records::named("bench lambda");
    aws.profiles().put(TEEN, &records.profile()).await?;
    let company = COMPANY.to_owned();
    let catalogue = Catalogue::shipped(vec![(Purpose::ChatModel, company.clone())])?;
    let agreed = |purpose, recipient| ConsentRecord {
        text_version: catalogue.version(purpose).to_owned(),
        recipient,
        ..records.consent(purpose, 0)
    };
    let consents = [
        agreed(Purpose::Terms, String::new()),
        agreed(Purpose::ChatModel, company),
    ];
    aws.consents().append(TEEN, &consents).await?;
    Ok(())
}
