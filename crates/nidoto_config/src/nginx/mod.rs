//! nginx: configuration files, their includes, and rules over both.

mod config;
mod names;
mod parse;
mod pass;
pub(crate) mod rules;

pub use config::{Config, Node, load};
pub use parse::{Directive, SyntaxError, Word, parse};

/// Whether a text has directives that only nginx has.
#[must_use]
pub fn looks_like(text: &str) -> bool {
    const OPEN: [&str; 6] = ["http", "server", "location", "upstream", "events", "stream"];
    const SIMPLE: [&str; 12] = [
        "proxy_pass",
        "fastcgi_pass",
        "uwsgi_pass",
        "grpc_pass",
        "proxy_set_header",
        "fastcgi_param",
        "add_header",
        "server_name",
        "ssl_certificate",
        "resolver",
        "try_files",
        "access_log",
    ];
    text.lines().any(|line| {
        let line = line.trim();
        let first = line.split(|c: char| c.is_whitespace() || c == '{').next().unwrap_or_default();
        (OPEN.contains(&first) && line.contains('{')) || (SIMPLE.contains(&first) && line.contains(';'))
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
