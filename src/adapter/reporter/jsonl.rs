use std::io::Write;

use crate::engine::Reporter;
use crate::model::{NodeId, Stream};
use crate::traverse::{Event, Owner, Record, Traversal};

use super::plain::PlainReporter;

/// Writes each record as a line of JSON, for programs. Output of commands is not among them: it is kept with the run. How the run ended
/// and goes on is told to people as well.
#[derive(Debug)]
pub struct JsonlReporter<W, E> {
    out: W,
    closing: PlainReporter<E>,
}

impl<W: Write, E: Write> JsonlReporter<W, E> {
    /// A reporter that writes to `out`, which is standard output outside tests; `closing` tells people how the run ended.
    pub fn new(out: W, closing: PlainReporter<E>) -> Self {
        Self { out, closing }
    }

    fn write(&mut self, record: &Record) {
        if let Ok(mut line) = serde_json::to_string(record) {
            line.push('\n');
            // A reader that went away does not end the run: the journal has it all.
            let _ = self
                .out
                .write_all(line.as_bytes())
                .and_then(|()| self.out.flush());
        }
    }
}

impl<W: Write, E: Write> Reporter for JsonlReporter<W, E> {
    fn record(&mut self, record: &Record, run: &Traversal) {
        self.write(record);
        if matches!(record.event, Event::RunEnded { .. }) {
            self.closing.record(record, run);
        }
    }

    fn output(&mut self, _node: &NodeId, _stream: Stream, _bytes: &[u8]) {}

    fn note(&mut self, _owner: &Owner, _text: &str) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::reporter::Style;
    use crate::adapter::reporter::record;
    use crate::traverse::Event;

    #[test]
    fn each_record_is_a_line() {
        let mut out = Vec::new();
        let style = Style {
            colour: false,
            unicode: true,
            width: 80,
        };
        let closing = PlainReporter::new(std::io::sink(), style, None, None);
        let mut reporter = JsonlReporter::new(&mut out, closing);
        reporter.write(&record(
            1,
            Event::Reached {
                node: "db_settled".into(),
            },
        ));
        reporter.write(&record(
            2,
            Event::Guarded {
                node: "note".into(),
                needed: true,
            },
        ));
        insta::assert_snapshot!(String::from_utf8_lossy(&out), @r#"
        {"v":1,"seq":1,"at":"2026-11-22T13:50:00Z","event":"reached","node":"db_settled"}
        {"v":1,"seq":2,"at":"2026-11-22T13:50:01Z","event":"guarded","node":"note","needed":true}
        "#);
    }
}
