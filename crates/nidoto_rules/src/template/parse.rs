//! Pieces to a tree.

use std::collections::BTreeMap;

use nidoto_core::Words;

use super::ast::{Base, Branch, Command, Node, Operand, Pipeline};
use super::lex::{Piece, Token, What, lex};
use super::{Fault, functions};

/// Deeper nesting is refused: the stack is finite.
const DEPTH_MAX: usize = 32;

/// A template and those that it defines.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parsed {
    pub body: Vec<Node>,
    pub defined: BTreeMap<String, Vec<Node>>,
}

/// The variables that Prometheus sets before a template begins.
pub(super) const VARIABLES: [&str; 5] = ["", "labels", "externalLabels", "externalURL", "value"];

pub(super) fn parse(text: &str) -> Result<Parsed, Fault> {
    let pieces = lex(text)?;
    let mut parser = Parser {
        pieces: pieces.into_iter().peekable(),
        variables: VARIABLES.map(str::to_owned).to_vec(),
        defined: BTreeMap::new(),
        ranges: 0,
        depth: 0,
    };
    let (body, end) = parser.nodes(true)?;
    match end {
        None => Ok(Parsed { body, defined: parser.defined }),
        Some((word, _, at)) => Err(stray(&word, at)),
    }
}

fn stray(word: &str, at: usize) -> Fault {
    Fault::new(
        at,
        Words::new(format!("`{word}` ends nothing here"), format!("この `{word}` に対応する始まりがありません")),
    )
}

struct Parser {
    pieces: std::iter::Peekable<std::vec::IntoIter<Piece>>,
    variables: Vec<String>,
    defined: BTreeMap<String, Vec<Node>>,
    ranges: usize,
    depth: usize,
}

/// What ended a list of nodes: `end` or `else`, the tokens behind it, its place.
type End = Option<(String, Vec<Token>, usize)>;

impl Parser {
    fn nodes(&mut self, is_top: bool) -> Result<(Vec<Node>, End), Fault> {
        let mut nodes = Vec::new();
        while let Some(piece) = self.pieces.next() {
            let (tokens, at) = match piece {
                Piece::Text(text) => {
                    nodes.push(Node::Text(text));
                    continue;
                }
                Piece::Action(tokens, at) => (tokens, at),
            };
            let word = match tokens.first().map(|token| &token.what) {
                Some(What::Word(word)) => word.clone(),
                _ => String::new(),
            };
            let rest = || tokens[1..].to_vec();
            match word.as_str() {
                "end" | "else" => return Ok((nodes, Some((word, rest(), at)))),
                "if" => nodes.push(Node::If(self.branch(rest(), at, false)?)),
                "with" => nodes.push(Node::With(self.branch(rest(), at, false)?)),
                "range" => nodes.push(Node::Range(self.branch(rest(), at, true)?)),
                "template" => nodes.push(self.call(&tokens[1..], at)?),
                "define" if is_top => self.define(&tokens[1..], at)?,
                "block" => nodes.push(self.block(&tokens[1..], at)?),
                "break" | "continue" if tokens.len() == 1 && self.ranges > 0 => {
                    nodes.push(if word == "break" { Node::Break } else { Node::Continue });
                }
                "define" | "break" | "continue" => return Err(stray(&word, at)),
                _ => nodes.push(Node::Show(self.pipeline(tokens, at, false)?)),
            }
        }
        Ok((nodes, None))
    }

    fn deeper(&mut self, at: usize) -> Result<(), Fault> {
        self.depth += 1;
        match self.depth > DEPTH_MAX {
            true => Err(Fault::new(at, Words::new("nested too deep", "入れ子が深すぎます"))),
            false => Ok(()),
        }
    }

