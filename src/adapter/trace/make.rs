//! The messages of OTLP, made from what a run has on record.

use jiff::Timestamp;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::span::{Event, SpanKind};
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{Span as Made, SpanFlags, Status};
use serde::Serialize;
use serde_json::Value;

use super::{Span, Trace};

/// A span that begins; the call of the program has the caller's as its parent.
pub(super) fn begun(
    trace: &Trace,
    span: Span<'_>,
    parent: Option<Span<'_>>,
    name: &str,
    at: Timestamp,
) -> Made {
    let is_remote = parent.is_none() && trace.parent.is_some();
    let remote = if is_remote {
        SpanFlags::ContextIsRemoteMask as u32
    } else {
        0
    };
    let above = parent.map(|parent| trace.span(parent)).or(trace.parent);
    Made {
        trace_id: trace.id.to_vec(),
        span_id: trace.span(span).to_vec(),
        parent_span_id: above.map(|id| id.to_vec()).unwrap_or_default(),
        trace_state: trace.state.clone(),
        flags: u32::from(trace.flags) | SpanFlags::ContextHasIsRemoteMask as u32 | remote,
        name: name.to_owned(),
        // By the conventions a pipeline's run is served to whoever called for it; what happens in it is its own.
        kind: match span {
            Span::Call => SpanKind::Server,
            _ => SpanKind::Internal,
        } as i32,
        start_time_unix_nano: nanoseconds(at),
        ..Made::default()
    }
}

/// It has ended; `wrong` is what went wrong, in one word for machines and in words for people.
pub(super) fn ended(mut span: Made, at: Timestamp, more: &Value, wrong: Option<(&str, String)>) -> Made {
    span.end_time_unix_nano = nanoseconds(at);
    span.attributes.extend(attributes(more));
    if let Some((word, message)) = wrong {
        span.attributes
            .push(attribute("error.type", Any::StringValue(word.to_owned())));
        let code = StatusCode::Error as i32;
        span.status = Some(Status { message, code });
    }
    span
}

/// Something that happened meanwhile.
pub(super) fn event(name: &str, at: Timestamp, attributes: Vec<KeyValue>) -> Event {
    Event {
        time_unix_nano: nanoseconds(at),
        name: name.to_owned(),
        attributes,
        ..Event::default()
    }
}

/// The fields of an object as attributes, those of an object in it by `outer.inner`. What is `null` is left out.
pub(super) fn attributes(of: &Value) -> Vec<KeyValue> {
    let mut found = Vec::new();
    collect(of, "", &mut found);
    found
}

fn collect(value: &Value, name: &str, found: &mut Vec<KeyValue>) {
    let any = match value {
        Value::Null => return,
        Value::Object(fields) => {
            for (key, value) in fields {
                let dot = if name.is_empty() { "" } else { "." };
                collect(value, &format!("{name}{dot}{key}"), found);
            }
            return;
        }
        Value::Bool(is_so) => Any::BoolValue(*is_so),
        Value::String(text) => Any::StringValue(text.clone()),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Any::IntValue(whole),
            (None, Some(number)) => Any::DoubleValue(number),
            (None, None) => Any::StringValue(number.to_string()),
        },
        Value::Array(_) => Any::StringValue(value.to_string()),
    };
    found.push(attribute(name, any));
}

pub(super) fn attribute(key: &str, value: Any) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

/// The word that a record has for it.
pub(super) fn word(of: &impl Serialize) -> String {
    match serde_json::to_value(of) {
        Ok(Value::String(word)) => word,
        Ok(Value::Object(fields)) => fields.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

fn nanoseconds(at: Timestamp) -> u64 {
    // Nobody runs anything before 1970, or after 2554.
    u64::try_from(at.as_nanosecond()).unwrap_or_default()
}
