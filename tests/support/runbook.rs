use std::sync::Arc;

use switchback::diagnostic::Severity;
use switchback::model::Runbook;
use switchback::source::Source as Text;
use switchback::traverse::{Identity, Person};

/// A runbook of this text, which must have no fault.
pub(crate) fn runbook(yaml: &str) -> Arc<Runbook> {
    let whole = format!("switchback: 1\nname: test\ntitle: Test\n{yaml}");
    let parsed =
        switchback::parse::runbook(&Text::new("test.yaml", &whole), &|path| Err(format!("no {path}")));
    assert!(parsed.diagnostics.is_empty(), "{:#?}", parsed.diagnostics);
    let runbook = parsed.value.expect("it has no findings");
    let mut findings = switchback::check::runbook(&runbook);
    findings.retain(|finding| finding.severity == Severity::Error);
    assert!(findings.is_empty(), "{findings:#?}");

    Arc::new(runbook)
}

pub(crate) fn ana() -> Person {
    Person {
        name: "ana".to_owned(),
        identity: Identity::Asserted,
    }
}
