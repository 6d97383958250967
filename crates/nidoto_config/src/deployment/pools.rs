//! The pools that Spring Boot applications ask for in their own configuration.

use super::Deployment;
use super::service::Service;
use crate::spring::App;

const POOL: &str = "spring.datasource.hikari.maximumpoolsize";

/// Tells services the pool of the application that they run: the only one in the folder that they are built from,
/// or the one whose `spring.application.name` is theirs.
pub fn pools_of(deployments: &mut [Deployment], apps: &[App]) {
    let own: Vec<(&App, Option<String>)> =
        apps.iter().filter(|app| !is_test(&app.folder)).map(|app| (app, app.name())).collect();
    if own.is_empty() {
        return;
    }
    for service in deployments.iter_mut().flat_map(|deployment| &mut deployment.services) {
        let Some(app) = app_of(service, &own) else { continue };
        // The environment of the process is stronger than any file.
        let outside =
            |name: &str| service.env.iter().rev().find(|(key, ..)| key == name).map(|(_, value, _)| value.clone());
        let view = match service.value("SPRING_PROFILES_ACTIVE") {
            Some(active) => app.with(active.split(',').map(|one| one.trim().to_owned()).collect()),
            None => app.production(),
        };
        service.pool = view.one(POOL, &outside);
    }
}

fn is_test(folder: &str) -> bool {
    folder.split('/').any(|part| part == "test")
}

fn app_of<'a>(service: &Service, apps: &[(&'a App, Option<String>)]) -> Option<&'a App> {
    let is_below = |folder: &str, context: &str| {
        folder.strip_prefix(context).is_some_and(|rest| context.is_empty() || rest.is_empty() || rest.starts_with('/'))
    };
    let built = service.build.as_ref().map(|build| build.context.as_str());
    let mut inside = apps.iter().filter(|(app, _)| built.is_some_and(|context| is_below(&app.folder, context)));
    let named = || apps.iter().find(|(_, name)| name.as_deref() == Some(&service.name));
    match (inside.next(), inside.next()) {
        (Some(only), None) => Some(only.0),
        _ => named().map(|(app, _)| *app),
    }
}
