//! `exec`: a command's exit status and the JSON that it answers.

use nidoto_core::guard::{Guard, Judgement, Kind, Need};
use nidoto_core::yaml::Pattern;
use nidoto_core::{Blind, Finding, Place, Span, View, Words, number};
use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

/// `exec`: a command's exit status and the JSON that it answers.
pub const KIND: Kind = Kind {
    name: "exec",
    summary: ("a command's exit status and the JSON that it answers", "コマンドの終了ステータスと、答える JSON"),
    doc: "\
Red when a command's exit status is not `status`, or when its standard output, read as JSON, departs
from what `json` says. The command itself stands in `nidoto.yaml` as a source; a guard can only name
it, so nothing in an incident folder can start a program. It runs without a shell, for a limited
time, and with limited output.

Each entry of `json` names a value by a JSON pointer (RFC 6901) and what it must be: `equals`,
`above`, `below`, `exists`, `matches`. Nothing at the pointer is red, and output that is no JSON is
blind. A command that cannot be started or takes too long is blind too.

```yaml
icons-are-backed-up:
  exec:
    json:
      - {at: /uncovered, equals: 0}
      - {at: /newest_age_h, below: 26}
  source: backup-listing
```",
    every: Span::seconds(3_600),
    schema: |generator| generator.subschema_for::<Keys>(),
    build: |keys| {
        let keys: Keys = serde_json::from_value(keys).map_err(|error| Words::same(error.to_string()))?;
        let json = keys.json.into_iter().map(Check::new).collect::<Result<Vec<_>, _>>()?;
        Ok(Box::new(Exec { status: keys.status.unwrap_or(0), json }))
    },
};

/// The keys of `exec`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Exec")]
struct Keys {
    /// The exit status that is well. Default 0.
    status: Option<i32>,
    /// What the JSON on standard output must hold.
    #[serde(default)]
    json: Vec<CheckKeys>,
}

/// What one value must be; one of the conditions is needed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ExecCheck")]
struct CheckKeys {
    /// Which value, as a JSON pointer; "" is the whole.
    at: String,
    /// It must be this.
    equals: Option<Json>,
    /// It must be a number above this.
    above: Option<f64>,
    /// It must be a number below this.
    below: Option<f64>,
    /// It must be there (true) or must not (false).
    exists: Option<bool>,
    /// It must be a text that matches this pattern.
    matches: Option<Pattern>,
}

#[derive(Debug)]
struct Check {
    at: String,
    must: Must,
}

#[derive(Debug)]
enum Must {
    Equal(Json),
    Above(f64),
    Below(f64),
    Exist(bool),
    Match(Regex),
}

