//! The store over Amazon S3: the only file that names the S3 client.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ServerSideEncryption;
use ground_truth::s3_uri::S3Uri;
use ground_truth::store::{Listed, ObjectStore, StoreAction, StoreError, StoreErrorCause, StoreFuture};

/// Shows up in CloudTrail as the session that read the payload.
const ROLE_SESSION_NAME: &str = "annotation-consolidation";

/// How often an object is asked for when its body breaks off midway, which the client does not retry itself.
const BODY_ATTEMPTS: u32 = 3;

/// The most objects that S3 lists at a time.
const MAX_LISTED_PER_PAGE: usize = 1000;

/// How many jobs' roles a warm function remembers.
const MAX_ROLES: usize = 32;

/// S3, with one client's credentials.
#[derive(Debug, Clone)]
pub struct S3Store {
    client: Client,
}

impl S3Store {
    /// The store that this client reaches.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    async fn read(&self, uri: &S3Uri, limit: u64) -> Result<Vec<u8>, StoreError> {
        let failed = |cause| StoreError { action: StoreAction::Get, uri: uri.clone(), cause };
        let mut n_left = BODY_ATTEMPTS;
        loop {
            n_left -= 1;
            let request = self.client.get_object().bucket(uri.bucket()).key(uri.key());
            let object = request.send().await.map_err(|error| failed(cause(error, "s3:GetObject")))?;
            if object.content_length().is_some_and(|length| length.unsigned_abs() > limit) {
                return Err(failed(StoreErrorCause::TooLarge { limit }));
            }
            match object.body.collect().await {
                Ok(bytes) => return Ok(Vec::from(bytes.into_bytes())),
                Err(_) if n_left > 0 => {}
                Err(error) => return Err(failed(StoreErrorCause::Other(error.into()))),
            }
        }
    }

    async fn write(&self, uri: &S3Uri, bytes: Vec<u8>, kms_key_id: Option<&str>) -> Result<(), StoreError> {
        let failed = |cause| StoreError { action: StoreAction::Put, uri: uri.clone(), cause };
        let mut request = self.client.put_object().bucket(uri.bucket()).key(uri.key()).body(ByteStream::from(bytes));
        if let Some(key) = kms_key_id {
            request = request.server_side_encryption(ServerSideEncryption::AwsKms).ssekms_key_id(key);
        }
        request.send().await.map_err(|error| failed(cause(error, "s3:PutObject")))?;
        Ok(())
    }

    async fn find(&self, prefix: &S3Uri, limit: usize) -> Result<Vec<Listed>, StoreError> {
        let failed = |cause| StoreError { action: StoreAction::List, uri: prefix.clone(), cause };
        let (mut listed, mut next) = (Vec::new(), None);
        while listed.len() < limit {
            let at_most = (limit - listed.len()).min(MAX_LISTED_PER_PAGE) as i32;
            let request = self.client.list_objects_v2().bucket(prefix.bucket()).prefix(prefix.key());
            let request = request.max_keys(at_most).set_continuation_token(next);
            let page = request.send().await.map_err(|error| failed(cause(error, "s3:ListBucket")))?;
            for object in page.contents.unwrap_or_default() {
                let uri = S3Uri::new(prefix.bucket(), object.key.unwrap_or_default())
                    .map_err(|error| failed(StoreErrorCause::Other(Box::new(error))))?;
                listed.push(Listed { uri, n_bytes: object.size.unwrap_or_default().unsigned_abs() });
            }
            next = page.next_continuation_token;
            if next.is_none() {
                break;
            }
        }
        Ok(listed)
    }
}

impl ObjectStore for S3Store {
    fn get<'a>(&'a self, uri: &'a S3Uri, limit: u64) -> StoreFuture<'a, Vec<u8>> {
        Box::pin(self.read(uri, limit))
    }

    fn put<'a>(&'a self, uri: &'a S3Uri, bytes: Vec<u8>, kms_key_id: Option<&'a str>) -> StoreFuture<'a, ()> {
        Box::pin(self.write(uri, bytes, kms_key_id))
    }

    fn list<'a>(&'a self, prefix: &'a S3Uri, limit: usize) -> StoreFuture<'a, Vec<Listed>> {
        Box::pin(self.find(prefix, limit))
    }
}

/// Sorts the client's errors into the store's, after its own retries.
fn cause<E>(error: SdkError<E>, needs: &'static str) -> StoreErrorCause
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    match (error.code(), status) {
        (Some("NoSuchKey"), _) | (None, Some(404)) => StoreErrorCause::NotFound,
        (Some("AccessDenied" | "AllAccessDisabled"), _) | (None, Some(403)) => StoreErrorCause::AccessDenied { needs },
        _ => StoreErrorCause::Other(Box::new(error)),
    }
}

/// The function's own store, and those of the job roles it has assumed.
#[derive(Debug)]
pub struct S3Stores {
    sdk: SdkConfig,
    own: S3Store,
    assumed: Mutex<Vec<(String, S3Store)>>,
}

impl S3Stores {
    /// Credentials, region and endpoints as every AWS tool finds them; a little more patient with a throttling S3 than the
    /// default.
    pub async fn from_environment() -> Self {
        let patience = TimeoutConfig::builder().connect_timeout(Duration::from_secs(3)).build();
        let sdk = aws_config::defaults(BehaviorVersion::latest())
            .retry_config(RetryConfig::standard().with_max_attempts(5))
            .timeout_config(patience)
            .load()
            .await;
        Self { own: S3Store::new(Client::new(&sdk)), sdk, assumed: Mutex::default() }
    }

    /// The store with the function's own role.
    pub fn own(&self) -> &S3Store {
        &self.own
    }

    /// The store with another role's permissions. The client keeps the role's credentials until shortly before they
    /// expire; a warm function keeps the client.
    pub async fn assuming(&self, role_arn: &str) -> S3Store {
        let known =
            |stores: &[(String, S3Store)]| stores.iter().find(|(arn, _)| arn == role_arn).map(|(_, s)| s.clone());
        if let Some(store) = known(&self.assumed.lock().unwrap_or_else(PoisonError::into_inner)) {
            return store;
        }
        let role = AssumeRoleProvider::builder(role_arn).session_name(ROLE_SESSION_NAME).configure(&self.sdk);
        let config = aws_sdk_s3::config::Builder::from(&self.sdk).credentials_provider(role.build().await).build();
        let store = S3Store::new(Client::from_conf(config));
        let mut stores = self.assumed.lock().unwrap_or_else(PoisonError::into_inner);
        if stores.len() == MAX_ROLES {
            stores.remove(0);
        }
        stores.push((role_arn.to_owned(), store.clone()));
        store
    }
}
