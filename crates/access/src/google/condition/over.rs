//! Conditions about the time alone: when they hold, and which hold no longer, whatever is asked for.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators as op};

use super::times;
use crate::google::Window;

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

/// When an expression holds that asks for nothing but times to be before or after some others, all of
/// them. None where it asks for anything else.
pub(super) fn window(at: &IdedExpr) -> Option<Window> {
    let Expr::Call(call) = &at.expr else {
        return None;
    };
    let [one, other] = call.args.as_slice() else {
        return None;
    };
    // Which of both sides is later.
    let (before, after) = match call.func_name.as_str() {
        op::LOGICAL_AND => return Some(window(one)?.and(window(other)?)),
        op::LESS | op::LESS_EQUALS => (one, other),
        op::GREATER | op::GREATER_EQUALS => (other, one),
        _ => return None,
    };
    match (is_request_time(before), is_request_time(after)) {
        (true, false) => Some(Window::until(seconds(after)?)),
        (false, true) => Some(Window::from(seconds(before)?)),
        _ => None,
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