    fn branch(&mut self, tokens: Vec<Token>, at: usize, is_range: bool) -> Result<Branch, Fault> {
        self.deeper(at)?;
        let known = self.variables.len();
        let pipeline = self.pipeline(tokens, at, is_range)?;
        self.ranges += usize::from(is_range);
        let (body, end) = self.nodes(false)?;
        self.ranges -= usize::from(is_range);
        let otherwise = match end {
            Some((word, rest, _)) if word == "end" && rest.is_empty() => Vec::new(),
            Some((word, rest, at)) if word == "else" => self.otherwise(&rest, at)?,
            Some((word, _, at)) => return Err(stray(&word, at)),
            None => return Err(unclosed(at)),
        };
        self.variables.truncate(known);
        self.depth -= 1;
        Ok(Branch { pipeline, body, otherwise })
    }

    /// Behind an `else`: nodes up to the `end`, or an `if` or `with` that shares it.
    fn otherwise(&mut self, rest: &[Token], at: usize) -> Result<Vec<Node>, Fault> {
        match rest.first().map(|token| &token.what) {
            None => {}
            Some(What::Word(word)) if word == "if" => {
                return Ok(vec![Node::If(self.branch(rest[1..].to_vec(), at, false)?)]);
            }
            Some(What::Word(word)) if word == "with" => {
                return Ok(vec![Node::With(self.branch(rest[1..].to_vec(), at, false)?)]);
            }
            Some(_) => return Err(stray("else", at)),
        }
        match self.nodes(false)? {
            (nodes, Some((word, rest, _))) if word == "end" && rest.is_empty() => Ok(nodes),
            (_, Some((word, _, at))) => Err(stray(&word, at)),
            (_, None) => Err(unclosed(at)),
        }
    }

    fn name(tokens: &[Token], at: usize) -> Result<String, Fault> {
        match tokens.first().map(|token| &token.what) {
            Some(What::Text(name)) => Ok(name.clone()),
            _ => {
                Err(Fault::new(at, Words::new("a quoted name is needed here", "ここには引用符で囲んだ名前が必要です")))
            }
        }
    }

    fn call(&mut self, tokens: &[Token], at: usize) -> Result<Node, Fault> {
        let name = Self::name(tokens, at)?;
        let rest = tokens[1..].to_vec();
        let with = (!rest.is_empty()).then(|| self.pipeline(rest, at, false)).transpose()?;
        Ok(Node::Call { name, with, at })
    }

    fn define(&mut self, tokens: &[Token], at: usize) -> Result<(), Fault> {
        let name = Self::name(tokens, at)?;
        // A defined template sees its argument only.
        let outer = std::mem::replace(&mut self.variables, vec![String::new()]);
        let (nodes, end) = self.nodes(false)?;
        self.variables = outer;
        match end {
            Some((word, _, _)) if word == "end" => {
                self.defined.insert(name, nodes);
                Ok(())
            }
            Some((word, _, at)) => Err(stray(&word, at)),
            None => Err(unclosed(at)),
        }
    }

    fn block(&mut self, tokens: &[Token], at: usize) -> Result<Node, Fault> {
        self.deeper(at)?;
        let call = self.call(tokens, at)?;
        self.define(tokens, at)?;
        self.depth -= 1;
        Ok(call)
    }

    fn pipeline(&mut self, tokens: Vec<Token>, at: usize, is_range: bool) -> Result<Pipeline, Fault> {
        let mut tokens = Tokens { rest: tokens.into_iter().peekable(), at };
        let pipeline = self.pipeline_of(&mut tokens, is_range)?;
        match tokens.rest.next() {
            None => Ok(pipeline),
            Some(token) => Err(unexpected(token.at)),
        }
    }

    fn pipeline_of(&mut self, tokens: &mut Tokens, is_range: bool) -> Result<Pipeline, Fault> {
        let (variables, declares) = self.declaration(tokens, is_range)?;
        let mut commands = vec![self.command(tokens)?];
        while tokens.take(&What::Pipe) {
            commands.push(self.command(tokens)?);
        }
        if declares {
            self.variables.extend(variables.iter().cloned());
        }
        Ok(Pipeline { variables, declares, commands })
    }

