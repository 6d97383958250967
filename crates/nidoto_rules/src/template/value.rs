//! The values of a template, and how Go shows them.

use std::collections::BTreeMap;
use std::rc::Rc;

use nidoto_promql::Labels;

use super::print::float;

/// A value within a template.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Rc<str>),
    /// `map[string]string`
    Labels(Rc<Labels>),
    /// One series of a query's answer.
    Sample(Rc<Sample>),
    Samples(Rc<[Rc<Sample>]>),
    /// What `args` makes.
    Map(Rc<BTreeMap<String, Value>>),
    /// The dot that a template begins with.
    Data,
}

/// One series of a query's answer.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub labels: Rc<Labels>,
    pub value: f64,
}

impl Value {
    pub(super) fn text(text: impl AsRef<str>) -> Self {
        Self::Text(text.as_ref().into())
    }

    /// Whether `if` and `with` take it for true: neither zero nor empty.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Labels(labels) => !labels.is_empty(),
            Self::Samples(samples) => !samples.is_empty(),
            Self::Map(map) => !map.is_empty(),
            Self::Sample(_) | Self::Data => true,
        }
    }

    /// The name of its type in Go.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Nil => "<nil>",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float64",
            Self::Text(_) => "string",
            Self::Labels(_) => "map[string]string",
            Self::Sample(_) => "*template.sample",
            Self::Samples(_) => "template.queryResult",
            Self::Map(_) => "map[string]interface {}",
            Self::Data => "struct",
        }
    }

    /// As Go's `%v` shows it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Nil => "<nil>".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Float(value) => float(*value, 'g', None),
            Self::Text(text) => text.to_string(),
            Self::Labels(labels) => {
                let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}:{value}")).collect();
                format!("map[{}]", pairs.join(" "))
            }
            Self::Map(map) => {
                let pairs: Vec<String> = map.iter().map(|(name, value)| format!("{name}:{}", value.shown())).collect();
                format!("map[{}]", pairs.join(" "))
            }
            Self::Sample(sample) => {
                format!("{{{} {}}}", Self::Labels(Rc::clone(&sample.labels)).shown(), float(sample.value, 'g', None))
            }
            Self::Samples(samples) => {
                let all: Vec<String> = samples.iter().map(|sample| Self::Sample(Rc::clone(sample)).shown()).collect();
                format!("[{}]", all.join(" "))
            }
            Self::Data => "{}".to_owned(),
        }
    }
}
