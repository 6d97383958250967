//! nginx: configuration files, their includes, and rules over both.

mod config;
mod mend;
mod names;
mod parse;
mod pass;
pub(crate) mod rules;

pub use config::{Config, Node, load};
pub use parse::{Directive, SyntaxError, Word, parse};

/// Whether a text has directives that only nginx has.
#[must_use]
pub fn looks_like(text: &str) -> bool {
    const BLOCKS: [&str; 8] = ["http", "server", "location", "upstream", "events", "stream", "types", "map"];
    const NAMES: [&str; 13] = [
        "add_header",
        "access_log",
        "charset",
        "default_type",
        "error_page",
        "etag",
        "expires",
        "grpc_pass",
        "resolver",
        "server_name",
        "server_tokens",
        "try_files",
        "client_max_body_size",
    ];
    const STARTS: [&str; 10] =
        ["brotli", "charset_", "fastcgi_", "gzip", "limit_req", "more_", "open_file_cache", "proxy_", "ssl_", "uwsgi_"];
    let mut said = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).peekable();
    if said.peek().is_some() && said.all(|line| line.starts_with("include ") && line.ends_with(';')) {
        return true;
    }
    text.contains([';', '{'])
        && text.lines().any(|line| {
            let line = line.trim();
            let first = line.split(|c: char| c.is_whitespace() || "{;".contains(c)).next().unwrap_or_default();
            let is_simple = NAMES.contains(&first) || STARTS.iter().any(|start| first.starts_with(start));
            let is_setting = line[first.len()..].trim_start().starts_with('=');
            (BLOCKS.contains(&first) && line.contains('{')) || (is_simple && !is_setting)
        })
}

/// Splits what `nginx -T` prints into files: path and text.
#[must_use]
pub fn split_dump(dump: &str) -> Vec<(String, String)> {
    const MARK: &str = "# configuration file ";
    let mut files: Vec<(String, String)> = Vec::new();
    for line in dump.split_inclusive('\n') {
        match (line.strip_prefix(MARK).and_then(|rest| rest.trim_end().strip_suffix(':')), files.last_mut()) {
            (Some(path), _) => files.push((path.to_owned(), String::new())),
            (None, Some((_, text))) => text.push_str(line),
            (None, None) => {}
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::split_dump;

    #[test]
    fn a_dump_is_split_into_files() {
        let dump = "nginx: ok\n# configuration file /etc/nginx/nginx.conf:\nevents {}\n\n# configuration file /etc/nginx/mime.types:\ntypes {}\n";
        let files = split_dump(dump);
        assert_eq!(files[0], ("/etc/nginx/nginx.conf".to_owned(), "events {}\n\n".to_owned()));
        assert_eq!(files[1].1, "types {}\n");
    }
}
