//! Spring Boot's own configuration: `application.yml` and `.properties`, their profiles and placeholders, as
//! Spring Boot 2.4 and later puts them together (reference, "Externalized Configuration" and "Profiles").

mod app;
mod document;
mod profile;
mod properties;
mod said;

pub use app::{App, load};
pub use document::is_config;
pub use properties::{Property, properties};
pub use said::{Said, View};
