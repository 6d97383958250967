//! What a template is made of.

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Text(String),
    /// `{{ pipeline }}`; shows nothing if it only sets a variable.
    Show(Pipeline),
    If(Branch),
    With(Branch),
    Range(Branch),
    /// `{{ template "name" pipeline }}`
    Call {
        name: String,
        with: Option<Pipeline>,
        at: usize,
    },
    Break,
    Continue,
}

/// `if`, `with` and `range`: `else if` is an `else` that holds nothing but an `if`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Branch {
    pub pipeline: Pipeline,
    pub body: Vec<Node>,
    pub otherwise: Vec<Node>,
}

/// Commands, each given the result of the one before as its last argument.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pipeline {
    /// The variables that are set to its result; of `range` there may be two.
    pub variables: Vec<String>,
    /// True for `:=`, false for `=`.
    pub declares: bool,
    pub commands: Vec<Command>,
}

/// A function and its arguments, or a value alone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Command {
    pub operands: Vec<Operand>,
    pub at: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Operand {
    pub base: Base,
    /// `.a.b` behind it.
    pub fields: Vec<String>,
    pub at: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Base {
    Dot,
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Variable(String),
    Function(String),
    Group(Box<Pipeline>),
}

impl Branch {
    fn bodies(&self) -> impl Iterator<Item = &Node> {
        self.body.iter().chain(&self.otherwise)
    }
}

/// Visits every operand of nodes.
pub(super) fn visit<'n>(nodes: impl IntoIterator<Item = &'n Node>, see: &mut dyn FnMut(&'n Command, &'n Operand)) {
    for node in nodes {
        match node {
            Node::Text(_) | Node::Break | Node::Continue => {}
            Node::Show(pipeline) => visit_pipeline(pipeline, see),
            Node::If(branch) | Node::With(branch) | Node::Range(branch) => {
                visit_pipeline(&branch.pipeline, see);
                visit(branch.bodies(), see);
            }
            Node::Call { with, .. } => with.iter().for_each(|pipeline| visit_pipeline(pipeline, see)),
        }
    }
}

fn visit_pipeline<'n>(pipeline: &'n Pipeline, see: &mut dyn FnMut(&'n Command, &'n Operand)) {
    for command in &pipeline.commands {
        for operand in &command.operands {
            see(command, operand);
            if let Base::Group(inner) = &operand.base {
                visit_pipeline(inner, see);
            }
        }
    }
}
