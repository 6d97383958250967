//! `nidoto init`: a commented `nidoto.yaml` and a first incident.

use std::path::Path;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use nidoto_core::folder::{create_dir, replace};
use nidoto_core::{Lang, Words};

use super::new::{files, slug};
use crate::Outcome;
use crate::cli::{Cli, Init};
use crate::output::Output;

/// Runs `nidoto init`. It asks nothing and overwrites nothing.
pub fn run(cli: &Cli, output: Output, args: &Init) -> Result<Outcome> {
    let dir = args.dir.as_deref().unwrap_or(&cli.root);
    std::fs::create_dir_all(dir).with_context(|| format!("failed to create {}", dir.display()))?;
    let config = dir.join("nidoto.yaml");
    if config.exists() {
        let config = config.display();
        bail!(Words::new(
            format!("{config} is already there: nothing was written"),
            format!("{config} はすでにあります: 何も書いていません")
        ));
    }
    let zone = jiff::tz::TimeZone::system();
    let title = output.pick("A first incident", "最初の障害");
    let now = Timestamp::now();
    let day = now.to_zoned(zone.clone()).date();
    let id = format!("{day}-{}", slug(title));
    let incident = dir.join("incidents").join(&id);
    // nidoto.yaml comes last: where it stands, the rest is there too.
    if !incident.exists() {
        create_dir(dir, &incident, &files(&id, title, "minor", now, &zone, output.lang))?;
    }
    ignore_caches(dir)?;
    replace(&config, template(output.lang, zone.iana_name().unwrap_or("UTC")).as_bytes())?;
    println!("{}", config.display());
    println!("{}", incident.join("incident.md").display());
    println!(
        "{}",
        output.pick(
            "next: name your sources in nidoto.yaml, write the incident down, then `nidoto capture` and `nidoto prove`",
            "次: nidoto.yaml に source を書き、障害を記録し、`nidoto capture` と `nidoto prove`",
        )
    );
    Ok(Outcome::Green)
}

/// Caches are nobody's business in version control.
fn ignore_caches(dir: &Path) -> Result<()> {
    let path = dir.join(".nidoto");
    std::fs::create_dir_all(&path).with_context(|| format!("failed to create {}", path.display()))?;
    replace(&path.join(".gitignore"), b"*\n")
}

fn template(lang: Lang, zone: &str) -> String {
    match lang {
        Lang::En => format!(
            "\
# What nidoto knows about this team. `nidoto schema nidoto` describes every key.
team:
  zone: {zone}              # times without an offset are read and shown in it
  language: en
  sleep: 23:00-07:00        # when nobody looks

# Where today's world can be seen. Guards name a source; evidence stands for one.
# Secrets stand as ${{NAME}} and come from the environment.
sources: {{}}
#  metrics:                  # Prometheus, VictoriaMetrics, Mimir, Thanos
#    prometheus: http://127.0.0.1:9090
#    bearer: ${{PROMETHEUS_TOKEN}}
#  web-log:                  # rotated and compressed files are read too
#    log: /var/log/nginx/error.log*
#  backups:                  # a program, without a shell; only what stands here can run
#    command: [restic, snapshots, --json]
#    timeout: 30s
"
        ),
        Lang::Ja => format!(
            "\
# nidoto がチームについて知っておくこと。項目の一覧は `nidoto schema nidoto` で見られます。
team:
  zone: {zone}              # 時差のない時刻はこのタイムゾーンで読み書きします
  language: ja
  sleep: 23:00-07:00        # 誰も見ていない時間帯

# いまの世界を見る場所。ガードは source を名指しし、証拠は source の代わりになります。
# 秘密は ${{NAME}} と書き、環境変数から読みます。
sources: {{}}
#  metrics:                  # Prometheus、VictoriaMetrics、Mimir、Thanos
#    prometheus: http://127.0.0.1:9090
#    bearer: ${{PROMETHEUS_TOKEN}}
#  web-log:                  # ローテートや圧縮されたファイルも読みます
#    log: /var/log/nginx/error.log*
#  backups:                  # シェルを通さずに動かすプログラム。ここに書いたものだけが動きます
#    command: [restic, snapshots, --json]
#    timeout: 30s
"
        ),
    }
}
