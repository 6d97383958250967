//! A table for comments and documents.

use nidoto_core::{Colour, Lang};

use super::Report;

pub(super) fn write(report: &Report, lang: Lang) -> String {
    let pick = |en: &'static str, ja: &'static str| if lang == Lang::Ja { ja } else { en };
    let mut out = format!(
        "**nidoto {}**: {} {}, {} {}, {} {}\n\n",
        report.command,
        report.count(Colour::Green),
        pick("green", "正常"),
        report.count(Colour::Red),
        pick("red", "異常"),
        report.count(Colour::Blind),
        pick("blind", "判定不能"),
    );
    out += pick("| | guard | incident | |\n|---|---|---|---|\n", "| | ガード | 障害 | |\n|---|---|---|---|\n");
    for case in &report.cases {
        let mark = match case.verdict {
            Colour::Green => pick("✔ green", "✔ 正常"),
            Colour::Red => pick("✘ **red**", "✘ **異常**"),
            Colour::Blind => pick("? blind", "? 判定不能"),
        };
        let places: Vec<String> = case.findings.iter().take(3).map(|f| format!("`{}`", f.place)).collect();
        let text = [places.join(", "), case.summary.get(lang).to_owned()].join(" ");
        out += &format!(
            "| {mark} | `{}` | {} | {} |\n",
            case.guard,
            cell(case.incident.as_deref().unwrap_or("")),
            cell(text.trim())
        );
        for note in &case.notes {
            let text = format!("`{}` {}", note.place, note.what.get(lang));
            out += &format!("| {} | `{}` | | {} |\n", pick("· note", "・参考"), case.guard, cell(&text));
        }
    }
    for diag in &report.diags {
        out += &format!("\n- {}", diag.text(lang));
    }
    out.trim_end().to_owned() + "\n"
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
