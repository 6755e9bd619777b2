//! The deployed PreHumanTaskLambda: cold start and wiring.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use pre_human_task::{Config, handle_event};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let config = Config::from_vars(|name| std::env::var(name).ok())
        .inspect_err(|error| tracing::error!(%error, "the function cannot start"))?;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| handle_event(&event.payload, &config))).await
}
