//! Tests across the workspace. One binary, so that everything links once.

mod binaries;
mod contract;
mod docs;
mod handlers;
mod jobs_on_aws;
mod loopback;
mod store;
mod template;
mod tidy;
