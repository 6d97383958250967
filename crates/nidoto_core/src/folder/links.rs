//! Links to chat, tickets, code and documents, recognised in any text.

use std::sync::OnceLock;

use regex::Regex;
use serde::Serialize;

/// What a link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkKind {
    /// A Slack message or channel.
    Slack,
    /// A Jira issue, by address or key.
    Jira,
    /// A GitHub issue, pull request or commit, by address or `owner/repo#12`.
    Github,
    /// A Confluence page.
    Confluence,
    /// Any other page.
    Web,
}

/// A link as it was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Link {
    /// What it leads to.
    pub kind: LinkKind,
    /// The address, `owner/repo#12` or key.
    pub target: String,
}

/// All links in a text, in order, each once.
#[must_use]
pub fn links(text: &str) -> Vec<Link> {
    static FORM: OnceLock<Regex> = OnceLock::new();
    let form = FORM.get_or_init(|| {
        Regex::new(concat!(
            r#"(?P<url>https?://[^\s<>"'`\]\)）」』、。]+)"#,
            r"|(?P<hub>\b[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*#[0-9]+)",
            r"|(?P<key>\b[A-Z][A-Z0-9]{1,9}-[1-9][0-9]{0,6}\b)",
        ))
        .expect("the pattern is constant")
    });
    let mut found: Vec<Link> = Vec::new();
    for hit in form.captures_iter(text) {
        let link = if let Some(url) = hit.name("url") {
            let target = url.as_str().trim_end_matches(['.', ',', ';', ':', '!', '?']).to_owned();
            Link { kind: kind_of(&target), target }
        } else if let Some(hub) = hit.name("hub") {
            Link { kind: LinkKind::Github, target: hub.as_str().to_owned() }
        } else {
            let key = &hit["key"];
            // Character sets, standards and hashes look like keys.
            if ["UTF-", "ISO-", "SHA-", "RFC-", "CVE-", "JIS-", "AES-"].iter().any(|p| key.starts_with(p)) {
                continue;
            }
            Link { kind: LinkKind::Jira, target: key.to_owned() }
        };
        if !found.contains(&link) {
            found.push(link);
        }
    }
    found
}

fn kind_of(url: &str) -> LinkKind {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if host == "slack.com" || host.ends_with(".slack.com") {
        LinkKind::Slack
    } else if host == "github.com" || host.starts_with("github.") {
        LinkKind::Github
    } else if path.starts_with("wiki/") || host.contains("confluence") {
        LinkKind::Confluence
    } else if path.starts_with("browse/") || path.contains("/browse/") || host.contains("jira") {
        LinkKind::Jira
    } else {
        LinkKind::Web
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_recognised_among_japanese_text() {
        let text = "経緯はhttps://acme.slack.com/archives/C01/p16 と（https://acme.atlassian.net/wiki/spaces/OPS/pages/1）。\n\
                    OPS-12, nodejs/node#29038, https://acme.atlassian.net/browse/OPS-13, UTF-8, https://github.com/a/b/pull/3.";
        let found: Vec<_> = links(text).into_iter().map(|link| (link.kind, link.target)).collect();
        use LinkKind::*;
        let want = [
            (Slack, "https://acme.slack.com/archives/C01/p16"),
            (Confluence, "https://acme.atlassian.net/wiki/spaces/OPS/pages/1"),
            (Jira, "OPS-12"),
            (Github, "nodejs/node#29038"),
            (Jira, "https://acme.atlassian.net/browse/OPS-13"),
            (Github, "https://github.com/a/b/pull/3"),
        ];
        assert_eq!(found, want.map(|(kind, target)| (kind, target.to_owned())));
    }
}
