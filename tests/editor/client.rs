//! A small editor: it starts a language server and speaks with it over its standard streams.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// Longer than anything takes: when it has passed, what is waited for does not come.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Client {
    server: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    settings: Value,
    folder: String,
    /// How many requests were made.
    requests: u64,
    /// How many documents were opened.
    opened: u64,
    /// What is marked in each document, by its address.
    published: HashMap<String, Vec<Value>>,
}

impl Client {
    /// Starts the server in a folder, with these settings for YAML.
    pub(crate) fn start(program: &Path, folder: &Path, settings: Value) -> Self {
        let mut server = Command::new(program)
            .arg("--stdio")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node is there");
        let to = server.stdin.take().expect("it is piped");
        let stdout = server.stdout.take().expect("it is piped");
        let (send, from) = channel();
        thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            while let Some(message) = message(&mut stdout) {
                if send.send(message).is_err() {
                    return;
                }
            }
        });
        let folder = format!("file://{}", folder.display());
        let mut client = Self {
            server,
            to,
            from,
            settings,
            folder,
            requests: 0,
            opened: 0,
            published: HashMap::new(),
        };
        client.greet();
        client
    }

    fn greet(&mut self) {
        let capabilities = json!({
            "textDocument": {
                "completion": { "completionItem": { "documentationFormat": ["markdown"], "snippetSupport": true } },
                "hover": { "contentFormat": ["markdown"] },
                "publishDiagnostics": {},
            },
            "workspace": { "configuration": true },
        });
        let folder = json!({ "uri": self.folder, "name": "folder" });
        let greeting = json!({
            "processId": std::process::id(),
            "rootUri": self.folder,
            "workspaceFolders": [folder],
            "capabilities": capabilities,
        });
        self.request("initialize", &greeting);
        self.send(&json!({ "method": "initialized", "params": {} }));
        let settings = json!({ "settings": { "yaml": self.settings } });
        self.send(&json!({ "method": "workspace/didChangeConfiguration", "params": settings }));
    }

    /// Opens a document as a new file of the folder, waits until the server has looked at it, and gives its address. It is not on the disk.
    pub(crate) fn open(&mut self, folder: &str, name: &str, text: &str) -> String {
        self.opened += 1;
        // No two have the same name: what is published is about this one.
        let uri = format!("{}/{folder}/{}-{name}", self.folder, self.opened);
        let document = json!({ "uri": uri, "languageId": "yaml", "version": 1, "text": text });
        self.send(&json!({ "method": "textDocument/didOpen", "params": { "textDocument": document } }));
        while !self.published.contains_key(&uri) {
            self.receive();
        }
        uri
    }

    /// What the server marks in a document.
    pub(crate) fn findings(&self, uri: &str) -> &[Value] {
        &self.published[uri]
    }

    /// The labels that it proposes at a place.
    pub(crate) fn completions(&mut self, uri: &str, line: usize, column: usize) -> Vec<String> {
        let place = place(uri, line, column);
        let answer = self.request("textDocument/completion", &place);
        let items = answer["items"].as_array().cloned().unwrap_or_default();
        items
            .iter()
            .filter_map(|item| item["label"].as_str())
            .map(str::to_owned)
            .collect()
    }

    /// What it says of what stands at a place, in Markdown.
    pub(crate) fn hover(&mut self, uri: &str, line: usize, column: usize) -> String {
        let place = place(uri, line, column);
        let answer = self.request("textDocument/hover", &place);
        answer["contents"]["value"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    fn request(&mut self, method: &str, params: &Value) -> Value {
        self.requests += 1;
        let id = self.requests;
        self.send(&json!({ "id": id, "method": method, "params": params }));
        loop {
            let mut message = self.receive();
            if message["method"].is_null() && message["id"] == id {
                return message["result"].take();
            }
        }
    }

    fn send(&mut self, message: &Value) {
        let mut message = message.clone();
        message["jsonrpc"] = json!("2.0");
        let text = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("the server reads");
        self.to.flush().expect("the server reads");
    }

    /// The next message. What it wants to know is answered, what it publishes is noted.
    fn receive(&mut self) -> Value {
        let message = self.from.recv_timeout(PATIENCE).expect("the server answers");
        if !message["method"].is_null() && !message["id"].is_null() {
            let result = self.answer(&message);
            self.send(&json!({ "id": message["id"], "result": result }));
        }
        if message["method"] == "textDocument/publishDiagnostics" {
            let uri = message["params"]["uri"].as_str().unwrap_or_default().to_owned();
            let findings = message["params"]["diagnostics"].as_array().cloned();
            self.published.insert(uri, findings.unwrap_or_default());
        }
        message
    }

    fn answer(&self, request: &Value) -> Value {
        if request["method"] != "workspace/configuration" {
            return Value::Null;
        }
        let items = request["params"]["items"].as_array().cloned().unwrap_or_default();
        let settings = items.iter().map(|item| match item["section"].as_str() {
            Some("yaml") => self.settings.clone(),
            _ => Value::Null,
        });
        settings.collect()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn place(uri: &str, line: usize, column: usize) -> Value {
    json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": column } })
}

/// The next message of a stream: some lines of a head, an empty one, and as many bytes as the head says.
fn message(stream: &mut BufReader<ChildStdout>) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim();
        if line.is_empty() {
            break;
        }
        if let Some(number) = line.strip_prefix("Content-Length: ") {
            length = number.parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