impl Check {
    fn new(keys: CheckKeys) -> Result<Self, Words> {
        if !keys.at.is_empty() && !keys.at.starts_with('/') {
            return Err(Words::new(
                format!("`{}` is no JSON pointer: it begins with /", keys.at),
                format!("`{}` は JSON ポインターではありません: / で始めてください", keys.at),
            ));
        }
        let pattern = keys
            .matches
            .map(|Pattern(text)| Regex::new(&text))
            .transpose()
            .map_err(|error| Words::same(error.to_string()))?;
        let given = [
            keys.equals.map(Must::Equal),
            keys.above.map(Must::Above),
            keys.below.map(Must::Below),
            keys.exists.map(Must::Exist),
            pattern.map(Must::Match),
        ];
        let mut given = given.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(must), None) => Ok(Self { at: keys.at, must }),
            _ => Err(Words::new(
                format!("`{}` needs exactly one of `equals`, `above`, `below`, `exists`, `matches`", keys.at),
                format!("`{}` には `equals`、`above`、`below`、`exists`、`matches` のどれか一つが必要です", keys.at),
            )),
        }
    }

    /// What is wrong with a value; `None` if it is well.
    fn wrong(&self, whole: &Json) -> Option<Words> {
        let at = if self.at.is_empty() { "/" } else { &self.at };
        let value = match (whole.pointer(&self.at), &self.must) {
            (found, Must::Exist(wanted)) => {
                return (found.is_some() != *wanted).then(|| match wanted {
                    true => Words::new(format!("nothing at {at}"), format!("{at} に何もありません")),
                    false => Words::new(format!("{at} must not be there"), format!("{at} があってはなりません")),
                });
            }
            (None, _) => return Some(Words::new(format!("nothing at {at}"), format!("{at} に何もありません"))),
            (Some(value), _) => value,
        };
        let (fits, en, ja) = match &self.must {
            Must::Equal(wanted) => {
                (is_equal(value, wanted), format!("not {wanted}"), format!("{wanted} ではありません"))
            }
            Must::Above(limit) => (
                value.as_f64().is_some_and(|v| v > *limit),
                format!("not above {}", number(*limit)),
                format!("{} を超えていません", number(*limit)),
            ),
            Must::Below(limit) => (
                value.as_f64().is_some_and(|v| v < *limit),
                format!("not below {}", number(*limit)),
                format!("{} を下回っていません", number(*limit)),
            ),
            Must::Match(pattern) => (
                value.as_str().is_some_and(|text| pattern.is_match(text)),
                format!("no match of `{pattern}`"),
                format!("`{pattern}` に合いません"),
            ),
            Must::Exist(_) => return None,
        };
        let shown: String = value.to_string().chars().take(120).collect();
        (!fits).then(|| Words::new(format!("{at} is {shown}, {en}"), format!("{at} は {shown} で、{ja}")))
    }
}

/// `1` and `1.0` are the same number.
fn is_equal(a: &Json, b: &Json) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

#[derive(Debug)]
struct Exec {
    status: i32,
    json: Vec<Check>,
}

impl Guard for Exec {
    fn needs(&self) -> Vec<Need> {
        vec![Need::Answer]
    }

    fn judge(&self, view: &View<'_>) -> Result<Judgement, Blind> {
        let answer = view.answer()?;
        let place = || Place::Source { name: view.source().to_owned() };
        let mut judgement = Judgement::default();
        if answer.status != self.status {
            let what = Words::new(
                format!("exit status {}, not {}", answer.status, self.status),
                format!("終了ステータスが {} です（{} のはずです）", answer.status, self.status),
            );
            judgement.findings.push(Finding::new(what, place()).since(answer.at_ms));
        }
        if self.json.is_empty() {
            return Ok(judgement);
        }
        let Some(json) = answer.json() else {
            judgement.blind = Some(Blind::broken(Words::new(
                format!("`{}` did not answer in JSON", view.source()),
                format!("`{}` の応答が JSON ではありません", view.source()),
            )));
            return Ok(judgement);
        };
        let wrong = self.json.iter().filter_map(|check| check.wrong(&json));
        judgement.findings.extend(wrong.map(|what| Finding::new(what, place()).since(answer.at_ms)));
        Ok(judgement)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wrong(check: Json, whole: &Json) -> Option<String> {
        let keys: CheckKeys = serde_json::from_value(check).unwrap();
        Check::new(keys).unwrap().wrong(whole).map(|words| words.en)
    }

    #[test]
    fn each_condition_says_what_is_wrong() {
        let whole = json!({"n": 3, "name": "a", "paths": {"/srv/icons": {"files": 0}}});
        assert_eq!(wrong(json!({"at": "/n", "equals": 3.0}), &whole), None);
        assert_eq!(wrong(json!({"at": "/n", "below": 3}), &whole).unwrap(), "/n is 3, not below 3");
        assert_eq!(
            wrong(json!({"at": "/paths/~1srv~1icons/files", "above": 0}), &whole).unwrap(),
            "/paths/~1srv~1icons/files is 0, not above 0"
        );
        assert_eq!(wrong(json!({"at": "/none", "equals": 0}), &whole).unwrap(), "nothing at /none");
        assert_eq!(wrong(json!({"at": "/none", "exists": false}), &whole), None);
        assert_eq!(wrong(json!({"at": "/name", "matches": "^b"}), &whole).unwrap(), "/name is \"a\", no match of `^b`");
    }
}
