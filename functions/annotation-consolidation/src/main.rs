//! The deployed AnnotationConsolidationLambda: cold start and wiring.

use std::process::ExitCode;

use annotation_consolidation::s3_store::S3Stores;
use annotation_consolidation::{Config, handle_event};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let config = match Config::from_vars(|name| std::env::var(name).ok()) {
        Ok(config) => config,
        Err(error) => {
            tracing::error!(%error, "the function cannot start");
            return Ok(ExitCode::FAILURE);
        }
    };
    let stores = S3Stores::from_environment().await;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        handle_event(&event.payload, &stores, &config).await
    }))
    .await?;
    Ok(ExitCode::SUCCESS)
}
