//! How AWS is reached: what every command that talks to it takes.

use std::time::Duration;

use clap::Args;

use crate::aws;

/// Set for each argument: a heading of the whole would be that of every later argument too.
const HEADING: &str = "Connection to AWS";

/// Credentials, region, endpoints and timeouts, as in every AWS tool.
#[derive(Debug, Clone, Args)]
pub struct ConnectionArgs {
    /// The profile of ~/.aws/config to use [default: AWS_PROFILE, or `default`]
    #[arg(help_heading = HEADING, long, value_name = "NAME")]
    pub profile: Option<String>,
    /// The region to ask [default: the region in the job file's ARNs, then AWS_REGION, then the profile's]
    #[arg(help_heading = HEADING, long = "region", value_name = "REGION", id = "connection_region")]
    pub region: Option<String>,
    /// Use this endpoint instead of AWS's own, for every service; AWS_ENDPOINT_URL_SERVICE sets that of one SERVICE
    #[arg(help_heading = HEADING, long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// How long to wait for a connection, in seconds
    #[arg(help_heading = HEADING, long, value_name = "SECONDS", value_parser = seconds, default_value = "10")]
    pub connect_timeout: Duration,
    /// How long to wait for the first byte of an answer, in seconds
    #[arg(help_heading = HEADING, long, value_name = "SECONDS", value_parser = seconds, default_value = "60")]
    pub read_timeout: Duration,
}

impl ConnectionArgs {
    pub(crate) fn settings(&self) -> aws::Settings {
        aws::Settings {
            profile: self.profile.clone(),
            region: self.region.clone(),
            endpoint_url: self.endpoint_url.clone(),
            connect_timeout: self.connect_timeout,
            read_timeout: self.read_timeout,
        }
    }
}

/// Reads a time such as `60` or `0.5`.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let duration = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.filter(|duration| !duration.is_zero()).ok_or_else(|| "give a number of seconds above 0".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_may_have_a_fraction_and_are_more_than_none() {
        assert_eq!(seconds("60"), Ok(Duration::from_secs(60)));
        assert_eq!(seconds("0.25"), Ok(Duration::from_millis(250)));
        for text in ["0", "-1", "nan", "inf", "soon", ""] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
