//! A tree to text.

use std::rc::Rc;

use nidoto_core::Words;

use super::ast::{Base, Branch, Command, Node, Operand, Pipeline};
use super::parse::Parsed;
use super::value::{Sample, Value};
use super::{Context, Fault, functions};

/// A template may call itself: so deep and no deeper.
const CALLS_MAX: usize = 20;
/// More steps than this are an endless loop.
const STEPS_MAX: usize = 100_000;
/// A longer text is no annotation.
const OUTPUT_MAX: usize = 1 << 20;

pub(super) fn expand(parsed: &Parsed, context: &Context<'_>) -> Result<String, Fault> {
    let variables = [
        ("", Value::Data),
        ("labels", Value::Labels(Rc::new(context.labels.clone()))),
        ("externalLabels", Value::Labels(Rc::new(context.external_labels.clone()))),
        ("externalURL", Value::text(context.external_url)),
        ("value", Value::Float(context.value)),
    ];
    let mut state = State {
        parsed,
        context,
        variables: variables.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        out: String::new(),
        steps: 0,
        calls: 0,
    };
    state.nodes(&parsed.body, &Value::Data)?;
    Ok(state.out)
}

struct State<'s> {
    parsed: &'s Parsed,
    context: &'s Context<'s>,
    variables: Vec<(String, Value)>,
    out: String,
    steps: usize,
    calls: usize,
}

/// How a list of nodes ended.
#[derive(Clone, Copy, PartialEq)]
enum Flow {
    On,
    Break,
    Continue,
}

