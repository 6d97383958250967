//! Prints charts for the eye: `cargo run --example gallery -- [WIDTH] [ascii] [colour] [ja]`.

mod charts;

use nidoto_chart::{Language, Style};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    let style = Style {
        width: arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(80),
        colour: has("colour"),
        unicode: !has("ascii"),
        language: if has("ja") { Language::Japanese } else { Language::English },
        ..Style::default()
    };
    for chart in charts::charts() {
        println!("{}", nidoto_chart::terminal(&chart, &style));
    }
    print!("{}", charts::guards().render(&style));
}
