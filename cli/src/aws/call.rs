//! One call to a service, in whichever protocol it speaks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Layer};
use aws_smithy_types::error::metadata::ErrorMetadata;
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use aws_types::service_config::ServiceConfigKey;
use serde_json::Value;

use super::Aws;
use super::endpoint::{self, Endpoint, Service};
use super::error::{AwsError, metadata};
use super::xml::Element;

/// A request, apart from where it goes and how it is signed.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

/// What a service answered to a request that it took.
#[derive(Debug)]
pub(super) struct Response {
    /// `X-Amz-Function-Error`, which Lambda sets when a function failed.
    pub(super) function_error: Option<String>,
    pub(super) body: Vec<u8>,
}

/// How a call ended that changes something, where it matters what became of earlier attempts.
#[derive(Debug)]
pub(crate) struct Outcome<T> {
    /// What the last attempt gave.
    pub(crate) result: Result<T, AwsError>,
    /// Whether any attempt was lost on the way, so that the service may have done its work without our hearing of it.
    pub(crate) attempt_lost: bool,
}

impl Aws {
    /// A call of a service that speaks JSON, version 1.1.
    pub(super) async fn json(&self, service: &Service, operation: &str, input: &Value) -> Result<Value, AwsError> {
        self.json_with_attempts(service, operation, input).await.result
    }

    /// As [`json`](Self::json), and whether an attempt was lost.
    pub(super) async fn json_with_attempts(&self, service: &Service, operation: &str, input: &Value) -> Outcome<Value> {
        let request = Request {
            method: "POST",
            path: "/".to_owned(),
            headers: vec![
                ("content-type", "application/x-amz-json-1.1".to_owned()),
                ("x-amz-target", format!("{}.{operation}", service.target_prefix)),
            ],
            body: input.to_string().into_bytes(),
        };
        let Outcome { result, attempt_lost } = self.send(service, operation, request).await;
        let result = result.and_then(|response| {
            // Operations without an output answer with nothing at all.
            if response.body.is_empty() {
                return Ok(Value::Null);
            }
            serde_json::from_slice(&response.body).map_err(|_| no_document(service, operation, "JSON"))
        });
        Outcome { result, attempt_lost }
    }

    /// A call of a service that takes a form and answers in XML.
    pub(super) async fn query(
        &self,
        service: &Service,
        operation: &str,
        parameters: &[(String, String)],
    ) -> Result<Element, AwsError> {
        let fixed = [("Action", operation), ("Version", service.api_version)];
        let given = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let encoded = |text: &str| percent_encoding::utf8_percent_encode(text, UNRESERVED).to_string();
        let form: Vec<String> = fixed
            .into_iter()
            .chain(given)
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        let request = Request {
            method: "POST",
            path: "/".to_owned(),
            headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
            body: form.join("&").into_bytes(),
        };
        let response = self.send(service, operation, request).await.result?;
        let root = str::from_utf8(&response.body).ok().and_then(Element::parse);
        root.ok_or_else(|| no_document(service, operation, "XML"))
    }

    /// Signs and sends a request, with the retries that the user's settings allow.
    pub(super) async fn send(&self, service: &Service, operation: &str, request: Request) -> Outcome<Response> {
        let region = self.region();
        let (fips, dual_stack) =
            (self.sdk.use_fips().unwrap_or_default(), self.sdk.use_dual_stack().unwrap_or_default());
        let mut endpoint = endpoint::resolve(service, region, fips, dual_stack);
        if let Some(own) = self.own_endpoint(service) {
            endpoint.url = own;
        }
        // The SDK would say so too, with the whole request in its text.
        if !endpoint.url.starts_with("http://") && !endpoint.url.starts_with("https://") {
            let reason = format!("the endpoint `{}` does not begin with http:// or https://", endpoint.url);
            let result = Err(AwsError::NotSent { operation: full_name(service, operation), reason });
            return Outcome { result, attempt_lost: false };
        }
        let attempts = Attempts::default();
        let invoked = self.operation(service, operation, endpoint, attempts.clone()).invoke(request).await;
        let result = invoked.map_err(|error| AwsError::sort(full_name(service, operation), error));
        Outcome { result, attempt_lost: attempts.lost.load(Ordering::Relaxed) }
    }

