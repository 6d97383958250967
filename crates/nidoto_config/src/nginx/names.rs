//! Hosts and ports in what nginx connects to.

use std::net::{Ipv4Addr, Ipv6Addr};

/// A host and a port as they stand in an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The host, lower case, without brackets.
    pub host: String,
    /// The port, if one is written.
    pub port: Option<u16>,
    /// The port where none is written: 80, 443 or none.
    pub default_port: Option<u16>,
    /// What follows the port, from the `/` on.
    pub rest: String,
    /// `http://` and the like, or nothing.
    pub scheme: String,
}

impl Target {
    /// Reads `http://host:port/path`, `host:port`, `unix:/path`.
    #[must_use]
    pub fn of(url: &str) -> Self {
        let (scheme, rest) = match url.find("://") {
            Some(i) => url.split_at(i + 3),
            None => ("", url),
        };
        let cut = if rest.starts_with("unix:") { rest.len() } else { rest.find(['/', '?']).unwrap_or(rest.len()) };
        let (authority, rest) = rest.split_at(cut);
        let default_port = match scheme.trim_end_matches("://").to_ascii_lowercase().as_str() {
            "http" | "grpc" => Some(80),
            "https" | "grpcs" => Some(443),
            _ => None,
        };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if port.parse::<u16>().is_ok() && !is_bare_ipv6(authority) => (host, port.parse().ok()),
            _ => (authority, None),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        Self { host, port, default_port, rest: rest.to_owned(), scheme: scheme.to_owned() }
    }

    /// Whether the host has to be looked up in the DNS, so that its address can change.
    #[must_use]
    pub fn is_name(&self) -> bool {
        let host = self.host.as_str();
        let is_ip = host.parse::<Ipv4Addr>().is_ok() || host.parse::<Ipv6Addr>().is_ok();
        !(host.is_empty() || is_ip || host.starts_with("unix:") || host == "localhost" || !is_host(host))
    }

    /// The port that is meant.
    #[must_use]
    pub fn real_port(&self) -> Option<u16> {
        self.port.or(self.default_port)
    }

    /// `host` or `host:port`, as written.
    #[must_use]
    pub fn authority(&self) -> String {
        self.port.map_or(self.host.clone(), |port| format!("{}:{port}", self.host))
    }
}

fn is_host(host: &str) -> bool {
    host.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c))
}

fn is_bare_ipv6(authority: &str) -> bool {
    authority.parse::<Ipv6Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn names_and_addresses() {
        let is_name = |url| Target::of(url).is_name();
        assert!(is_name("http://api.local:8080/x") && is_name("backend") && is_name("grpc://a_b:1"));
        for url in [
            "http://10.0.0.1:80",
            "http://[::1]:80/",
            "unix:/run/a.sock",
            "http://unix:/a:/b",
            "localhost:9000",
            "http://",
        ] {
            assert!(!is_name(url), "{url}");
        }
        let target = Target::of("https://API.local/a?b");
        assert_eq!((target.host.as_str(), target.real_port(), target.rest.as_str()), ("api.local", Some(443), "/a?b"));
    }
}
