//! The deployed PreHumanTaskLambda: cold start and wiring.

use std::process::ExitCode;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use pre_human_task::{Config, handle_event};
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
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| handle_event(&event.payload, &config))).await?;
    Ok(ExitCode::SUCCESS)
}
