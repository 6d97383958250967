//! Metrics that count the page cache.

use nidoto_core::Words;
use nidoto_promql::Expr;

/// A metric that cannot show a leak, and what can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfit {
    metric: &'static str,
    instead: &'static str,
}

/// Metrics whose value includes memory that the kernel gives back when it is needed. One of them is
/// fit where its query takes the cache off again.
const UNFIT: &[(Unfit, &[&str])] = &[
    (
        Unfit {
            metric: "container_memory_usage_bytes",
            instead: "container_memory_rss, or container_memory_working_set_bytes",
        },
        &["container_memory_cache", "container_memory_total_inactive_file_bytes"],
    ),
    (Unfit { metric: "container_memory_cache", instead: "container_memory_rss" }, &["container_memory_usage_bytes"]),
    (Unfit { metric: "container_memory_max_usage_bytes", instead: "container_memory_rss" }, &[]),
    (
        Unfit {
            metric: "node_memory_MemFree_bytes",
            instead: "node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes",
        },
        &["node_memory_Cached_bytes", "node_memory_MemAvailable_bytes"],
    ),
    (
        Unfit {
            metric: "node_memory_Cached_bytes",
            instead: "node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes",
        },
        &["node_memory_MemFree_bytes"],
    ),
    (
        Unfit { metric: "docker_container_mem_usage", instead: "docker_container_mem_active_anon" },
        &["docker_container_mem_inactive_file", "docker_container_mem_total_inactive_file"],
    ),
    (Unfit { metric: "podman_container_mem_usage_bytes", instead: "the RSS of the process" }, &[]),
];

/// The metric of a query that cannot show a leak.
#[must_use]
pub fn find(query: &str) -> Option<Unfit> {
    let names = Expr::parse(query).ok()?.metric_names();
    let has = |name: &str| names.iter().any(|one| one == name);
    UNFIT
        .iter()
        .find(|(unfit, offset)| has(unfit.metric) && !offset.iter().any(|name| has(name)))
        .map(|(unfit, _)| *unfit)
}

/// Whether a query is of a heap that is collected as late as possible: a JVM leaves what died in
/// its old generation until that is nearly full.
#[must_use]
pub fn is_lazy(query: &str) -> bool {
    const HEAPS: [&str; 3] = ["jvm_memory_used_bytes", "jvm_memory_bytes_used", "process_runtime_jvm_memory_usage"];
    let names = Expr::parse(query).map(|expr| expr.metric_names()).unwrap_or_default();
    names.iter().any(|name| HEAPS.contains(&name.as_str())) && !query.contains("nonheap")
}

impl Unfit {
    /// Why it cannot show a leak.
    #[must_use]
    pub fn why(self) -> Words {
        let Self { metric, instead } = self;
        Words::new(
            format!(
                "`{metric}` includes the page cache, which fills all memory and is given back when needed: it cannot show a leak; ask for {instead}"
            ),
            format!(
                "`{metric}` はページキャッシュを含みます。キャッシュは空きメモリを埋め、必要なときに返されるため、リークを示せません。{instead} を使ってください"
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_taken_off_is_fit() {
        assert!(find("container_memory_usage_bytes{pod='a'}").is_some());
        assert!(find("container_memory_usage_bytes - container_memory_cache").is_none());
        assert!(find("node_memory_MemTotal_bytes - node_memory_MemFree_bytes").is_some());
        assert!(find("node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes").is_none());
        assert!(find("process_resident_memory_bytes").is_none());
    }
}
