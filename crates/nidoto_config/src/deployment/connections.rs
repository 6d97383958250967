//! How many database connections a service may open, and a server accepts.

use super::service::Service;
use crate::scan::Pool;

/// The connections that a service may open, as far as file and declaration tell. `None` where it
/// has no pool at all.
#[must_use]
pub fn pool(service: &Service, declared: Option<&Pool>) -> Option<Pool> {
    let size = size(service).or_else(|| {
        let said = service.pool.as_ref()?;
        Some((said.value.as_ref().ok().and_then(|value| value.trim().parse().ok()), true))
    });
    if size.is_none() && declared.is_none() {
        return None;
    }
    let (size, is_jvm) = size.map_or((None, false), |(size, is_jvm)| (size, is_jvm));
    let read = Pool {
        size,
        // A JVM is one process; for others somebody has to say.
        processes: processes(service).or(is_jvm.then_some(1)),
        instances: service.instances,
        surge_percent: service.surge_percent,
    };
    let declared = declared.cloned().unwrap_or_default();
    Some(Pool {
        size: declared.size.or(read.size),
        processes: declared.processes.or(read.processes),
        instances: declared.instances.or(read.instances),
        surge_percent: declared.surge_percent.or(read.surge_percent),
    })
}

impl Pool {
    /// The product of its factors. An error names the first factor that is not known.
    ///
    /// # Errors
    /// When a factor is not known.
    pub fn connections(&self) -> Result<u64, &'static str> {
        let size = self.size.ok_or("size")?;
        let processes = self.processes.ok_or("processes")?;
        let instances = self.instances.ok_or("instances")?;
        let surge = self.surge_percent.ok_or("surge_percent")?;
        let running = instances.saturating_add(instances.saturating_mul(surge).div_ceil(100));
        Ok(size.saturating_mul(processes).saturating_mul(running))
    }
}

/// The largest pool by the variables of common frameworks, and whether it is a JVM's.
fn size(service: &Service) -> Option<(Option<u64>, bool)> {
    let overflow = service.env.iter().find(|(name, ..)| name.ends_with("MAX_OVERFLOW"));
    let overflow = overflow.map_or(Some(0), |(_, value, _)| value.as_ref()?.parse::<u64>().ok());
    service.env.iter().find_map(|(name, value, _)| {
        let name = name.to_ascii_uppercase();
        let is_jvm = name.contains("HIKARI") || name.starts_with("SPRING_") || name.starts_with("QUARKUS_");
        let is_database = is_jvm
            || ["DB", "DATABASE", "PG", "POSTGRES", "MYSQL", "SQLALCHEMY"].iter().any(|part| name.contains(part));
        let is_size = [
            "MAXIMUM_POOL_SIZE",
            "MAXIMUMPOOLSIZE",
            "POOL_MAX",
            "MAX_POOL",
            "POOL_SIZE",
            "POOL_MAX_SIZE",
            "MAX_POOL_SIZE",
            "MAX_OPEN_CONNS",
            "CONNECTION_LIMIT",
            "MAX_CONNECTIONS",
        ]
        .iter()
        .any(|end| name.ends_with(end));
        let is_server = name.starts_with("POSTGRESQL_MAX")
            || name.starts_with("POSTGRES_MAX")
            || name.starts_with("MYSQL_MAX")
            || name.starts_with("MARIADB_MAX");
        if is_database && is_size && !is_server {
            let size = value.as_ref().and_then(|value| value.trim().parse::<u64>().ok());
            return Some((size.zip(overflow).map(|(size, more)| size + more), is_jvm));
        }
        let (_, limit) = value.as_ref()?.split_once("connection_limit=")?;
        let digits: String = limit.chars().take_while(char::is_ascii_digit).collect();
        Some((digits.parse().ok(), false))
    })
}

/// Workers by `WEB_CONCURRENCY` or `--workers`.
fn processes(service: &Service) -> Option<u64> {
    let said = || service.value("WEB_CONCURRENCY").and_then(|value| value.parse().ok());
    service.processes.or_else(said).or_else(|| {
        let words: Vec<&str> = service.command.split([' ', '=']).collect();
        words.windows(2).find(|pair| ["--workers", "-w"].contains(&pair[0])).and_then(|pair| pair[1].parse().ok())
    })
}

/// What a database server in a file accepts from applications: its maximum less what it keeps for
/// superusers. `None` for other services; an inner `None` where the file leaves it open.
#[must_use]
pub fn server_limit(service: &Service) -> Option<(Option<u64>, u64)> {
    if service.accepts.is_some() {
        return service.accepts;
    }
    let (image, _) = service.image.as_ref()?;
    let name = image.split('@').next()?.rsplit('/').next()?.split(':').next()?;
    let (default, reserved) = match name {
        "postgres" | "postgresql" | "postgis" | "timescaledb" | "pgvector" => (100, 3),
        "mysql" | "mariadb" | "percona" => (151, 0),
        _ => return None,
    };
    let command = service.command.replace("max-connections", "max_connections");
    let written = command
        .split("max_connections")
        .nth(1)
        .map(|rest| rest.trim_start_matches(['=', ' ']).chars().take_while(char::is_ascii_digit).collect::<String>());
    let written = written.and_then(|digits| digits.parse().ok());
    let by_env = ["POSTGRESQL_MAX_CONNECTIONS", "MYSQL_MAX_CONNECTIONS", "MARIADB_MAX_CONNECTIONS"];
    let by_env = by_env.iter().find_map(|name| service.value(name)?.parse().ok());
    Some((Some(written.or(by_env).unwrap_or(default)), reserved))
}
