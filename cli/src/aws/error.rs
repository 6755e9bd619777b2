//! Why a call to AWS failed, in the three ways that a caller has to tell apart.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};

use super::xml::Element;

/// A call that failed, after all retries.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum AwsError {
    /// The service answered, and refused. Its own words are kept whole.
    #[error("{operation}: {code}: {message}")]
    Refused {
        /// `service:Operation`, as IAM spells the permission for it.
        operation: String,
        /// The code that AWS gave, such as `ValidationException`.
        code: String,
        /// The text of the service.
        message: String,
        /// The HTTP status of the answer.
        status: u16,
    },
    /// No answer came, or one that cannot be read: whether the service did what it was asked is unknown.
    #[error("{operation}: no answer: {reason}")]
    NoAnswer {
        /// `service:Operation`.
        operation: String,
        /// What broke.
        reason: String,
    },
    /// Nothing was sent: there are no credentials, no region, or an endpoint that is not a URL.
    #[error("{operation}: not sent: {reason}")]
    NotSent {
        /// `service:Operation`.
        operation: String,
        /// What is missing.
        reason: String,
    },
}

/// The codes of a refusal for want of a permission, which the services spell in several ways.
const ACCESS_DENIED: &[&str] =
    &["AccessDenied", "AccessDeniedException", "AllAccessDisabled", "AuthorizationError", "UnauthorizedOperation"];

impl AwsError {
    /// Sorts an error of the SDK, whose own text says little more than "dispatch failure".
    pub(super) fn sort<E>(operation: String, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        match &error {
            SdkError::ServiceError(context) => {
                let status = context.raw().status().as_u16();
                let metadata = context.err().meta();
                Self::Refused {
                    operation,
                    code: metadata.code().map_or_else(|| format!("HTTP status {status}"), str::to_owned),
                    message: metadata.message().unwrap_or("the service gives no reason").to_owned(),
                    status,
                }
            }
            SdkError::ConstructionFailure(_) => Self::NotSent { operation, reason: causes(&error) },
            // The SDK resolves credentials on the way out, so that their absence looks like a connection that failed for no
            // kind of reason; one that broke has a kind.
            SdkError::DispatchFailure(failure) if failure.is_other() && failure.as_other().is_none() => {
                Self::NotSent { operation, reason: causes(&error) }
            }
            _ => Self::NoAnswer { operation, reason: causes(&error) },
        }
    }

    /// Whether the service refused with this code.
    pub(crate) fn has_code(&self, wanted: &str) -> bool {
        matches!(self, Self::Refused { code, .. } if code == wanted)
    }

    /// The permission that the caller lacks, if that is why.
    pub(crate) fn missing_permission(&self) -> Option<&str> {
        match self {
            Self::Refused { operation, code, status, .. }
                if ACCESS_DENIED.contains(&code.as_str()) || (*status == 403 && code.starts_with("HTTP status")) =>
            {
                Some(operation)
            }
            _ => None,
        }
    }
}

/// An error with its causes, each text once, without the layers of the SDK that only say that something failed.
fn causes(error: &dyn Error) -> String {
    let layers = ["dispatch failure", "other", "service error", "io error", "timeout", "client error (Connect)"];
    let mut texts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !layers.contains(&text.as_str()) && !texts.iter().any(|known| known.contains(&text)) {
            texts.push(text);
        }
        next = error.source();
    }
    if texts.is_empty() { "for a reason that the AWS SDK does not give".to_owned() } else { texts.join(": ") }
}

/// The code and the text of a refusal, in whichever of the three forms the services have.
pub(super) fn metadata(response: &HttpResponse) -> ErrorMetadata {
    let body = response.body().bytes().unwrap_or_default();
    let (code, message) = match body.first() {
        Some(b'<') => str::from_utf8(body).map(from_xml).unwrap_or_default(),
        _ => from_json(body),
    };
    // The header is surer than the body where both are there, but Lambda's body alone has the text.
    let code = response.headers().get("x-amzn-errortype").map(str::to_owned).or(code);
    let mut metadata = ErrorMetadata::builder();
    if let Some(code) = code {
        // `namespace#Code:http://…` in the longest form.
        let code = code.rsplit_once('#').map_or(code.as_str(), |(_, code)| code);
        metadata = metadata.code(code.split(':').next().unwrap_or(code));
    }
    if let Some(message) = message {
        metadata = metadata.message(message);
    }
    metadata.build()
}

fn from_json(body: &[u8]) -> (Option<String>, Option<String>) {
    let document: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |names: [&str; 2]| {
        names.iter().find_map(|name| document.get(name)).and_then(|value| value.as_str()).map(str::to_owned)
    };
    (text(["__type", "code"]), text(["message", "Message"]))
}

fn from_xml(body: &str) -> (Option<String>, Option<String>) {
    let root = Element::parse(body).unwrap_or_default();
    let text = |name| root.first_text(name).map(str::to_owned);
    (text("Code"), text("Message"))
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn metadata_of(header: Option<&'static str>, body: &'static str) -> (Option<String>, Option<String>) {
        let mut response = HttpResponse::new(400.try_into().expect("a status"), SdkBody::from(body));
        if let Some(header) = header {
            response.headers_mut().insert("x-amzn-errortype", header);
        }
        let metadata = metadata(&response);
        (metadata.code().map(str::to_owned), metadata.message().map(str::to_owned))
    }

    #[test]
    fn every_form_of_a_refusal_is_read() {
        let check = |header, body, code: &str, message: &str| {
            assert_eq!(metadata_of(header, body), (Some(code.to_owned()), Some(message.to_owned())), "{body}");
        };
        check(None, r#"{"__type":"ResourceInUse","message":"taken"}"#, "ResourceInUse", "taken");
        check(None, r#"{"__type":"com.amazon#ValidationException","Message":"no"}"#, "ValidationException", "no");
        check(Some("ThrottlingException:http://x/"), r#"{"message":"slow"}"#, "ThrottlingException", "slow");
        let xml = "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>a &amp; b</Message>\
                   </Error></ErrorResponse>";
        check(None, xml, "NoSuchEntity", "a & b");
        assert_eq!(metadata_of(None, "gone wrong"), (None, None));
        assert_eq!(metadata_of(None, ""), (None, None));
        assert_eq!(metadata_of(None, "<html"), (None, None));
    }

    #[test]
    fn a_missing_permission_is_told_from_other_refusals() {
        let refused = |code: &str, status| AwsError::Refused {
            operation: "iam:GetRole".to_owned(),
            code: code.to_owned(),
            message: String::new(),
            status,
        };
        assert_eq!(refused("AccessDeniedException", 400).missing_permission(), Some("iam:GetRole"));
        assert_eq!(refused("HTTP status 403", 403).missing_permission(), Some("iam:GetRole"));
        assert_eq!(refused("ExpiredToken", 403).missing_permission(), None);
        assert_eq!(refused("NoSuchEntity", 404).missing_permission(), None);
    }
}
