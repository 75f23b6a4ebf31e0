//! Who asks, and where: without that every other look fails, and says less.

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials as _;

use super::{Finding, State};

const NAME: &str = "credentials";

/// Whether region and credentials are found; a service has not been asked whether they hold.
pub async fn caller(config: &SdkConfig) -> Finding {
    let Some(region) = config.region() else {
        return Finding::new(NAME, State::Failed, "no region is set")
            .next("set AWS_REGION, or `region` in the profile that AWS_PROFILE names");
    };
    let found = match config.credentials_provider() {
        Some(provider) => provider.provide_credentials().await.ok(),
        None => None,
    };
    match found {
        Some(_credentials) => {
            Finding::new(NAME, State::Ok, format!("found, for the region {region}"))
        }
        None => Finding::new(
            NAME,
            State::Failed,
            "none were found, or they could not be got",
        )
        .next("sign in with your own tool, set AWS_PROFILE, or give the machine a role")
        .next("aws sts get-caller-identity"),
    }
}
