//! BAK001: state that no backup holds.

use nidoto_core::Words;

use crate::backup::{Entry, Listing, State, declared, discovered};
use crate::scan::{Confidence, Facts, Out, Room, Rule, Severity};

/// State that no backup holds.
pub const RULE: Rule = Rule {
    code: "BAK001",
    name: "state-without-backup",
    room: Room::Deployment,
    severity: Severity::Error,
    summary: ("state that no backup holds", "どのバックアップにもない状態"),
    why: (
        "\
What no backup holds is gone with the machine, and nobody knows before the machine is. A list of what must be
kept is compared with what a backup *holds*: its listing, not its own report of success, which is content with
folders that were never included. Declared paths are certain; volumes of compose files, claims of Kubernetes and
state folders of units are likely, because caches live there too.",
        "\
どのバックアップにもないものは、マシンとともに消えます。そして消えるまで誰も知りません。残すべきものの一覧を、バック
アップが実際に「持っている」ものの一覧と比べます。成功したという報告は、最初から対象に入っていないフォルダーについて
何も言いません。宣言されたパスは確実、compose のボリューム、Kubernetes の PersistentVolumeClaim、ユニットの状態フォルダーは、キャッシュの
こともあるので可能性として挙げます。",
    ),
    bad: "# state.txt\n/srv/traq/icons\n# the backup's listing\n/srv/traq/files/1.png",
    good: "# state.txt\n/srv/traq/icons\n# the backup's listing\n/srv/traq/files/1.png\n/srv/traq/icons/1.png",
    fix: (
        "Add the path to the backup, list the backup, and restore a file once before you believe it.",
        "パスをバックアップに加え、バックアップの中身を一覧し、信じる前に一度ファイルを戻してみます。",
    ),
    outage: "2021-07-10 deleted without backup (traP blog, summer 2021)",
    check,
};

fn check(facts: &Facts, out: &mut Out) {
    let listings = &facts.options.listings;
    if listings.is_empty() {
        return;
    }
    for state in states(facts) {
        if held(listings, &state).is_empty() {
            let confidence = if state.is_declared { Confidence::Certain } else { Confidence::Likely };
            let path = &state.path;
            out.find(
                confidence,
                &state.spot,
                Words::new(
                    format!("`{path}` is in no backup: it is gone with the machine"),
                    format!("`{path}` はどのバックアップにもなく、マシンとともに消えます"),
                ),
            );
        }
    }
}

/// Declared state, and what the files show.
pub(super) fn states(facts: &Facts) -> Vec<State> {
    let declared = facts.options.state.iter().flat_map(declared);
    declared.chain(discovered(&facts.deployments, &facts.units)).collect()
}

/// What backups hold of a place.
pub(super) fn held<'f>(listings: &'f [Listing], state: &'f State) -> Vec<&'f Entry> {
    let of = |listing: &'f Listing| -> Vec<&'f Entry> {
        if state.is_volume { listing.in_volume(&state.path).collect() } else { listing.below(&state.path).collect() }
    };
    listings.iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::backup::Listing;
    use crate::scan::{File, Options};
    use crate::testing::{lines, scan_files};

    #[test]
    fn declared_and_discovered() {
        let compose = "services:\n  db:\n    volumes: ['pg:/var/lib/postgresql', './up:/up', '/etc/x.conf:/x.conf', './a:/a:ro']\n";
        let options = Options {
            state: vec![File::new("state.txt", "# kept\n/srv/traq/files # posts\n/srv/traq/icons/\n")],
            listings: vec![Listing::of("/srv/traq/files/1.png\n").unwrap()],
            ..Options::default()
        };
        insta::assert_snapshot!(lines(&scan_files(&RULE, &[("/srv/app/compose.yml", compose)], &options)).join("\n"), @r"
        3:15 likely `pg` is in no backup: it is gone with the machine
        3:41 likely `/srv/app/up` is in no backup: it is gone with the machine
        3:1 certain `/srv/traq/icons` is in no backup: it is gone with the machine
        ");
    }

    #[test]
    fn claims_of_kubernetes_are_state() {
        let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: pg-data}\n";
        let set = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec: {volumeClaimTemplates: [{metadata: {name: wal}}]}\n";
        let listing = "/opt/local-path-provisioner/pvc-1_default_pg-data/base/1\n";
        let options = Options { listings: vec![Listing::of(listing).unwrap()], ..Options::default() };
        insta::assert_snapshot!(lines(&scan_files(&RULE, &[("a.yaml", claim), ("b.yaml", set)], &options)).join("\n"), @"4:49 likely `wal` is in no backup: it is gone with the machine");
    }
}