impl<'s> State<'s> {
    fn nodes(&mut self, nodes: &'s [Node], dot: &Value) -> Result<Flow, Fault> {
        for node in nodes {
            let flow = self.node(node, dot)?;
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    fn node(&mut self, node: &'s Node, dot: &Value) -> Result<Flow, Fault> {
        match node {
            Node::Text(text) => self.write(text, 0)?,
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
            Node::Show(pipeline) => {
                let value = self.pipeline(pipeline, dot)?;
                if pipeline.variables.is_empty() {
                    let text = match value {
                        Value::Nil => "<no value>".to_owned(),
                        value => value.shown(),
                    };
                    self.write(&text, pipeline.commands.first().map_or(0, |command| command.at))?;
                }
            }
            Node::If(branch) | Node::With(branch) => {
                let known = self.variables.len();
                let value = self.pipeline(&branch.pipeline, dot)?;
                let inner = if matches!(node, Node::With(_)) { &value } else { dot };
                let flow = match value.is_true() {
                    true => self.nodes(&branch.body, inner)?,
                    false => self.nodes(&branch.otherwise, dot)?,
                };
                self.variables.truncate(known);
                return Ok(flow);
            }
            Node::Range(branch) => return self.range(branch, dot),
            Node::Call { name, with, at } => self.call(name, with.as_ref(), *at, dot)?,
        }
        Ok(Flow::On)
    }

    fn write(&mut self, text: &str, at: usize) -> Result<(), Fault> {
        if self.out.len() + text.len() > OUTPUT_MAX {
            return Err(Fault::new(at, Words::new("the text becomes too long", "出力が長すぎます")));
        }
        self.out += text;
        Ok(())
    }

    fn step(&mut self, at: usize) -> Result<(), Fault> {
        self.steps += 1;
        match self.steps > STEPS_MAX {
            true => Err(Fault::new(at, Words::new("this takes too many steps", "処理が多すぎます"))),
            false => Ok(()),
        }
    }

    fn range(&mut self, branch: &'s Branch, dot: &Value) -> Result<Flow, Fault> {
        let known = self.variables.len();
        let over = self.pipeline(&branch.pipeline, dot)?;
        self.variables.truncate(known);
        let at = branch.pipeline.commands.first().map_or(0, |command| command.at);
        let items: Vec<(Value, Value)> = match &over {
            Value::Nil => Vec::new(),
            Value::Samples(all) => {
                all.iter().enumerate().map(|(i, s)| (Value::Int(i as i64), Value::Sample(Rc::clone(s)))).collect()
            }
            Value::Labels(all) => all.iter().map(|(name, value)| (Value::text(name), Value::text(value))).collect(),
            Value::Map(all) => all.iter().map(|(name, value)| (Value::text(name), value.clone())).collect(),
            other => {
                let name = other.type_name();
                let what = Words::new(format!("range cannot go over {name}"), format!("{name} は range できません"));
                return Err(Fault::new(at, what));
            }
        };
        if items.is_empty() {
            return self.nodes(&branch.otherwise, dot);
        }
        for (key, item) in items {
            self.step(at)?;
            match branch.pipeline.variables.as_slice() {
                [one] => self.set(one, item.clone(), branch.pipeline.declares),
                [first, second, ..] => {
                    self.set(first, key, branch.pipeline.declares);
                    self.set(second, item.clone(), branch.pipeline.declares);
                }
                [] => {}
            }
            let flow = self.nodes(&branch.body, &item)?;
            self.variables.truncate(known);
            if flow == Flow::Break {
                break;
            }
        }
        Ok(Flow::On)
    }

    fn call(&mut self, name: &str, with: Option<&'s Pipeline>, at: usize, dot: &Value) -> Result<(), Fault> {
        self.step(at)?;
        let Some(nodes) = self.parsed.defined.get(name) else {
            let what = Words::new(format!("no template `{name}`"), format!("テンプレート `{name}` はありません"));
            return Err(Fault::new(at, what));
        };
        if self.calls >= CALLS_MAX {
            return Err(Fault::new(
                at,
                Words::new("templates call each other too deep", "テンプレートの呼び出しが深すぎます"),
            ));
        }
        let value = with.map(|pipeline| self.pipeline(pipeline, dot)).transpose()?.unwrap_or(Value::Nil);
        self.calls += 1;
        let outer = std::mem::replace(&mut self.variables, vec![(String::new(), value.clone())]);
        let result = self.nodes(nodes, &value);
        self.variables = outer;
        self.calls -= 1;
        result.map(drop)
    }

    fn set(&mut self, name: &str, value: Value, declares: bool) {
        match self.variables.iter_mut().rev().find(|(known, _)| known == name) {
            Some((_, known)) if !declares => *known = value,
            _ => self.variables.push((name.to_owned(), value)),
        }
    }

    fn pipeline(&mut self, pipeline: &'s Pipeline, dot: &Value) -> Result<Value, Fault> {
        let mut value = None;
        for command in &pipeline.commands {
            value = Some(self.command(command, value, dot)?);
        }
        let value = value.unwrap_or(Value::Nil);
        if let [name] = pipeline.variables.as_slice() {
            self.set(name, value.clone(), pipeline.declares);
        }
        Ok(value)
    }

    fn command(&mut self, command: &'s Command, piped: Option<Value>, dot: &Value) -> Result<Value, Fault> {
        self.step(command.at)?;
        let (first, rest) = command.operands.split_first().ok_or_else(|| no_function(command.at))?;
        match &first.base {
            Base::Function(name) if first.fields.is_empty() => self.function(name, first.at, rest, piped, dot),
            _ if rest.is_empty() && piped.is_none() => self.operand(first, dot),
            _ => Err(no_function(first.at)),
        }
    }

    fn function(
        &mut self,
        name: &str,
        at: usize,
        operands: &'s [Operand],
        piped: Option<Value>,
        dot: &Value,
    ) -> Result<Value, Fault> {
        if name == "and" || name == "or" {
            return self.logic(name == "or", operands, piped, at, dot);
        }
        let mut args = Vec::with_capacity(operands.len() + 1);
        for operand in operands {
            args.push(self.operand(operand, dot)?);
        }
        args.extend(piped);
        functions::call(name, &args, self.context).map_err(|what| Fault::new(at, what))
    }

    /// The first argument that decides, else the last one.
    fn logic(
        &mut self,
        wanted: bool,
        operands: &'s [Operand],
        piped: Option<Value>,
        at: usize,
        dot: &Value,
    ) -> Result<Value, Fault> {
        let mut last = None;
        for operand in operands {
            let value = self.operand(operand, dot)?;
            if value.is_true() == wanted {
                return Ok(value);
            }
            last = Some(value);
        }
        let none = || Fault::new(at, Words::new("an argument is missing", "引数がありません"));
        piped.or(last).ok_or_else(none)
    }

    fn operand(&mut self, operand: &'s Operand, dot: &Value) -> Result<Value, Fault> {
        let mut value = match &operand.base {
            Base::Dot => dot.clone(),
            Base::Nil => Value::Nil,
            Base::Bool(value) => Value::Bool(*value),
            Base::Int(value) => Value::Int(*value),
            Base::Float(value) => Value::Float(*value),
            Base::Text(text) => Value::text(text),
            Base::Variable(name) => {
                let known = self.variables.iter().rev().find(|(known, _)| known == name);
                known.map_or(Value::Nil, |(_, value)| value.clone())
            }
            Base::Function(name) => self.function(name, operand.at, &[], None, dot)?,
            Base::Group(pipeline) => self.pipeline(pipeline, dot)?,
        };
        for field in &operand.fields {
            value = self.field(&value, field, operand.at)?;
        }
        Ok(value)
    }

    fn field(&self, value: &Value, name: &str, at: usize) -> Result<Value, Fault> {
        let context = self.context;
        match (value, name) {
            (Value::Labels(labels), name) => Ok(Value::text(labels.get(name))),
            (Value::Map(map), name) => Ok(map.get(name).cloned().unwrap_or(Value::Nil)),
            (Value::Sample(sample), "Labels") => Ok(Value::Labels(Rc::clone(&sample.labels))),
            (Value::Sample(sample), "Value") => Ok(Value::Float(Sample::clone(sample).value)),
            (Value::Data, "Labels") => Ok(Value::Labels(Rc::new(context.labels.clone()))),
            (Value::Data, "ExternalLabels") => Ok(Value::Labels(Rc::new(context.external_labels.clone()))),
            (Value::Data, "ExternalURL") => Ok(Value::text(context.external_url)),
            (Value::Data, "Value") => Ok(Value::Float(context.value)),
            (other, name) => {
                let of = other.type_name();
                Err(Fault::new(
                    at,
                    Words::new(format!("there is no `.{name}` in {of}"), format!("{of} に `.{name}` はありません")),
                ))
            }
        }
    }
}

fn no_function(at: usize) -> Fault {
    Fault::new(at, Words::new("this is no function and takes no argument", "関数ではないので引数を取れません"))
}
