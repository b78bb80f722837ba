//! Assertions as JUnit XML, for the test reports of CI systems.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use rbacform_core::plan::{AssertionResult, AssertionStatus};

use crate::assertions::chain_in_words;
use crate::failure::Failure;

/// One test case for each assertion. One that nobody can tell of is skipped.
pub(crate) fn report(stack: &str, all: &[AssertionResult]) -> Result<String, Failure> {
    let mut suite = TestSuite::new(stack);
    suite.add_test_cases(all.iter().map(|result| case(stack, result)));
    let mut report = Report::new("rbacform");
    report.add_test_suite(suite);
    let written = report.to_string();
    written.map_err(|error| Failure::bug(format!("the report cannot be written: {error}")))
}

fn case(stack: &str, result: &AssertionResult) -> TestCase {
    let status = match result.status {
        AssertionStatus::Pass => TestCaseStatus::success(),
        AssertionStatus::Fail => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type("assertion").set_message(&result.message);
            let mut lines = vec![format!("{}:{}", result.file, result.line)];
            lines.push(result.message.clone());
            lines.extend(result.via.iter().map(chain_in_words));
            status.set_description(lines.join("\n"));
            status
        }
        AssertionStatus::CannotTell => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(&result.message);
            status
        }
    };
    let mut case = TestCase::new(&result.name, status);
    case.set_classname(stack);
    case.extra
        .insert("file".into(), result.file.as_str().into());
    case.extra
        .insert("line".into(), result.line.to_string().into());
    case
}
