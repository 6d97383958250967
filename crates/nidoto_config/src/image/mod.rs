//! Dockerfiles: what the final image is built on.

mod base;
mod parse;
pub(crate) mod rules;

use std::sync::Arc;

use nidoto_core::Words;

pub use base::{Base, final_base, matches};
pub use parse::{Instruction, parse};

use crate::scan::File;

/// A Dockerfile.
#[derive(Debug)]
pub struct Dockerfile {
    /// Its file.
    pub file: Arc<File>,
    /// Its instructions.
    pub instructions: Vec<Instruction>,
}

/// Reads Dockerfiles; one that builds on nothing is a fault.
pub fn load(files: &[Arc<File>], unread: &mut Vec<(String, Words)>) -> Vec<Dockerfile> {
    let mut read = Vec::new();
    for file in files {
        let instructions = parse(&file.text);
        if instructions.iter().any(|one| one.name == "FROM") {
            read.push(Dockerfile { file: Arc::clone(file), instructions });
        } else {
            unread.push((
                file.path.clone(),
                Words::new("no `FROM`: a part or a template", "`FROM` がありません: 断片かテンプレートです"),
            ));
        }
    }
    read
}
