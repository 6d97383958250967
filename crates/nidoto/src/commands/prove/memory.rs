//! What earlier runs proved, so that `list` need not replay anything.

use std::collections::BTreeMap;

use anyhow::Result;
use nidoto_core::evidence::sha256_bytes;
use nidoto_core::folder::{Incident, Root, replace};
use nidoto_core::prove::Status;
use serde::{Deserialize, Serialize};

use super::run::Proved;

/// All remembered proofs.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    /// By guard: the outcome, and what it was proved on.
    pub proofs: BTreeMap<String, Remembered>,
}

/// One remembered proof.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Remembered {
    /// The status by its word.
    pub status: String,
    /// Lead before `detected`, in seconds.
    pub lead_s: Option<i64>,
    /// Hash of what it was proved on, by [`key`].
    pub key: String,
}

impl Remembered {
    /// Whether the guard warned in time, or at least turned red, and was green after the fix.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        [Status::Proven, Status::Late].iter().any(|status| status.name() == self.status)
    }
}

/// What a proof depends on besides the program: the guard's file, the evidence's hashes, the times.
#[must_use]
pub fn key(root: &Root, incident: &Incident) -> String {
    let read = |name: &str| std::fs::read(incident.dir.join(name)).unwrap_or_default();
    let mut bytes = read("guards.yaml");
    bytes.extend(read("evidence/manifest.yaml"));
    bytes.extend(std::fs::read(root.dir.join("nidoto.yaml")).unwrap_or_default());
    bytes.extend(format!("{:?}", incident.times).into_bytes());
    // Another version may judge otherwise.
    bytes.extend(env!("CARGO_PKG_VERSION").bytes());
    sha256_bytes(&bytes)
}

/// Reads what earlier runs proved; a lost or unreadable cache is an empty one.
#[must_use]
pub fn recall(root: &Root) -> Memory {
    let bytes = std::fs::read(root.dir.join(".nidoto/proofs.json")).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// Keeps what was proved for `list`. A root that cannot be written to is no error: the cache is
/// only a convenience.
pub fn remember(root: &Root, proved: &Proved) -> Result<()> {
    let mut memory = recall(root);
    for (i, proof) in &proved.proofs {
        let spec = &root.guards[*i];
        let Some(incident) = root.incidents.iter().find(|incident| Some(&incident.id) == spec.incident.as_ref()) else {
            continue;
        };
        let lead_s = proof.lead.and_then(|lead| lead.detected_s);
        memory.proofs.insert(
            spec.name.clone(),
            Remembered { status: proof.status.name().into(), lead_s, key: key(root, incident) },
        );
    }
    let folder = root.dir.join(".nidoto");
    if std::fs::create_dir_all(&folder).is_ok() {
        let _ = replace(&folder.join("proofs.json"), serde_json::to_string_pretty(&memory)?.as_bytes());
    }
    Ok(())
}
