use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message;
use ureq::Agent;

use super::Target;
use super::make::attribute;

/// How many spans go at once.
const AT_ONCE: usize = 512;
/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(3);
/// How long is waited for the last one.
const END: Duration = Duration::from_secs(5);
/// How much of an answer is looked at.
const ANSWER_AT_MOST: u64 = 64 * 1024;

/// Sends spans, on a thread of its own: nobody waits for it before the end, and then not for long.
pub(super) struct Exporter {
    /// None once all is said.
    spans: Option<Sender<Span>>,
    outcome: Receiver<Result<(), String>>,
    /// When it is given up.
    until: Option<Instant>,
}

impl Exporter {
    pub(super) fn start(target: Target) -> Self {
        let (spans, ended) = mpsc::channel();
        let (tell, outcome) = mpsc::channel();
        let told = tell.clone();
        let work = move || {
            // Nobody waits any more if this took too long.
            let _ = tell.send(send_all(&target, &ended));
        };
        if let Err(error) = thread::Builder::new().name("trace".to_owned()).spawn(work) {
            let _ = told.send(Err(format!("no thread could be started: {error}")));
        }
        Self {
            spans: Some(spans),
            outcome,
            until: None,
        }
    }

    pub(super) fn send(&self, span: Span) {
        if let Some(spans) = &self.spans {
            let _ = spans.send(span);
        }
    }

    /// Nothing more comes: what is left is sent now.
    pub(super) fn close(&mut self) {
        self.spans = None;
        self.until.get_or_insert_with(|| Instant::now() + END);
    }

    /// Waits until all is sent.
    ///
    /// # Errors
    ///
    /// Why not all was.
    pub(super) fn finish(&mut self) -> Result<(), String> {
        self.close();
        let until = self.until.unwrap_or_else(Instant::now);
        match self
            .outcome
            .recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            Ok(outcome) => outcome,
            Err(RecvTimeoutError::Timeout) => Err(format!("no answer within {END:?}")),
            Err(RecvTimeoutError::Disconnected) => Err("it broke off".to_owned()),
        }
    }
}

/// Sends spans as they end. What could not be sent is tried again with the next, and a last time at the end.
fn send_all(target: &Target, ended: &Receiver<Span>) -> Result<(), String> {
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(concat!("switchback/", env!("CARGO_PKG_VERSION")))
        .timeout_global(Some(REQUEST))
        .build()
        .into();
    let mut unsent = Vec::new();
    while let Ok(first) = ended.recv() {
        unsent.push(first);
        let due = Instant::now() + target.every;
        loop {
            match ended.recv_timeout(due.saturating_duration_since(Instant::now())) {
                Ok(next) => unsent.push(next),
                // How it stands in the end counts.
                Err(RecvTimeoutError::Timeout) => {
                    let _ = send(&agent, target, &mut unsent);
                    break;
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    }
    send(&agent, target, &mut unsent)
}

/// Sends spans, and keeps those that were not taken.
fn send(agent: &Agent, target: &Target, unsent: &mut Vec<Span>) -> Result<(), String> {
    while !unsent.is_empty() {
        let count = unsent.len().min(AT_ONCE);
        let request = request(target, unsent[..count].to_vec());
        let mut call = agent
            .post(&target.endpoint)
            .content_type("application/x-protobuf");
        for (name, value) in &target.headers {
            call = call.header(name, value);
        }
        let mut answer = call
            .send(&request.encode_to_vec()[..])
            .map_err(|error| reason(&error))?;
        let status = answer.status();
        if !status.is_success() {
            return Err(format!("it was answered with HTTP {}", status.as_u16()));
        }
        unsent.drain(..count);
        let body = answer
            .body_mut()
            .with_config()
            .limit(ANSWER_AT_MOST)
            .read_to_vec();
        let response = ExportTraceServiceResponse::decode(&body.unwrap_or_default()[..]);
        if let Some(partial) = response.ok().and_then(|response| response.partial_success)
            && partial.rejected_spans > 0
        {
            return Err(format!(
                "{} spans were rejected: {}",
                partial.rejected_spans, partial.error_message
            ));
        }
    }
    Ok(())
}

fn request(target: &Target, spans: Vec<Span>) -> ExportTraceServiceRequest {
    let text = |(name, value): &(String, String)| attribute(name, Any::StringValue(value.clone()));
    let mut attributes: Vec<_> = target.resource.iter().map(text).collect();
    attributes.push(attribute("process.pid", Any::IntValue(std::process::id().into())));
    let resource = Resource {
        attributes,
        ..Resource::default()
    };
    let scope = InstrumentationScope {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    };
    let scope_spans = ScopeSpans {
        scope: Some(scope),
        spans,
        ..ScopeSpans::default()
    };
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(resource),
            scope_spans: vec![scope_spans],
            ..ResourceSpans::default()
        }],
    }
}

/// Why there was no answer, without the address and the headers, in which there can be secrets.
fn reason(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => format!("no answer within {REQUEST:?}"),
        ureq::Error::HostNotFound => "the host was not found".to_owned(),
        ureq::Error::Io(error) => format!("could not connect: {error}"),
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => "the address or a header is none".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_for_long() {
        // Who connects is never answered.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let target = Target {
            endpoint: format!("http://{}/", silent.local_addr().unwrap()),
            headers: Vec::new(),
            resource: Vec::new(),
            every: Duration::ZERO,
        };
        let mut exporter = Exporter::start(target);
        exporter.send(Span::default());
        exporter.close();
        exporter.until = Some(Instant::now());
        assert_eq!(exporter.finish(), Err("no answer within 5s".to_owned()));
    }
}
