//! What came of all tests, as programs for continuous integration read it.

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::report::{Report, Tried};
use super::text;

/// One suite for each file of tests, one case for each case, and one with an error for what is not valid, lest it be missed; coverage has no
/// place in it.
pub(super) fn junit(report: &Report) -> Result<String, quick_junit::SerializeError> {
    let mut document = Document::new("switchback");
    for suite in &report.suites {
        let mut out = TestSuite::new(suite.test.display().to_string());
        out.add_test_cases(
            suite
                .cases
                .iter()
                .map(|tried| case(tried, &suite.runbook.display().to_string())),
        );
        document.add_test_suite(out);
    }
    for runbook in &report.invalid {
        let runbook = runbook.display().to_string();
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(format!(
            "it or its tests are not valid: `switchback check {runbook}` shows every fault"
        ));
        status.set_type("invalid");
        let mut out = TestSuite::new(runbook);
        out.add_test_case(TestCase::new("can be read", status));
        document.add_test_suite(out);
    }
    document.to_string()
}

fn case(tried: &Tried, runbook: &str) -> TestCase {
    let status = if tried.has_passed() {
        TestCaseStatus::success()
    } else {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        let keys = tried.differences.iter().map(|it| it.at.join("."));
        let unused = tried.unused.iter().map(|entry| entry.at.clone());
        let keys: Vec<String> = keys.chain(unused).collect();
        status.set_message(of_xml(&format!("not as expected: {}", keys.join(", "))));
        status.set_type("difference");
        status.set_description(of_xml(&text::differences(tried)));
        status
    };
    let mut out = TestCase::new(tried.case.as_str(), status);
    out.set_classname(runbook);
    out.set_time(tried.took);
    out
}

/// A text without the characters that XML 1.0 does not have.
fn of_xml(text: &str) -> String {
    let is_of_xml = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(is_of_xml).collect()
}
