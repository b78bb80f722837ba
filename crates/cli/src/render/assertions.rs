//! What assertions came to, for people.

use rbacform_core::plan::{AssertionResult, AssertionStatus};

use crate::assertions::chain_in_words;
use crate::render::text::{STRONG, count, safe, styled};

/// A section of a plan: how many hold, and each that does not.
pub(crate) fn section(all: &[AssertionResult]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let mut text = styled(STRONG, "\nAssertions\n");
    text.push_str(&format!("  {}\n", summary(all)));
    for result in all {
        let sign = match result.status {
            AssertionStatus::Pass => continue,
            AssertionStatus::Fail => "fails",
            AssertionStatus::CannotTell => "cannot tell",
        };
        text.push_str(&format!("  {sign}: {}\n", told(result)));
    }
    text
}

/// `3 assertions hold, 1 fails, 2 cannot be told here`.
pub(crate) fn summary(all: &[AssertionResult]) -> String {
    let number = |status| all.iter().filter(|result| result.status == status).count();
    let held = number(AssertionStatus::Pass);
    let mut parts = vec![count(held, "assertion holds", "assertions hold")];
    match number(AssertionStatus::Fail) {
        0 => {}
        failed => parts.push(count(failed, "fails", "fail")),
    }
    match number(AssertionStatus::CannotTell) {
        0 => {}
        untold => parts.push(format!("{untold} cannot be told here")),
    }
    parts.join(", ")
}

/// One that does not hold, with its place and what grants what must not be.
pub(crate) fn told(result: &AssertionResult) -> String {
    let mut text = format!(
        "{} ({}:{}): {}",
        safe(&result.name),
        safe(&result.file),
        result.line,
        safe(&result.message)
    );
    for via in result.via.iter().take(3) {
        text.push_str(&format!("\n    {}", safe(&chain_in_words(via))));
    }
    text
}
