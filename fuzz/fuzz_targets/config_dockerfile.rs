//! Any text is a Dockerfile: words lie where they say, and the base can be asked for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nidoto_config::image::{Base, final_base, matches, parse};

fuzz_target!(|text: &str| {
    let instructions = parse(text);
    for (word, at) in instructions.iter().flat_map(|one| &one.words) {
        assert_eq!(text.get(at.clone()), Some(word.as_str()));
    }
    if let Some(Base::Image(image, _)) = final_base(&instructions, Some("build")) {
        matches("node:*alpine*", &image);
    }
});
