//! AWS, as far as a labeling job needs it: the only module that names AWS's clients.
//!
//! SageMaker's own SDK crate takes longer to build than all the rest of this workspace, for a few of its hundreds of
//! calls. So a call is put together from the parts that every SDK crate is made of ([`call`]): its orchestrator with
//! retries and time-outs, its signing, and the credentials, profiles, regions and endpoints of `aws-config`. Only S3 has
//! its client.
//!
//! - [`Aws`]: the connection. One file per service: what is asked of it.
//! - [`AwsError`]: a call that was refused, had no answer, or was never sent.
//! - `endpoint`: where the services are. `xml`: the answers of those that speak it.

mod call;
mod cloudformation;
mod cognito;
mod endpoint;
mod error;
mod iam;
mod kms;
mod lambda;
mod s3;
mod sagemaker;
mod sts;
mod xml;

use std::time::Duration;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};

pub(crate) use call::Outcome;
pub(crate) use error::AwsError;
pub(crate) use lambda::Invocation;
pub(crate) use s3::{KeyRange, ListedObject, S3Folder};
pub(crate) use sagemaker::RenderedUi;

/// How AWS is reached. What is not set is found as every AWS tool finds it.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// A profile of `~/.aws/config`.
    pub(crate) profile: Option<String>,
    /// The region to ask.
    pub(crate) region: Option<String>,
    /// An address to ask instead of AWS's own, for every service.
    pub(crate) endpoint_url: Option<String>,
    /// How long to wait for a connection.
    pub(crate) connect_timeout: Duration,
    /// How long to wait for the first byte of an answer.
    pub(crate) read_timeout: Duration,
}

/// A connection to AWS, with the credentials and the settings of one user.
#[derive(Debug, Clone)]
pub(crate) struct Aws {
    sdk: SdkConfig,
    s3: aws_sdk_s3::Client,
}

impl Aws {
    /// Settings as every AWS tool finds them. Where they name no region, it is `job_region` that counts: a job can be made in
    /// the region of its work team and functions alone.
    pub(crate) async fn connect(settings: &Settings, job_region: Option<&str>) -> anyhow::Result<Self> {
        let patience = TimeoutConfig::builder()
            .connect_timeout(settings.connect_timeout)
            .read_timeout(settings.read_timeout)
            .build();
        let mut loader =
            aws_config::defaults(BehaviorVersion::latest()).timeout_config(patience).app_name(AppName::new("gtruth")?);
        let region = settings.region.as_deref().or(job_region).map(|region| Region::new(region.to_owned()));
        if let Some(region) = &region {
            loader = loader.region(region.clone());
        }
        if let Some(profile) = &settings.profile {
            // A profile that is asked for outranks keys in the environment, which the default chain would try first.
            let provider = ProviderConfig::with_default_region().await;
            let provider = if region.is_some() { provider.with_region(region) } else { provider };
            let credentials = ProfileFileCredentialsProvider::builder().configure(&provider).profile_name(profile);
            loader = loader.profile_name(profile).credentials_provider(credentials.build());
        }
        if let Some(url) = &settings.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let sdk = loader.load().await;
        anyhow::ensure!(
            sdk.region().is_some(),
            "no region is set; give --region, set AWS_REGION, or choose a profile that has one"
        );
        // Stand-ins for S3 on an address of their own know no host name per bucket.
        let own_address = settings.endpoint_url.is_some();
        let config = aws_sdk_s3::config::Builder::from(&sdk).force_path_style(own_address).build();
        Ok(Self { s3: aws_sdk_s3::Client::from_conf(config), sdk })
    }

    /// The region that is asked.
    pub(crate) fn region(&self) -> &str {
        self.sdk.region().map_or("", |region| region.as_ref())
    }
}

/// Runs what waits for AWS.
pub(crate) fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(future)
}
