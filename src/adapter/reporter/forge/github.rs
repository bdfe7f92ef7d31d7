//! GitHub Actions: workflow commands, one a line.
//!
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>

use std::borrow::Cow;

use memchr::memmem;

use super::remarks::{Level, Remark};

/// A workflow command, with the end of its line. Neither the properties nor the text can end it before its time.
pub fn workflow_command(name: &str, properties: &[(&str, &str)], text: &str) -> String {
    let properties: Vec<String> = properties
        .iter()
        .map(|(name, value)| format!("{name}={}", property(value)))
        .collect();
    let space = if properties.is_empty() { "" } else { " " };
    format!("::{name}{space}{}::{}\n", properties.join(","), data(text))
}

/// A text as it stands after the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text as it stands as the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Begins a group, which ends before the next: groups do not stand within each other.
pub(super) fn begin(title: &str) -> String {
    workflow_command("group", &[], title)
}

/// Ends it.
pub(super) fn end() -> String {
    workflow_command("endgroup", &[], "")
}

/// A remark as an annotation of the job.
pub(super) fn annotation(remark: &Remark) -> String {
    let level = match remark.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "notice",
    };
    workflow_command(level, &[("title", &remark.title)], &remark.text)
}

/// Whole lines in which nothing is a command. The runner takes `::` for one at the beginning of a line, after blanks of any kind, and the
/// older `##[` wherever it stands.
pub(super) fn tame(text: &str) -> Cow<'_, str> {
    let begins = |line: &str| line.trim_start().starts_with("::");
    if memmem::find(text.as_bytes(), b"##[").is_none() && !text.split('\n').any(begins) {
        return Cow::Borrowed(text);
    }
    let lines = text.split('\n').map(|line| match begins(line) {
        true => Cow::Owned(line.replacen("::", ": :", 1)),
        false => Cow::Borrowed(line),
    });
    Cow::Owned(lines.collect::<Vec<_>>().join("\n").replace("##[", "# #["))
}

/// The same of lines of JSON, which say the same to who reads JSON: there it can only be in a text.
pub(super) fn tame_json(text: &str) -> Cow<'_, str> {
    match memmem::find(text.as_bytes(), b"##[") {
        Some(_) => Cow::Owned(text.replace("##[", "#\\u0023[")),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_property_or_the_line_before_its_time() {
        assert_eq!(
            workflow_command(
                "error",
                &[("file", "a,b:c%\n"), ("line", "1")],
                "100%\r\n::error::a,b"
            ),
            "::error file=a%2Cb%3Ac%25%0A,line=1::100%25%0D%0A::error::a,b\n"
        );
        assert_eq!(begin("a: b"), "::group::a: b\n");
    }

    #[test]
    fn no_line_is_a_command() {
        for (text, expected) in [
            ("::add-mask::x\n", ": :add-mask::x\n"),
            ("a\n \t\u{a0}::error::x\n::y", "a\n \t\u{a0}: :error::x\n: :y"),
            ("[a] | ###[error]x ##[", "[a] | ## #[error]x # #["),
            ("[a] | a::b\n", "[a] | a::b\n"),
        ] {
            assert_eq!(tame(text), expected, "{text:?}");
        }
        let json = serde_json::json!({ "a": "##[error]###[" });
        let tamed = tame_json(&json.to_string()).into_owned();
        assert!(!tamed.contains("##["), "{tamed}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&tamed).unwrap(), json);
    }
}
