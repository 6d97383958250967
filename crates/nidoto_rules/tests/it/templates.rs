//! Templates that cannot be read or filled in. What can is held to promtool.

use nidoto_core::Words;
use nidoto_promql::Labels;
use nidoto_rules::{Context, Template};
use proptest::prelude::*;

fn expand(text: &str) -> Result<String, String> {
    let template = Template::parse(text).map_err(|error| error.to_string())?;
    let labels = Labels::new([("__name__", "up"), ("job", "web"), ("instance", "web-1:9100")]);
    let query = |query: &str| match query {
        "up" => Ok(vec![(labels.clone(), 1.0)]),
        "none" => Ok(Vec::new()),
        other => Err(Words::same(format!("no answer to {other}"))),
    };
    let external = Labels::default();
    let context = Context {
        labels: &labels,
        value: 5.5,
        at_ms: 60_000,
        external_labels: &external,
        external_url: "",
        query: &query,
    };
    template.expand(&context).map_err(|error| error.to_string())
}

#[test]
fn errors_name_line_and_column() {
    let wrong = [
        "{{",
        "a\n{{ $labels.job",
        "{{ $x }}",
        "{{ toTime $value }}",
        "{{ humanise $value }}",
        "{{ if $value }}",
        "x {{ end }}",
        "{{ \"a }}",
        "{{ 1x }}",
        "{{ ( $value }}",
        "{{ $value | }}",
        "{{ $value.Foo }}",
        "{{ .Foo }}",
        "{{ eq $value 1 }}",
        "{{ first (query \"none\") }}",
        "\n  {{ query \"bad\" }}",
        "{{ toUpper $value }}",
        "{{ humanize $labels.job }}",
        "{{ range $value }}{{ end }}",
        "{{ define \"a\" }}{{ template \"a\" . }}{{ end }}{{ template \"a\" . }}",
        "{{ \"a\" 5 }}",
        "{{ break }}",
        "{{ reReplaceAll \"(\" \"\" \"a\" }}",
        "{{}}",
        "{{ /* a }}",
    ];
    let told: Vec<String> = wrong.iter().map(|text| format!("{text:?}: {}", expand(text).unwrap_err())).collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn what_a_template_reads_is_known() {
    for (text, only_labels) in [
        ("plain", true),
        ("{{ $labels.job | toUpper }}", true),
        ("{{ .Labels.job }}{{ $externalLabels.a }}", true),
        ("{{ $value }}", false),
        ("{{ .Value }}", false),
        ("{{ $.Value }}", false),
        ("{{ with . }}{{ .Value }}{{ end }}", false),
        ("{{ if eq $labels.job \"a\" }}{{ query \"up\" | len }}{{ end }}", false),
    ] {
        assert_eq!(Template::parse(text).unwrap().reads_labels_only(), only_labels, "{text}");
    }
    let asks =
        Template::parse("{{ with printf \"up{job='%s'}\" .Labels.job | query }}{{ . | first | value }}{{ end }}");
    assert_eq!(asks.unwrap().queries(), ["up{job='%s'}"]);
    assert_eq!(Template::parse("{{ print \"up\" }}").unwrap().queries(), [""; 0]);
}

#[test]
fn a_loop_is_left() {
    let text = "{{ range query \"up\" }}a{{ break }}b{{ end }}{{ range $labels }}{{ continue }}c{{ end }}{{ now }}";
    assert_eq!(expand(text).unwrap(), "a60");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(\\{\\{|\\}\\}|\\$labels|\\.Value|\\||\\(|\\)|if |else|end|range |with |\"|query|printf|:=|\\$x|[ -~]|あ|\\n){0,30}") {
        if let Err(error) = Template::parse(&text) {
            prop_assert!(error.byte <= text.len());
        }
        let _ = expand(&text);
    }
}
