//! Where a service answers, and what a request to it is signed for.
//!
//! Source: the endpoint rules of botocore, for the services used here.

use std::borrow::Cow;

/// A service of AWS, as far as requests to it have to name it.
#[derive(Debug)]
pub(super) struct Service {
    /// Its id, which also names its own `AWS_ENDPOINT_URL_…`.
    pub(super) id: &'static str,
    /// What its host names begin with, apart from FIPS and region.
    host: &'static str,
    /// What its requests are signed for.
    pub(super) signing_name: &'static str,
    /// The version of its API.
    pub(super) api_version: &'static str,
    /// Before the operation in `X-Amz-Target`; empty where the protocol has no such header.
    pub(super) target_prefix: &'static str,
}

pub(super) static SAGEMAKER: Service = Service {
    id: "SageMaker",
    host: "api.sagemaker",
    signing_name: "sagemaker",
    api_version: "2017-07-24",
    target_prefix: "SageMaker",
};

pub(super) static LAMBDA: Service =
    Service { id: "Lambda", host: "lambda", signing_name: "lambda", api_version: "2015-03-31", target_prefix: "" };

/// A global service: one endpoint per partition, see [`resolve`].
pub(super) static IAM: Service =
    Service { id: "IAM", host: "iam", signing_name: "iam", api_version: "2010-05-08", target_prefix: "" };

pub(super) static STS: Service =
    Service { id: "STS", host: "sts", signing_name: "sts", api_version: "2011-06-15", target_prefix: "" };

pub(super) static CLOUDFORMATION: Service = Service {
    id: "CloudFormation",
    host: "cloudformation",
    signing_name: "cloudformation",
    api_version: "2010-05-15",
    target_prefix: "",
};

pub(super) static KMS: Service =
    Service { id: "KMS", host: "kms", signing_name: "kms", api_version: "2014-11-01", target_prefix: "TrentService" };

pub(super) static COGNITO: Service = Service {
    id: "Cognito Identity Provider",
    host: "cognito-idp",
    signing_name: "cognito-idp",
    api_version: "2016-04-18",
    target_prefix: "AWSCognitoIdentityProviderService",
};

/// An endpoint of AWS's own, and the region that requests to it are signed for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Endpoint<'a> {
    pub(super) url: String,
    pub(super) signing_region: Cow<'a, str>,
}

/// Where AWS itself serves `service` to clients of `region`.
pub(super) fn resolve<'a>(service: &Service, region: &'a str, fips: bool, dual_stack: bool) -> Endpoint<'a> {
    if service.id == IAM.id && !fips && !dual_stack {
        return global_iam(region);
    }
    let host = match (fips, service.host.split_once('.')) {
        (false, _) => Cow::Borrowed(service.host),
        (true, Some((first, rest))) => Cow::Owned(format!("{first}-fips.{rest}")),
        (true, None) => Cow::Owned(format!("{}-fips", service.host)),
    };
    let suffix = match (dual_stack, region.starts_with("cn-")) {
        (false, false) => "amazonaws.com",
        (false, true) => "amazonaws.com.cn",
        (true, false) => "api.aws",
        (true, true) => "api.amazonwebservices.com.cn",
    };
    Endpoint { url: format!("https://{host}.{region}.{suffix}"), signing_region: Cow::Borrowed(region) }
}

fn global_iam(region: &str) -> Endpoint<'static> {
    let (url, signing_region) = if region.starts_with("cn-") {
        ("https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1")
    } else if region.starts_with("us-gov-") {
        ("https://iam.us-gov.amazonaws.com", "us-gov-west-1")
    } else {
        ("https://iam.amazonaws.com", "us-east-1")
    };
    Endpoint { url: url.to_owned(), signing_region: Cow::Borrowed(signing_region) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_those_of_botocore() {
        let check = |service: &Service, region: &str, fips: bool, dual_stack: bool, host: &str| {
            assert_eq!(resolve(service, region, fips, dual_stack).url, format!("https://{host}"));
        };
        check(&SAGEMAKER, "eu-west-1", false, false, "api.sagemaker.eu-west-1.amazonaws.com");
        check(&SAGEMAKER, "eu-west-1", true, false, "api-fips.sagemaker.eu-west-1.amazonaws.com");
        check(&SAGEMAKER, "eu-west-1", false, true, "api.sagemaker.eu-west-1.api.aws");
        check(&SAGEMAKER, "cn-north-1", false, false, "api.sagemaker.cn-north-1.amazonaws.com.cn");
        check(&LAMBDA, "us-east-2", true, false, "lambda-fips.us-east-2.amazonaws.com");
        check(&KMS, "cn-north-1", false, true, "kms.cn-north-1.api.amazonwebservices.com.cn");
        check(&COGNITO, "ap-south-1", false, false, "cognito-idp.ap-south-1.amazonaws.com");
    }

    #[test]
    fn iam_has_one_endpoint_per_partition() {
        let check = |region: &str, host: &str, signing_region: &str| {
            let endpoint = resolve(&IAM, region, false, false);
            assert_eq!((endpoint.url, &*endpoint.signing_region), (format!("https://{host}"), signing_region));
        };
        check("eu-west-1", "iam.amazonaws.com", "us-east-1");
        check("us-gov-west-1", "iam.us-gov.amazonaws.com", "us-gov-west-1");
        check("cn-northwest-1", "iam.cn-north-1.amazonaws.com.cn", "cn-north-1");
    }
}
