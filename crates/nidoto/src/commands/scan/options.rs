//! What a scan knows besides the files.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use nidoto_config::backup::Listing;
use nidoto_config::flyway::Before;
use nidoto_config::migration::Rows;
use nidoto_config::scan::{File, Options, rule};
use nidoto_core::folder::Root;
use nidoto_core::{Words, yaml};

use super::host;
use crate::cli::Scan;

/// What the files themselves do not say: the flags, and the root's own guards.
pub fn options(args: &Scan, root: Option<&Root>, base: Option<BTreeMap<String, Before>>) -> Result<Options> {
    let read = |path: &std::path::PathBuf| {
        std::fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))
    };
    // The date of UTC: the local one would read the list of all time zones, which takes longer than the scan.
    let now = jiff::Timestamp::now();
    let mut options = Options {
        today: Some(now.strftime("%Y-%m-%d").to_string()),
        now_s: Some(now.as_second()),
        deny: args.deny.iter().cloned().chain(root.into_iter().flat_map(denied)).collect(),
        backup_max_age_s: args.max_age.map(|age| age.s),
        drill_max_age_s: args.drill_max_age.map(|age| age.s),
        base,
        is_live: args.host,
        guards: root.map(|root| root.guards.iter().map(|spec| spec.name.clone()).collect()),
        ..Options::default()
    };
    for code in &args.rule {
        let Some(found) = rule(code) else {
            bail!(Words::new(
                format!("no rule `{code}`: `nidoto explain rules` lists them"),
                format!("規則 `{code}` はありません: `nidoto explain rules` で一覧できます")
            ));
        };
        options.rules.insert(found.code.to_owned());
    }
    options.history = args.history.as_ref().map(read).transpose()?;
    for path in &args.rows {
        let rows = Rows::of(&path.to_string_lossy(), &read(path)?).map_err(anyhow::Error::msg);
        options.rows.push(rows.with_context(|| format!("failed to read {}", path.display()))?);
    }
    for path in &args.state {
        options.state.push(File::new(&path.to_string_lossy(), read(path)?));
    }
    for path in &args.drill {
        options.drills.push(File::new(&path.to_string_lossy(), read(path)?));
    }
    for path in &args.listing {
        let listing = Listing::of(&read(path)?).with_context(|| format!("failed to read {}", path.display()))?;
        options.listings.push(listing);
    }
    if args.before_delete {
        options.rules = ["BAK001", "BAK002", "BAK003"].map(str::to_owned).into();
        options.state.push(host::volumes());
        // Without a listing nothing is covered.
        if options.listings.is_empty() {
            options.listings.push(Listing::default());
        }
    }
    Ok(options)
}

/// The images that guards of the root rule out: what an incident taught counts for every file.
fn denied(root: &Root) -> Vec<String> {
    let mut images = Vec::new();
    for spec in root.guards.iter().filter(|spec| spec.kind.name == "config") {
        let Ok(text) = std::fs::read_to_string(&spec.file) else { continue };
        let document = yaml::parse(&spec.file, &text);
        let keys = document.root.get(&spec.name).and_then(|guard| guard.get("config"));
        let deny = keys.and_then(|keys| keys.get("deny")).map_or(&[][..], yaml::Node::items);
        images.extend(deny.iter().filter_map(yaml::Node::text).map(str::to_owned));
    }
    images
}
