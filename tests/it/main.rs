//! Tests across the workspace. One binary, so that everything links once.

mod loopback;
mod template;
mod tidy;
