//! Tests across the workspace. One binary, so that everything links once.

mod binaries;
mod contract;
mod dependencies;
mod docs;
mod finished_job_in_s3;
mod handlers;
mod jobs_on_aws;
mod loopback;
mod manifest_from_s3;
mod pages_without_aws;
mod store;
mod template;
mod tidy;
