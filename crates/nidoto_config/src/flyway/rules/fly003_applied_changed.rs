//! FLY003: an applied migration was edited.

use nidoto_core::Words;

use crate::flyway::judge::find;
use crate::flyway::{applied, checksum};
use crate::scan::{Facts, Out, Room, Rule, Severity, Spot};

/// An applied migration was edited.
pub const RULE: Rule = Rule {
    code: "FLY003",
    name: "applied-migration-changed",
    room: Room::Migration,
    severity: Severity::Error,
    summary: (
        "an applied migration was edited: validation fails at start",
        "適用済みのマイグレーションの変更: 起動時の検証に失敗します",
    ),
    why: (
        "\
Flyway keeps a checksum and the description of each versioned migration that it applied, and compares them at
each start. A changed comment, line or name is enough: `Migration checksum mismatch`, and the application does
not start, in every environment that has it already. Line ends do not count.",
        "\
Flyway は適用したバージョン付きマイグレーションのチェックサムと説明を覚え、起動のたびに比べます。コメントや一行、
名前が変わるだけで `Migration checksum mismatch` になり、適用済みのすべての環境でアプリケーションが起動しません。
改行コードの違いは数えません。",
    ),
    bad: "-- V7__add_team.sql, merged last week, with one line edited today",
    good: "-- V7__add_team.sql as it was, and V8__correct_team.sql with the correction",
    fix: (
        "Restore the file (`git checkout BASE -- FILE`) and write the correction as a new migration. No `--fix` does it: it \
         would throw the correction away.",
        "ファイルを元に戻し(`git checkout BASE -- FILE`)、修正は新しいマイグレーションに書きます。修正を捨てることになるので、\
         `--fix` では直しません。",
    ),
    outage: "DbValidate and ChecksumCalculator in flyway-core at c5e20fc7",
    check,
};

fn check(facts: &Facts, out: &mut Out) {
    for location in facts.migrations.iter().filter(|location| location.settings.validates) {
        for before in applied(location, &facts.options).unwrap_or_default() {
            let Some(now) = location.versioned.iter().find(|one| one.version == before.version) else { continue };
            let (version, spot) = (&now.version, Spot::whole(&now.file));
            let sum = checksum(&now.file.text);
            if let Some(then) = before.checksum.filter(|then| *then != sum) {
                let spot = changed_line(&now.file, before.text.as_deref()).unwrap_or(spot);
                let what = Words::new(
                    format!("version {version} is applied and was edited: its checksum was {then} and is {sum}"),
                    format!(
                        "適用済みのバージョン {version} が変更されました: チェックサムが {then} から {sum} に変わりました"
                    ),
                );
                find(out, location, &["validateonmigrate"], Some(version), &spot, what);
            } else if before.description != now.description && !before.description.is_empty() {
                let was = &before.description;
                let what = Words::new(
                    format!("version {version} is applied and was renamed: its description was `{was}`"),
                    format!("適用済みのバージョン {version} の名前が変わりました: 説明は `{was}` でした"),
                );
                find(out, location, &["validateonmigrate"], Some(version), &spot, what);
            }
        }
    }
}

/// The first line that differs.
fn changed_line(file: &std::sync::Arc<crate::scan::File>, before: Option<&str>) -> Option<Spot> {
    let mut before = before?.lines();
    let mut start = 0;
    for line in file.text.split_inclusive('\n') {
        let text = line.trim_end_matches(['\n', '\r']);
        if before.next() != Some(text) {
            return (!text.is_empty()).then(|| Spot::new(file, start..start + text.len()));
        }
        start += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::flyway::{Before, checksum};
    use crate::scan::Options;
    use crate::testing::{lines, scan_files};

    #[test]
    fn against_a_base_branch() {
        let base = [("m/V1__a.sql".to_owned(), Before::Edited("SELECT 1;\nSELECT 2;\n".to_owned()))];
        let options = Options { base: Some(base.into()), ..Options::default() };
        let with = |name, text| lines(&scan_files(&RULE, &[(name, text)], &options));
        assert_eq!(with("m/V1__a.sql", "SELECT 1;\r\nSELECT 2;"), [""; 0]);
        assert!(
            with("m/V1__a.sql", "SELECT 1;\nSELECT 3;\n")[0]
                .starts_with("2:1 certain version 1 is applied and was edited")
        );
        assert!(with("m/V1__b.sql", "SELECT 1;\nSELECT 2;\n")[0].ends_with("its description was `a`"));
    }

    #[test]
    fn against_the_history() {
        let sum = checksum("SELECT 1;");
        let history = format!("version,description,type,script,checksum,success\n1,a,SQL,V1__a.sql,{sum},t\n");
        let options = Options { history: Some(history), ..Options::default() };
        assert_eq!(lines(&scan_files(&RULE, &[("m/V1__a.sql", "SELECT 1;")], &options)), [""; 0]);
        assert_eq!(lines(&scan_files(&RULE, &[("m/V1__a.sql", "SELECT 2;")], &options)).len(), 1);
    }
}
