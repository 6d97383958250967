//! What a backup holds: the listings of restic, borg, rclone and tar, a plain list of paths, or the
//! summary that a script makes. Never `restic check`: it says "no errors" with a folder left out.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use nidoto_core::Words;
use serde_json::Value as Json;

/// What a backup holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Files.
    pub entries: Vec<Entry>,
}

/// A file in a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its absolute path.
    pub path: String,
    /// When it was last changed, in seconds since the epoch, where the listing says so.
    pub modified_s: Option<i64>,
}

impl Listing {
    /// Reads a listing, whatever wrote it: `restic ls --json`, `borg list --json-lines`,
    /// `rclone lsjson -R`, `tar -tvf`, `find`, `find -printf '%T+ %p\n'`, or
    /// `{"paths": {"/srv/a": {"files": 3, "newest": "..."}}}`.
    ///
    /// # Errors
    /// When it holds no file at all.
    pub fn of(text: &str) -> Result<Self, Words> {
        let entries = match serde_json::from_str::<Json>(text) {
            Ok(Json::Array(items)) => items.iter().filter_map(json_entry).collect(),
            Ok(Json::Object(map)) if map.contains_key("paths") => summary(&map["paths"]),
            Ok(Json::Object(map)) => json_entry(&Json::Object(map)).into_iter().collect(),
            _ => text.lines().filter_map(line_entry).collect::<Vec<_>>(),
        };
        if entries.is_empty() {
            return Err(Words::new("no file stands in the listing", "一覧にファイルが一つもありません"));
        }
        Ok(Self { entries })
    }

    /// The files at or below a path.
    pub fn below<'l>(&'l self, path: &'l str) -> impl Iterator<Item = &'l Entry> {
        let path = path.trim_end_matches('/');
        self.entries.iter().filter(move |entry| {
            entry.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// The files of a named volume, under whatever folder it is kept and with a project in front or without.
    pub fn in_volume<'l>(&'l self, name: &'l str) -> impl Iterator<Item = &'l Entry> {
        let is_it = move |part: &str| {
            part == name || part.strip_suffix(name).is_some_and(|head| head.len() > 1 && head.ends_with('_'))
        };
        self.entries.iter().filter(move |entry| {
            let mut parts = entry.path.split('/').rev();
            // The file itself is no folder, unless the listing counts folders only.
            parts.any(is_it)
        })
    }
}

/// `paths`, each with how many files it has; those without files are not there.
fn summary(paths: &Json) -> Vec<Entry> {
    let paths = paths.as_object().into_iter().flatten();
    let held = paths.filter(|(_, about)| about.get("files").and_then(Json::as_u64) != Some(0));
    held.map(|(path, about)| entry(path, about.get("newest").and_then(Json::as_str))).collect()
}

fn json_entry(item: &Json) -> Option<Entry> {
    let text = |keys: &[&str]| keys.iter().find_map(|key| item.get(*key)?.as_str());
    let kind = text(&["type"]).unwrap_or("file");
    let is_folder = item.get("IsDir").and_then(Json::as_bool) == Some(true);
    if is_folder || !["file", "-"].contains(&kind) {
        return None;
    }
    Some(entry(text(&["path", "Path"])?, text(&["mtime", "ModTime", "modified"])))
}

fn line_entry(line: &str) -> Option<Entry> {
    let line = line.trim_end();
    if line.starts_with('{') {
        return json_entry(&serde_json::from_str(line).ok()?);
    }
    let is_mode =
        line.len() > 10 && line.is_char_boundary(10) && line[..10].bytes().all(|b| b"-dlrwxsStTbcph".contains(&b));
    if is_mode {
        return tar_entry(line);
    }
    match line.split_once(' ') {
        Some((time, path)) if seconds(time).is_some() => Some(entry(path, Some(time))),
        _ => (!line.is_empty() && !line.ends_with('/')).then(|| entry(line, None)),
    }
}

/// `-rw-r--r-- root/root 12 2021-07-03 12:58 srv/a`
fn tar_entry(line: &str) -> Option<Entry> {
    let mut rest = line;
    let mut fields = Vec::new();
    for _ in 0..5 {
        let (field, tail) = rest.split_once(' ')?;
        fields.push(field);
        rest = tail.trim_start();
    }
    let time = format!("{}T{}", fields[3], fields[4]);
    line.starts_with('-').then(|| entry(rest.split(" -> ").next().unwrap_or(rest), Some(&time)))
}

fn entry(path: &str, modified: Option<&str>) -> Entry {
    let path = path.trim_start_matches("./").trim_end_matches('/');
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    Entry { path, modified_s: modified.and_then(seconds) }
}

/// A time with an offset, or one without, which is taken for UTC.
fn seconds(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(at.as_second());
    }
    let local: DateTime = text.replace('+', "T").parse().ok()?;
    Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::Listing;

    #[test]
    fn every_tools_listing() {
        let restic = "{\"struct_type\":\"snapshot\",\"paths\":[\"/srv\"],\"type\":\"snapshot\"}\n{\"type\":\"dir\",\"path\":\"/srv/a\"}\n{\"type\":\"file\",\"path\":\"/srv/a/b\",\"mtime\":\"2021-07-03T12:58:28.1+00:00\"}\n";
        let borg = "{\"type\":\"d\",\"path\":\"srv/a\"}\n{\"type\":\"-\",\"path\":\"srv/a/b\",\"mtime\":\"2021-07-03T12:58:28.000000\"}\n";
        let rclone = "[{\"Path\":\"srv/a\",\"IsDir\":true},{\"Path\":\"srv/a/b\",\"IsDir\":false,\"ModTime\":\"2021-07-03T12:58:28Z\"}]";
        let tar =
            "drwxr-xr-x root/root 0 2021-07-03 12:58:28 srv/a/\n-rw-r--r-- root/root 5 2021-07-03 12:58:28 srv/a/b\n";
        let plain = "2021-07-03+12:58:28.0 /srv/a/b\n";
        let summary =
            r#"{"paths": {"/srv/a/b": {"files": 1, "newest": "2021-07-03T12:58:28+00:00"}, "/srv/c": {"files": 0}}}"#;
        for text in [restic, borg, rclone, tar, plain, summary] {
            let listing = Listing::of(text).unwrap();
            let shown: Vec<_> = listing.entries.iter().map(|e| (e.path.as_str(), e.modified_s)).collect();
            assert_eq!(shown, [("/srv/a/b", Some(1_625_317_108))], "{text}");
            assert_eq!(
                (listing.below("/srv/a").count(), listing.below("/srv/a/").count(), listing.below("/sr").count()),
                (1, 1, 0)
            );
        }
        assert_eq!(Listing::of("/srv/x y\n./rel\n").unwrap().entries[1].path, "/rel");
        assert!(Listing::of("").is_err() && Listing::of("{}").is_err());
        let volume = Listing::of("/var/lib/docker/volumes/app_db-data/_data/PG_VERSION\n").unwrap();
        assert_eq!((volume.in_volume("db-data").count(), volume.in_volume("data").count()), (1, 0));
    }
}
