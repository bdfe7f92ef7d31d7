//! What is told in the words of CDEvents, as a CloudEvent over HTTP in binary mode: the attributes are headers, the event is the body.
//!
//! <https://github.com/cdevents/spec/blob/v0.5.1/cloudevents-binding.md>

use serde_json::{Map, Value, json};

use crate::model::{CdEvent, CdEventKind};

use super::message::End;

/// The version of the specification that is spoken.
const SPEC: &str = "0.5.1";

/// An event, and the headers that belong to it.
///
/// # Errors
///
/// Which of its texts came to nothing, though the specification wants something there.
pub(super) fn event(
    event: &CdEvent<String>,
    end: &End<'_>,
    id: &str,
    data: &Map<String, Value>,
) -> Result<(Vec<(String, String)>, Value), String> {
    for (name, text) in [
        ("service", &event.service),
        ("environment", &event.environment),
        ("artifact", &event.artifact),
    ] {
        if text.trim().is_empty() {
            return Err(format!("the `{name}` of its event is empty"));
        }
    }
    let name = &end.run.runbook().name;
    let source = event
        .source
        .as_deref()
        .map(str::trim)
        .filter(|source| !source.is_empty());
    let source = source.map_or_else(|| format!("/switchback/{name}"), str::to_owned);
    let kind = match event.kind {
        CdEventKind::ServiceRolledBack => "dev.cdevents.service.rolledback.0.3.0",
    };
    let at = end.at.to_string();
    let subject = event.service.trim();
    let attributes = [
        ("ce-specversion", "1.0"),
        ("ce-id", id),
        ("ce-source", &source),
        ("ce-type", kind),
        ("ce-subject", subject),
        ("ce-time", &at),
    ];
    let headers = attributes.map(|(name, value)| (name.to_owned(), encoded(value)));
    let body = json!({
        "context": { "specversion": SPEC, "id": id, "source": source, "type": kind, "timestamp": at },
        "subject": {
            "id": subject,
            "content": { "environment": { "id": event.environment.trim() }, "artifactId": event.artifact.trim() },
        },
        "customData": { "run": end.run.id().0, "runbook": name, "state": end.state.as_str(), "data": data },
    });
    Ok((headers.to_vec(), body))
}

/// An attribute as it stands in a header: printable ASCII as it is, but for what has a meaning there.
///
/// <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#3132-http-header-values>
fn encoded(value: &str) -> String {
    value
        .bytes()
        .fold(String::with_capacity(value.len()), |mut out, byte| {
            if byte.is_ascii_graphic() && !matches!(byte, b'"' | b'%') {
                out.push(char::from(byte));
            } else {
                out.push_str(&format!("%{byte:02X}"));
            }
            out
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_can_stand_in_a_header() {
        assert_eq!(encoded("/shop/web-1"), "/shop/web-1");
        // The example of the binding.
        assert_eq!(encoded("Euro € 😀"), "Euro%20%E2%82%AC%20%F0%9F%98%80");
        assert_eq!(encoded("50% \"off\"\n"), "50%25%20%22off%22%0A");
    }
}
