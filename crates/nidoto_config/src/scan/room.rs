//! Which technology a file belongs to.

use serde::Serialize;

/// A technology with rules of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Room {
    /// nginx configuration and its fragments.
    Nginx,
    /// systemd units and their drop-ins.
    Systemd,
    /// Flyway migrations: names and contents.
    Migration,
    /// Dockerfiles.
    Dockerfile,
    /// Compose files, Kubernetes manifests and ECS task definitions.
    Deployment,
    /// PM2's ecosystem files.
    Pm2,
    /// None in particular: what the engine itself says of its comments.
    Any,
}

const UNITS: [&str; 10] =
    ["service", "timer", "socket", "mount", "path", "target", "slice", "scope", "automount", "swap"];

impl Room {
    /// The room of a path, as far as the path tells. `true` where the content has to confirm it.
    #[must_use]
    pub fn of_path(path: &str) -> Option<(Self, bool)> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let lower = name.to_ascii_lowercase();
        let ext = lower.rsplit_once('.').map_or("", |(_, ext)| ext);
        let in_folder = |folder: &str| path.split('/').rev().skip(1).any(|part| part == folder);
        if lower.starts_with("ecosystem.") || lower.starts_with("pm2.") || lower == "process.json" {
            return matches!(ext, "js" | "cjs" | "mjs" | "json" | "yml" | "yaml").then_some((Self::Pm2, ext != "js"));
        }
        if crate::flyway::is_settings(name) {
            return Some((Self::Migration, true));
        }
        if is_dockerfile(&lower) {
            return Some((Self::Dockerfile, false));
        }
        match ext {
            "conf" if path.split('/').rev().nth(1).is_some_and(is_drop_in) => Some((Self::Systemd, false)),
            "conf" | "nginx" | "config" => Some((Self::Nginx, !lower.starts_with("nginx.conf"))),
            "sql" => Some((Self::Migration, false)),
            "yml" | "yaml" if is_compose(&lower) => Some((Self::Deployment, false)),
            "yml" | "yaml" | "json" => Some((Self::Deployment, true)),
            _ if in_folder("sites-available") || in_folder("sites-enabled") => Some((Self::Nginx, true)),
            _ if UNITS.contains(&ext) => Some((Self::Systemd, true)),
            _ => None,
        }
    }

    /// Whether a file speaks of files in folders below its own: what a changed file is judged with.
    #[must_use]
    pub fn rules_below(path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        name.starts_with("nginx.conf") || is_compose(&name.to_ascii_lowercase()) || crate::flyway::is_settings(name)
    }

    /// More bytes are refused: no such file is that large, and its tree would take a hundred times as much.
    /// Migrations hold tables' rows at times, and nginx's files long lists of addresses.
    #[must_use]
    pub fn bytes_max(self, path: &str) -> usize {
        match self {
            Self::Nginx => usize::MAX,
            Self::Migration if path.ends_with(".sql") => usize::MAX,
            Self::Deployment => 8 << 20,
            _ => 1 << 20,
        }
    }

    /// Whether the content is what the path promised.
    #[must_use]
    pub fn confirms(self, path: &str, text: &str) -> bool {
        match self {
            Self::Nginx => {
                crate::nginx::looks_like(text) || path.ends_with(".conf") && path.split('/').any(|part| part == "nginx")
            }
            // A link that was stored as a text has a single line and no section.
            Self::Systemd => text.lines().any(|line| line.trim_start().starts_with('[')) || text.lines().count() <= 1,
            Self::Deployment => crate::deployment::looks_like(text),
            Self::Pm2 => text.contains("apps"),
            Self::Migration => {
                // A profile may be switched on, or a placeholder filled in, where neither is spoken of.
                path.ends_with(".sql") || ["flyway", "hikari", "spring"].iter().any(|word| text.contains(word))
            }
            Self::Dockerfile | Self::Any => true,
        }
    }
}

fn is_drop_in(folder: &str) -> bool {
    let Some(unit) = folder.strip_suffix(".d") else { return false };
    unit.rsplit_once('.').is_some_and(|(_, ext)| UNITS.contains(&ext))
}

fn is_dockerfile(lower: &str) -> bool {
    let is_code = lower.ends_with(".js") || lower.ends_with(".md") || lower.ends_with(".dockerignore");
    (lower.starts_with("dockerfile") || lower.starts_with("containerfile") || lower.ends_with(".dockerfile"))
        && !is_code
}

fn is_compose(lower: &str) -> bool {
    ["compose.", "docker-compose", "podman-compose"].iter().any(|start| lower.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::Room;

    #[test]
    fn paths_tell_rooms() {
        let room = |path| Room::of_path(path).map(|(room, _)| room);
        assert_eq!(room("etc/nginx/nginx.conf"), Some(Room::Nginx));
        assert_eq!(room("etc/systemd/system/a.service.d/10.conf"), Some(Room::Systemd));
        assert_eq!(room("a/daily_reboot.timer"), Some(Room::Systemd));
        assert_eq!(room("docker/Dockerfile.tpl"), Some(Room::Dockerfile));
        assert_eq!(room("docker/dockerfile.min.js"), None);
        assert_eq!(room("db/V1__a.sql"), Some(Room::Migration));
        assert_eq!(room("src/main/resources/application.yml"), Some(Room::Migration));
        assert_eq!(room("docker-compose.dev.yml"), Some(Room::Deployment));
        assert_eq!(room("ecosystem.config.cjs"), Some(Room::Pm2));
        assert_eq!(room("src/main.rs"), None);
    }

    /// A file that pre-commit does not hand over is never looked at.
    #[test]
    fn the_hook_of_pre_commit_takes_what_rooms_take() {
        let hooks = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.pre-commit-hooks.yaml");
        let hooks = std::fs::read_to_string(hooks).unwrap();
        let files = hooks.lines().find_map(|line| line.trim().strip_prefix("files: '")?.strip_suffix('\'')).unwrap();
        let pattern = regex::Regex::new(files).unwrap();
        for path in [
            "nginx.conf",
            "a.nginx",
            "etc/nginx/sites-enabled/app",
            "a.service",
            "a.timer",
            "a.service.d/1.conf",
            "m/V1__a.sql",
            "src/application.yml",
            "application.properties",
            "flyway.conf",
            "Dockerfile",
            "docker/Dockerfile.prod",
            "api.dockerfile",
            "Containerfile",
            "compose.yaml",
            "k8s/db.yml",
            "task.json",
            "ecosystem.config.cjs",
            "pm2.json",
        ] {
            assert!(Room::of_path(path).is_some() && pattern.is_match(path), "{path}");
        }
        assert!(!pattern.is_match("src/main.rs"));
    }
}
