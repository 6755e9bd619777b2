//! The deployed AnnotationConsolidationLambda: cold start and wiring.

use std::process::ExitCode;

use annotation_consolidation::s3_store::S3Stores;
use annotation_consolidation::{Config, Function};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let config = Config::from_vars(|name| std::env::var(name).ok());
    let function = match config.and_then(Function::new) {
        Ok(function) => function,
        Err(error) => {
            tracing::error!(%error, "the function cannot start");
            return Ok(ExitCode::FAILURE);
        }
    };
    let stores = S3Stores::from_environment().await;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        function.handle_event(&event.payload, &stores).await.map(|handled| handled.entries)
    }))
    .await?;
    Ok(ExitCode::SUCCESS)
}
