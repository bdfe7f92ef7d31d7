use std::ffi::OsStr;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::adapter::process::{Environment, Surroundings};
use crate::model::NodeId;
use crate::traverse::RunId;

use super::Target;

/// Where the context of the trace stands, for us and for commands: <https://opentelemetry.io/docs/specs/otel/context/env-carriers/>.
const TRACEPARENT: &str = "TRACEPARENT";
const TRACESTATE: &str = "TRACESTATE";
/// The flag of a trace that is recorded.
const SAMPLED: u8 = 1;
/// The flag of a trace whose id is random. There are no others.
const RANDOM: u8 = 2;

/// The trace that a call of the program is part of, which is exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Where it goes.
    pub target: Target,
    /// Its id.
    pub id: [u8; 16],
    /// The span of whoever called the program.
    pub parent: Option<[u8; 8]>,
    /// What whoever called the program wants handed on.
    pub state: String,
    /// The flags of the trace, by which others know that it is recorded.
    pub flags: u8,
    run: RunId,
    /// The number of the first record of this call.
    call: u64,
}

/// A span of the trace, by what it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span<'a> {
    /// The call of the program.
    Call,
    /// A node.
    Node(&'a NodeId),
    /// An attempt at an action.
    Attempt(&'a NodeId, u32),
    /// An attempt to undo one.
    Undo(&'a NodeId, u32),
    /// What came to its end with the record of this number.
    Record(u64),
}

impl Trace {
    /// The trace of a call that goes on after the record of this number; none where nothing is exported.
    ///
    /// It is that of `TRACEPARENT`. Without one every call for the run has the same: a run that is resumed goes on in its trace.
    pub fn of(environment: &Environment, run: &RunId, last: u64) -> Option<Self> {
        let target = Target::of(environment).filter(|_| cfg!(feature = "otel"))?;
        let text = |name: &str| environment.get(OsStr::new(name))?.to_str();
        let trace = match text(TRACEPARENT).and_then(parent) {
            Some(parent) => Self {
                target,
                id: parent.trace,
                parent: Some(parent.span),
                state: text(TRACESTATE).unwrap_or_default().to_owned(),
                flags: parent.flags & (SAMPLED | RANDOM),
                run: run.clone(),
                call: last + 1,
            },
            None => Self {
                target,
                id: digest(&["trace", &run.0]),
                parent: None,
                state: String::new(),
                flags: SAMPLED,
                run: run.clone(),
                call: last + 1,
            },
        };
        // Whoever called decided against recording it.
        (trace.flags & SAMPLED != 0).then_some(trace)
    }

    /// The id of a span.
    pub fn span(&self, span: Span<'_>) -> [u8; 8] {
        let call = self.call.to_string();
        let id = |what: &str, name: &str, number: u64| {
            digest(&["span", &self.run.0, &call, what, name, &number.to_string()])
        };
        match span {
            Span::Call => id("call", "", 0),
            Span::Node(node) => id("node", node.as_str(), 0),
            Span::Attempt(node, attempt) => id("attempt", node.as_str(), attempt.into()),
            Span::Undo(node, attempt) => id("undo", node.as_str(), attempt.into()),
            Span::Record(seq) => id("record", "", seq),
        }
    }

    /// What commands inherit that are part of a span.
    pub fn surroundings(&self, of_all: &Surroundings, span: Span<'_>) -> Surroundings {
        let mut environment = Environment::clone(&of_all.environment);
        environment.insert(TRACEPARENT.into(), self.traceparent(span).into());
        if self.parent.is_none() {
            // It belongs to a `TRACEPARENT` that is none.
            environment.remove(OsStr::new(TRACESTATE));
        }
        Surroundings {
            folder: of_all.folder.clone(),
            environment: Arc::new(environment),
        }
    }

    fn traceparent(&self, span: Span<'_>) -> String {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        format!(
            "00-{}-{}-{:02x}",
            hex(&self.id),
            hex(&self.span(span)),
            self.flags
        )
    }
}

/// The first bytes of a digest over all of these.
fn digest<const N: usize>(parts: &[&str]) -> [u8; N] {
    let mut sha = Sha256::new();
    for part in ["switchback"].iter().chain(parts) {
        // No part has a NUL in it.
        sha.update(part);
        sha.update([0]);
    }
    let mut first = [0; N];
    first.copy_from_slice(&sha.finalize()[..N]);
    first
}

/// The context of whoever called the program.
struct Parent {
    trace: [u8; 16],
    span: [u8; 8],
    flags: u8,
}

/// Reads a `traceparent`, to the letter of <https://www.w3.org/TR/trace-context/#traceparent-header>.
fn parent(text: &str) -> Option<Parent> {
    let mut fields = text.split('-');
    let [version] = hex(fields.next()?)?;
    let trace = hex(fields.next()?)?;
    let span = hex(fields.next()?)?;
    let [flags] = hex(fields.next()?)?;
    // A later version may say more after these.
    let is_known = version != 0xff && (version != 0 || fields.next().is_none());
    (is_known && trace != [0; 16] && span != [0; 8]).then_some(Parent { trace, span, flags })
}

/// Bytes that are written in lower-case hexadecimal.
fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        let [high, low] = digits else { return None };
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

#[cfg(all(test, feature = "otel"))]
mod tests {
    use std::path::PathBuf;

    use super::*;

    const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn environment(variables: &[(&str, &str)]) -> Environment {
        let endpoint = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318")];
        let all = variables.iter().chain(&endpoint);
        all.map(|(name, value)| ((*name).into(), (*value).into()))
            .collect()
    }

    fn trace(variables: &[(&str, &str)], last: u64) -> Option<Trace> {
        Trace::of(
            &environment(variables),
            &RunId("20261122-135000-3f9a00".to_owned()),
            last,
        )
    }

    #[test]
    fn only_what_the_recommendation_allows_is_a_parent() {
        assert!(parent(GIVEN).is_some());
        assert!(
            parent(&GIVEN.replacen("00", "cc", 1)).is_some(),
            "a later version"
        );
        assert!(parent(&format!("{}-more", GIVEN.replacen("00", "cc", 1))).is_some());
        let wrong = [
            String::new(),
            format!(" {GIVEN}"),
            format!("{GIVEN}-more"),
            format!("{GIVEN}-"),
            GIVEN.to_uppercase(),
            GIVEN.replace("-01", "-1"),
            GIVEN.replace("-01", ""),
            GIVEN.replace("-01", "-0x"),
            GIVEN.replace("4736", "473"),
            GIVEN.replace("4736", "473g"),
            GIVEN.replacen("00", "ff", 1),
            GIVEN.replace("00f067aa0ba902b7", "0000000000000000"),
            GIVEN.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            GIVEN.replace("4bf92f3577b34da6", "4bf92f3577b34dä"),
        ];
        for text in wrong {
            assert!(parent(&text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_run_goes_on_in_its_trace_and_no_two_spans_have_one_id() {
        let (first, second) = (trace(&[], 0).unwrap(), trace(&[], 9).unwrap());
        assert_eq!(first.id, second.id);
        assert_eq!(first, trace(&[], 0).unwrap());
        let (a, b) = (NodeId::from("a"), NodeId::from("b"));
        let spans = [
            Span::Call,
            Span::Node(&a),
            Span::Node(&b),
            Span::Attempt(&a, 1),
            Span::Attempt(&a, 2),
            Span::Undo(&a, 1),
            Span::Record(1),
        ];
        let ids: std::collections::BTreeSet<[u8; 8]> = [&first, &second]
            .iter()
            .flat_map(|trace| spans.map(|span| trace.span(span)))
            .collect();
        assert_eq!(ids.len(), 2 * spans.len());
    }

    #[test]
    fn a_parent_is_taken_up_and_handed_on() {
        let trace = trace(&[("TRACEPARENT", GIVEN), ("TRACESTATE", "a=b")], 0).unwrap();
        assert_eq!(trace.state, "a=b");
        let handed = trace.traceparent(Span::Call);
        assert!(
            handed.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"),
            "{handed}"
        );
        assert!(!handed.contains("00f067aa0ba902b7"), "{handed}");
        let handed = parent(&handed).unwrap();
        assert_eq!((handed.span, handed.flags), (trace.span(Span::Call), SAMPLED));
        let of_later = self::trace(&[("TRACEPARENT", &GIVEN.replace("-01", "-ff"))], 0);
        assert_eq!(of_later.unwrap().flags, SAMPLED | RANDOM);
    }

    #[test]
    fn the_state_of_a_parent_that_is_none_is_not_handed_on() {
        for (given, kept) in [(GIVEN, Some("a=b")), ("00-x-y-01", None)] {
            let variables = [("TRACEPARENT", given), ("TRACESTATE", "a=b"), ("OTHER", "x")];
            let of_all = Surroundings {
                folder: PathBuf::new(),
                environment: environment(&variables).into(),
            };
            let trace = trace(&variables, 0).unwrap();
            let handed = trace.surroundings(&of_all, Span::Call).environment;
            let value = |name: &str| handed.get(OsStr::new(name)).and_then(|value| value.to_str());
            assert_eq!(value("TRACESTATE"), kept);
            assert_eq!(value("OTHER"), Some("x"));
            assert_ne!(value("TRACEPARENT"), Some(given));
        }
    }

    #[test]
    fn what_is_not_exported_is_no_trace() {
        let not_sampled = GIVEN.replace("-01", "-00");
        assert!(trace(&[("TRACEPARENT", &not_sampled)], 0).is_none());
        assert!(trace(&[("OTEL_SDK_DISABLED", "true")], 0).is_none());
    }
}
