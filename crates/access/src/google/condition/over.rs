//! Conditions that hold no longer, whatever is asked for and whenever.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators as op};

use super::times;

/// Whether an expression is false from a time on, in seconds since 1970: it asks for a time before
/// one that is past. Whatever is not of that form may hold some day.
pub(super) fn is_over(at: &IdedExpr, now: i64) -> bool {
    match &at.expr {
        Expr::Literal(LiteralValue::Boolean(is)) => !is.inner(),
        Expr::Call(call) => match (call.func_name.as_str(), call.args.as_slice()) {
            (op::LOGICAL_AND, [one, other]) => is_over(one, now) || is_over(other, now),
            (op::LOGICAL_OR, [one, other]) => is_over(one, now) && is_over(other, now),
            (op::LESS | op::LESS_EQUALS, [time, end])
            | (op::GREATER | op::GREATER_EQUALS, [end, time])
                if is_request_time(time) =>
            {
                // At that very second it may go either way.
                seconds(end).is_some_and(|end| end < now)
            }
            _ => false,
        },
        _ => false,
    }
}

fn is_request_time(at: &IdedExpr) -> bool {
    let Expr::Select(SelectExpr {
        operand,
        field,
        test: false,
    }) = &at.expr
    else {
        return false;
    };
    field == "time" && matches!(&operand.expr, Expr::Ident(name) if name == "request")
}

/// `timestamp("2027-07-01T00:00:00Z")`, in seconds since 1970.
fn seconds(at: &IdedExpr) -> Option<i64> {
    let Expr::Call(CallExpr {
        func_name, args, ..
    }) = &at.expr
    else {
        return None;
    };
    match (func_name.as_str(), args.as_slice()) {
        (
            "timestamp",
            [
                IdedExpr {
                    expr: Expr::Literal(LiteralValue::String(text)),
                    ..
                },
            ],
        ) => Some(times::timestamp(text.inner())?.as_second()),
        _ => None,
    }
}