    fn operation(
        &self,
        service: &Service,
        operation: &str,
        endpoint: Endpoint<'_>,
        attempts: Attempts,
    ) -> Operation<Request, Response, ErrorMetadata> {
        let sdk = &self.sdk;
        let mut config = Layer::new("gtruth");
        config.store_put(AuthSchemeOptionResolverParams::new(()));
        config.store_put(SigningName::from_static(service.signing_name));
        config.store_put(SigningRegion::from(aws_config::Region::new(endpoint.signing_region.into_owned())));
        config.store_put(SigV4OperationSigningConfig::default());
        config.store_put(ApiMetadata::new(service.signing_name, env!("CARGO_PKG_VERSION")));
        if let Some(name) = sdk.app_name() {
            config.store_put(name.clone());
        }
        let mut components = RuntimeComponentsBuilder::new("gtruth");
        components.set_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
            StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]),
        )));
        components.push_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()));
        if let Some(credentials) = sdk.credentials_provider() {
            components.set_identity_resolver(SCHEME_ID, credentials);
        }
        components.set_identity_cache(sdk.identity_cache());
        components.set_http_client(sdk.http_client());
        components.set_sleep_impl(sdk.sleep_impl());
        components.set_time_source(sdk.time_source());

        let mut builder = Operation::builder()
            .service_name(service.id)
            .operation_name(operation.to_owned())
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(&endpoint.url)
            .standard_retry(&sdk.retry_config().cloned().unwrap_or_else(RetryConfig::standard))
            .retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new())
            .retry_classifier(AwsErrorCodeClassifier::<ErrorMetadata>::new())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .with_connection_poisoning()
            .interceptor(InvocationIdInterceptor::new())
            .interceptor(RequestInfoInterceptor::new())
            .interceptor(UserAgentInterceptor::new())
            .interceptor(attempts)
            .runtime_plugin(
                StaticRuntimePlugin::new().with_config(config.freeze()).with_runtime_components(components),
            );
        if let Some(patience) = sdk.timeout_config() {
            builder = builder.timeout_config(patience.clone());
        }
        builder.serializer(serialize).deserializer(deserialize).build()
    }

    /// The endpoint that the user set: for every service on the command line, else for this one, else for every one.
    fn own_endpoint(&self, service: &Service) -> Option<String> {
        let general = || self.sdk.endpoint_url().map(str::to_owned);
        if self.sdk.get_origin("endpoint_url").is_client_config() {
            return general();
        }
        let key = ServiceConfigKey::builder()
            .service_id(service.id)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok()?;
        self.sdk.service_config().and_then(|settings| settings.load_config(key)).or_else(general)
    }
}

/// What a form and a path may hold unescaped.
pub(super) const UNRESERVED: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `sagemaker:CreateLabelingJob`, as IAM names the permission, with its exceptions where the two part.
fn full_name(service: &Service, operation: &str) -> String {
    match (service.signing_name, operation) {
        ("lambda", "Invoke") => "lambda:InvokeFunction".to_owned(),
        (name, operation) => format!("{name}:{operation}"),
    }
}

fn no_document(service: &Service, operation: &str, kind: &str) -> AwsError {
    AwsError::NoAnswer { operation: full_name(service, operation), reason: format!("the answer is not {kind}") }
}

fn serialize(request: Request) -> Result<HttpRequest, BoxError> {
    let mut http = HttpRequest::new(SdkBody::from(request.body));
    http.set_method(request.method)?;
    http.set_uri(request.path)?;
    for (name, value) in request.headers {
        http.headers_mut().try_insert(name, value)?;
    }
    Ok(http)
}

fn deserialize(response: &HttpResponse) -> Result<Response, OrchestratorError<ErrorMetadata>> {
    if !response.status().is_success() {
        return Err(OrchestratorError::operation(metadata(response)));
    }
    Ok(Response {
        function_error: response.headers().get("x-amz-function-error").map(str::to_owned),
        body: response.body().bytes().unwrap_or_default().to_vec(),
    })
}

/// Notes whether an attempt was lost: sent, or perhaps sent, without an answer that tells what came of it.
#[derive(Debug, Clone, Default)]
struct Attempts {
    lost: Arc<AtomicBool>,
}

#[dyn_dispatch_hint]
impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "Attempts"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(Err(error)) = context.output_or_error() else { return Ok(()) };
        let broken = error.is_timeout_error() || error.is_connector_error() || error.is_response_error();
        let server_error = context.response().is_some_and(|response| response.status().is_server_error());
        if broken || server_error {
            self.lost.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}
