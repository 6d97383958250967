//! The folder on disk: what is read from it and how it is written to. `docs/format.md` describes it.

mod changes;
mod config;
mod edit;
mod front;
mod guards;
mod incident;
mod links;
mod manifest;
mod markdown;
mod root;
mod write;

pub use changes::{Change, read_changes};
pub use config::{CommandSource, Config, LangName, LogSource, Night, PrometheusSource, Source, Team};
pub use edit::{append_item, append_to_section, set_front};
pub use front::{Front, Severity, Status};
pub use guards::{BrokenGuard, GuardFile, Reader, Settings, Urgency, guard_file_schema, read_guards};
pub use incident::{Incident, Times};
pub use links::{Link, LinkKind, links};
pub use manifest::{Item, ItemType, Manifest, ManifestFile, Origin, Phase};
pub use markdown::{Action, Entry, Section, SectionKind, entry_line};
pub use root::Root;
pub use write::{Draft, create_dir, replace};
