//! Types that the parser crate lets pass although Prometheus refuses them.

use super::ast::{AggregateOp, Kind, Node, Type};

/// # Errors
/// The place and the message of the first wrong type.
pub(crate) fn check(node: &Node) -> Result<(), (usize, String)> {
    let own = match &node.kind {
        Kind::Call(call) => match (call.name, call.args.first()) {
            ("exp" | "ln" | "log2" | "log10", Some(arg)) => expect(arg, Type::Vector),
            _ => Ok(()),
        },
        Kind::Aggregate(aggregate) => match (&aggregate.param, aggregate.op) {
            (Some(param), AggregateOp::CountValues) => expect(param, Type::Text),
            (Some(param), _) => expect(param, Type::Scalar),
            (None, _) => Ok(()),
        },
        _ => Ok(()),
    };
    own?;
    node.children().into_iter().try_for_each(check)
}

fn expect(node: &Node, wanted: Type) -> Result<(), (usize, String)> {
    if node.value_type() == wanted {
        return Ok(());
    }
    let message = match wanted {
        Type::Vector => "expected an instant vector",
        Type::Scalar => "expected a scalar",
        Type::Text => "expected a quoted text",
        Type::Matrix => "expected a range vector",
    };
    Err((node.at, message.to_owned()))
}
