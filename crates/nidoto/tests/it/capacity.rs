//! `nidoto capacity`: over how long a push must be spread, learnt from the journal.

use crate::support::repository;
use crate::support::root::{Run, TestRoot};

const CPU: &str = "aws_rds_cpuutilization_average{dbinstance_identifier=\"walk-prod\"}";

fn ask(arguments: &[&str]) -> Run {
    let root = repository().join("examples/outages");
    let fixed = ["capacity", "-C", root.to_str().unwrap(), "--lang", "en", "--query", CPU];
    TestRoot::empty().nidoto(&[&fixed, arguments].concat())
}

#[test]
fn past_pushes_tell_how_long_the_next_one_takes() {
    let fixed = ["--on", "2021-02-06-too-many-connections/fixed", "--size", "120000"];
    let run = ask(&[&fixed[..], &["--below", "45"]].concat()).exits(0);
    insta::assert_snapshot!("capacity", run.stdout);
    let json = ask(&[&fixed[..], &["--below", "45", "--format", "json"]].concat()).exits(0).json();
    assert_eq!(json["pushes"].as_array().unwrap().len(), 3);
    let minutes = |name: &str| json["minutes"][name].as_f64().unwrap();
    assert!(0.0 < minutes("low") && minutes("low") <= minutes("mid") && minutes("mid") <= minutes("high"), "{json}");
    let fast = ask(&[&fixed[..], &["--below", "80"]].concat()).exits(0);
    assert!(fast.stdout.contains("! no past push went faster than 12300 a minute"), "{}", fast.said());
    // A plan that is too short, and a limit that these hours alone reach.
    ask(&[&fixed[..], &["--below", "45", "--over", "1m"]].concat()).exits(1);
    ask(&[&fixed[..], &["--below", "45", "--over", "4h"]].concat()).exits(0);
    let never = ask(&[&fixed[..], &["--below", "20"]].concat()).exits(1);
    assert!(never.stdout.contains("these hours alone may reach it"), "{}", never.said());
}

#[test]
fn too_little_past_is_blind() {
    let fixed = ["--on", "2021-02-06-too-many-connections/fixed", "--size", "120000", "--below", "45"];
    let few = ask(&[&fixed[..], &["--since", "2021-02-25"]].concat()).exits(2);
    assert!(few.stderr.contains("2 pushes with a size and samples: at least 3 are needed"), "{}", few.said());
    let none = ask(&[&fixed[..], &["--after", "deploy"]].concat()).exits(2);
    assert!(none.stderr.contains("0 pushes with a size"), "{}", none.said());
    let twins = ask(&["--on", "2021-02-06-too-many-connections", "--size", "0", "--below", "45"]).exits(2);
    assert!(twins.stderr.contains("--size"), "{}", twins.said());
}
