//! `nidoto schema`: JSON Schemas for editors.

use anyhow::Result;
use nidoto_core::folder::{Config, Front, ManifestFile, guard_file_schema};

use crate::Outcome;
use crate::cli::Schema;
use crate::kinds;

/// Runs `nidoto schema`.
pub fn run(args: &Schema) -> Result<Outcome> {
    let schema = match args.file.as_str() {
        "nidoto" => schemars::schema_for!(Config).to_value(),
        "manifest" => schemars::schema_for!(ManifestFile).to_value(),
        "incident" => schemars::schema_for!(Front).to_value(),
        _ => guard_file_schema(&kinds::all()),
    };
    println!("{}", serde_json::to_string_pretty(&schema)?);
    Ok(Outcome::Green)
}