    /// `$x :=`, `$x =`, and of a range `$i, $x :=`.
    fn declaration(&self, tokens: &mut Tokens, is_range: bool) -> Result<(Vec<String>, bool), Fault> {
        let mut ahead = tokens.rest.clone();
        let mut names = Vec::new();
        while let (Some(Token { what: What::Variable(name), at }), next) = (ahead.next(), ahead.next()) {
            names.push(name.clone());
            match next.map(|token| token.what) {
                Some(What::Comma) if is_range && names.len() == 1 => {}
                Some(sign @ (What::Declare | What::Assign)) => {
                    let declares = sign == What::Declare;
                    if let Some(unknown) = names.iter().find(|name| !declares && !self.variables.contains(name)) {
                        return Err(unknown_variable(unknown, at));
                    }
                    tokens.rest = ahead;
                    return Ok((names, declares));
                }
                _ => break,
            }
        }
        Ok((Vec::new(), false))
    }

    fn command(&mut self, tokens: &mut Tokens) -> Result<Command, Fault> {
        let at = tokens.rest.peek().map_or(tokens.at, |token| token.at);
        let mut operands = Vec::new();
        while let Some(token) = tokens.rest.peek() {
            if matches!(token.what, What::Pipe | What::Close) {
                break;
            }
            operands.push(self.operand(tokens)?);
        }
        match operands.is_empty() {
            true => Err(Fault::new(at, Words::new("a value or function is missing here", "ここに値か関数が必要です"))),
            false => Ok(Command { operands, at }),
        }
    }

    fn operand(&mut self, tokens: &mut Tokens) -> Result<Operand, Fault> {
        let Some(Token { what, at }) = tokens.rest.next() else { return Err(unexpected(tokens.at)) };
        let mut fields = Vec::new();
        let base = match what {
            What::Dot => Base::Dot,
            What::Field { name, .. } => {
                fields.push(name);
                Base::Dot
            }
            What::Int(value) => Base::Int(value),
            What::Float(value) => Base::Float(value),
            What::Text(text) => Base::Text(text),
            What::Variable(name) if self.variables.contains(&name) => Base::Variable(name),
            What::Variable(name) => return Err(unknown_variable(&name, at)),
            What::Word(word) => match word.as_str() {
                "true" | "false" => Base::Bool(word == "true"),
                "nil" => Base::Nil,
                _ if functions::is_known(&word) => Base::Function(word),
                _ => return Err(unknown_function(&word, at)),
            },
            What::Open => {
                self.deeper(at)?;
                let inner = self.pipeline_of(tokens, false)?;
                if !tokens.take(&What::Close) {
                    return Err(Fault::new(at, Words::new("this `(` is not closed", "この `(` が閉じていません")));
                }
                self.depth -= 1;
                Base::Group(Box::new(inner))
            }
            _ => return Err(unexpected(at)),
        };
        while let Some(Token { what: What::Field { name, chained: true }, .. }) = tokens.rest.peek() {
            fields.push(name.clone());
            tokens.rest.next();
        }
        Ok(Operand { base, fields, at })
    }
}

struct Tokens {
    rest: std::iter::Peekable<std::vec::IntoIter<Token>>,
    at: usize,
}

impl Tokens {
    fn take(&mut self, wanted: &What) -> bool {
        self.rest.next_if(|token| token.what == *wanted).is_some()
    }
}

fn unexpected(at: usize) -> Fault {
    Fault::new(at, Words::new("this does not belong here", "ここには書けません"))
}

fn unclosed(at: usize) -> Fault {
    Fault::new(at, Words::new("this has no `{{ end }}`", "対応する `{{ end }}` がありません"))
}

fn unknown_variable(name: &str, at: usize) -> Fault {
    let what = Words::new(format!("no variable `${name}` here"), format!("`${name}` という変数はありません"));
    Fault::new(at, what)
}

fn unknown_function(name: &str, at: usize) -> Fault {
    let known = nidoto_core::diag::did_you_mean(name, functions::names());
    let (en, ja) = match known {
        Some(meant) => (format!(", did you mean `{meant}`?"), format!(" (`{meant}` のことですか?)")),
        None => (String::new(), String::new()),
    };
    let what = Words::new(
        format!("the function `{name}` is not supported{en}"),
        format!("関数 `{name}` には対応していません{ja}"),
    );
    Fault::new(at, what)
}
