//! A collector of traces: an HTTP server that takes what is exported, and reads it by the official definitions of OTLP.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

/// A request, as it came.
pub(crate) struct Heard {
    /// The first line: method, path and version.
    pub(crate) line: String,
    /// By their names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

pub(crate) struct Collector {
    address: SocketAddr,
    heard: Receiver<Heard>,
}

impl Collector {
    /// A collector that answers with these in turn, and then with 200.
    pub(crate) fn answering(statuses: Vec<u16>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port left");
        let address = listener.local_addr().expect("it is bound");
        let (tell, heard) = channel();
        let statuses = Arc::new(Mutex::new(statuses.into_iter()));
        // It goes with the test.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (tell, statuses) = (tell.clone(), Arc::clone(&statuses));
                thread::spawn(move || {
                    let next = || statuses.lock().expect("nobody panics with it").next();
                    serve(&stream, &tell, || next().unwrap_or(200));
                });
            }
        });
        Self { address, heard }
    }

    pub(crate) fn new() -> Self {
        Self::answering(Vec::new())
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What comes next.
    pub(crate) fn next(&self) -> Heard {
        self.heard.recv().expect("the collector goes with the test")
    }

    /// All that came so far. A program that has ended has sent what it had.
    pub(crate) fn requests(&self) -> Vec<Heard> {
        self.heard.try_iter().collect()
    }

    /// All spans that came so far.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let requests = self.requests();
        let decoded = requests.iter().map(|heard| heard.decoded());
        let resources = decoded.flat_map(|request| request.resource_spans);
        let scopes = resources.flat_map(|resource| resource.scope_spans);
        scopes.flat_map(|scope| scope.spans).collect()
    }
}

impl Heard {
    pub(crate) fn decoded(&self) -> ExportTraceServiceRequest {
        ExportTraceServiceRequest::decode(&self.body[..]).expect("it is what OTLP says")
    }
}

fn serve(stream: &TcpStream, tell: &Sender<Heard>, status: impl Fn() -> u16) {
    let mut reader = BufReader::new(stream);
    while let Some(heard) = request(&mut reader) {
        let _ = tell.send(heard);
        let answer = format!("HTTP/1.1 {} As told\r\ncontent-length: 0\r\n\r\n", status());
        let mut writer = stream;
        if writer.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn request(reader: &mut impl BufRead) -> Option<Heard> {
    let mut next = || {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        Some(line.trim_end().to_owned())
    };
    let line = next().filter(|line| !line.is_empty())?;
    let mut headers = BTreeMap::new();
    while let Some(header) = next().filter(|line| !line.is_empty()) {
        let (name, value) = header.split_once(": ").expect("a header has a value");
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").expect("the length is known");
    let mut body = vec![0; length.parse().expect("it is a number")];
    reader.read_exact(&mut body).ok()?;
    Some(Heard { line, headers, body })
}

/// An attribute, as text.
pub(crate) fn value(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Any::StringValue(text) => Some(text.clone()),
        Any::IntValue(number) => Some(number.to_string()),
        Any::BoolValue(is_so) => Some(is_so.to_string()),
        other => panic!("`{key}` is {other:?}"),
    }
}
