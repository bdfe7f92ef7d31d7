//! GitLab CI: sections of the job log.
//!
//! <https://docs.gitlab.com/ci/jobs/job_logs/#create-custom-collapsible-sections>
//!
//! A marker is known by the carriage return and the escape sequence in it. No line of a report has either: they are harmless.

use jiff::Timestamp;

/// Begins a section, folded. Its name may have letters, digits, `_`, `.` and `-` in it.
pub(super) fn begin(name: &str, title: &str, at: Timestamp) -> String {
    let (name, at) = (allowed(name), at.as_second());
    format!("\x1b[0Ksection_start:{at}:{name}[collapsed=true]\r\x1b[0K{title}\n")
}

/// Ends it.
pub(super) fn end(name: &str, at: Timestamp) -> String {
    let (name, at) = (allowed(name), at.as_second());
    format!("\x1b[0Ksection_end:{at}:{name}\r\x1b[0K\n")
}

fn allowed(name: &str) -> String {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    name.chars()
        .map(|c| if is_allowed(c) { c } else { '-' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_begins_and_ends_by_its_name() {
        let at = Timestamp::from_second(1_795_355_400).unwrap();
        assert_eq!(
            begin("run/1.a_b.3", "Do it · a_b", at),
            "\x1b[0Ksection_start:1795355400:run-1.a_b.3[collapsed=true]\r\x1b[0KDo it · a_b\n"
        );
        assert_eq!(
            end("run/1.a_b.3", at),
            "\x1b[0Ksection_end:1795355400:run-1.a_b.3\r\x1b[0K\n"
        );
    }
}
