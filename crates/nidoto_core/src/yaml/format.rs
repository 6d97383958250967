//! Text that must mean something: a query, a pattern, a time, a zone. One table of formats serves
//! the check while reading and, as `format`, the JSON Schema for editors.

use std::borrow::Cow;

use jiff::tz::TimeZone;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::span::Span;
use crate::words::Words;

/// Why a text does not fit its format: what and mend.
pub(super) type Misfit = (Words, Words);

/// Checks a text against a named format. Unknown formats fit: other tools' formats are hints.
pub(super) fn misfit(format: &str, text: &str) -> Option<Misfit> {
    match format {
        "span" => text.parse::<Span>().err().map(|_| {
            (
                Words::new(format!("`{text}` is no duration"), format!("`{text}` は時間の長さではありません")),
                Words::new("write it like 30s, 10m, 1h30m, 7d", "30s, 10m, 1h30m, 7d のように書いてください"),
            )
        }),
        "promql" => query_misfit(text),
        "regex" => regex::Regex::new(text).err().map(|error| {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default().trim().to_owned();
            (
                Words::new(format!("`{text}` is no regular expression"), format!("`{text}` は正規表現ではありません")),
                Words::same(why),
            )
        }),
        "zone" => TimeZone::get(text).err().map(|_| {
            (
                Words::new(format!("`{text}` is no time zone"), format!("`{text}` というタイムゾーンはありません")),
                Words::new("use an IANA name such as Asia/Tokyo", "Asia/Tokyo のような IANA 名で書いてください"),
            )
        }),
        "time" if crate::when::parse(text, &TimeZone::UTC).is_none() => Some((
            Words::new(format!("`{text}` is no time"), format!("`{text}` は日時ではありません")),
            Words::new("write it like 2021-02-06T16:55:00+09:00", "2021-02-06T16:55:00+09:00 のように書いてください"),
        )),
        _ => None,
    }
}

fn query_misfit(text: &str) -> Option<Misfit> {
    let expr = match nidoto_promql::Expr::parse(text) {
        Ok(expr) => expr,
        Err(error) => {
            return Some((
                Words::new(
                    format!("`{text}` is no PromQL: {error}"),
                    format!("`{text}` は PromQL ではありません: {error}"),
                ),
                Words::new("try it with `nidoto query`", "`nidoto query` で試せます"),
            ));
        }
    };
    expr.selectors(&nidoto_promql::Options::default()).iter().any(nidoto_promql::Selection::peeks).then(|| {
        (
            Words::new(
                format!("`{text}` looks at samples later than the instant it is asked about"),
                format!("`{text}` は問われた時点より後のサンプルを見ます"),
            ),
            Words::new(
                "a guard may not: leave out `@` and negative offsets",
                "ガードでは `@` と負の offset は使えません",
            ),
        )
    })
}

macro_rules! text_formats {
    ($($(#[$doc:meta])* $name:ident = $format:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn inline_schema() -> bool {
                true
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "format": $format })
            }
        }
    )*};
}

text_formats! {
    /// A PromQL expression that looks at nothing later than its instant.
    Query = "promql";
    /// A regular expression (crate `regex`).
    Pattern = "regex";
    /// A point in time, RFC 3339 or local.
    Time = "time";
    /// An IANA time zone.
    Zone = "zone";
}
