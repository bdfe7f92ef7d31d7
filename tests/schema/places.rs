//! A right document for each kind of mapping that there is.

use serde_json::{Map, Value, json};
use switchback::schema::Document;

use super::mutations::paths;

/// The key that marks the mapping.
pub(crate) const MARK: &str = "HERE";

/// A right document with a mapping of one kind in it, which is marked.
pub(crate) struct Place {
    pub(crate) document: Document,
    /// The mapping's name in the schema; `.` is the whole document.
    pub(crate) definition: &'static str,
    pub(crate) yaml: &'static str,
}

impl Place {
    /// The document.
    pub(crate) fn filled(&self) -> Value {
        let mut document = self.marked();
        mapping(&mut document).expect("it is marked").remove(MARK);
        document
    }

    /// The JSON pointer of the mapping.
    pub(crate) fn path(&self) -> String {
        let marked = self.marked();
        let is_marked = |path: &String| {
            marked
                .pointer(path)
                .is_some_and(|value| value.get(MARK).is_some())
        };
        paths(&marked).into_iter().find(is_marked).expect("it is marked")
    }

    /// The document, with this key in the mapping.
    pub(crate) fn with(&self, key: &str, value: &Value) -> Value {
        let mut document = self.marked();
        let mapping = mapping(&mut document).expect("it is marked");
        mapping.remove(MARK);
        mapping.insert(key.to_owned(), value.clone());
        document
    }

    fn marked(&self) -> Value {
        let head = match self.document {
            Document::Drill => json!({ "switchback_drill": 1 }),
            Document::Test => json!({ "switchback_test": 1 }),
            Document::Runbook => {
                json!({ "switchback": 1, "name": "test", "title": "A test", "nodes": { "a": { "action": "A" } } })
            }
            printed => panic!("{printed:?} is not read"),
        };
        let mut document: Value = serde_yaml::from_str(self.yaml).expect("it is YAML");
        if let (Value::Object(document), Value::Object(head)) = (&mut document, head) {
            for (key, value) in head {
                document.entry(key).or_insert(value);
            }
        }
        document
    }
}

/// The mapping that is marked.
fn mapping(value: &mut Value) -> Option<&mut Map<String, Value>> {
    match value {
        Value::Object(entries) => {
            if entries.contains_key(MARK) {
                Some(entries)
            } else {
                entries.values_mut().find_map(mapping)
            }
        }
        Value::Array(items) => items.iter_mut().find_map(mapping),
        _ => None,
    }
}

const fn runbook(definition: &'static str, yaml: &'static str) -> Place {
    Place {
        document: Document::Runbook,
        definition,
        yaml,
    }
}

const fn drill(definition: &'static str, yaml: &'static str) -> Place {
    Place {
        document: Document::Drill,
        definition,
        yaml,
    }
}

const fn test(definition: &'static str, yaml: &'static str) -> Place {
    Place {
        document: Document::Test,
        definition,
        yaml,
    }
}

/// A mapping stands here several times where not all of its keys can stand together, and once if runbooks and drills both have it.
pub(crate) const PLACES: &[Place] = &[
    runbook(
        ".",
        "{ HERE: 1, description: D, parameters: { p: { type: string } }, secrets: { s: { env: S } }, requires: { commands: [a] }, lock: l,
           defaults: { cwd: / }, start: [a], nodes: { a: { action: A } }, gates: { g: { title: G, attest: It is. } }, notify: [{ webhook: 'https://h' }],
           allow: { gateless-route: R } }",
    ),
    runbook("Parameter", "parameters: { p: { HERE: 1, type: string, enum: [x, xy], pattern: x, min: 0, max: 9, description: D } }"),
    runbook("Parameter", "parameters: { p: { HERE: 1, type: string, format: uri, default: 'http://x' } }"),
    runbook("Parameter", "parameters: { p: { HERE: 1, type: integer, enum: [1, 2], default: 1 } }"),
    runbook("Parameter", "parameters: { p: { HERE: 1, type: number, default: 1.5 } }"),
    runbook("Parameter", "parameters: { p: { HERE: 1, type: boolean, default: true } }"),
    runbook("Parameter", "parameters: { p: { HERE: 1, type: text, default: \"a\\nb\" } }"),
    runbook("Secret", "secrets: { s: { HERE: 1, command: [vault, print] } }"),
    runbook("Secret", "secrets: { s: { HERE: 1, file: /s } }"),
    runbook("Requires", "requires: { HERE: 1, commands: [a, b] }"),
    runbook("Defaults", "defaults: { HERE: 1, cwd: /, env: { A: a }, timeout: 1m, grace: 0s, shell: [sh, -c] }"),
    runbook(
        "Question",
        "nodes: { a: { HERE: 1, question: Q, help: H, detect: { run: [d] }, choices: { x: end, y: [b] }, default: x, next: b, when: 'true', join: any,
           after: b, needs: [b], allow: { not-exhaustive: R } }, b: { action: B } }",
    ),
    runbook(
        "Question",
        "nodes: { a: { HERE: 1, question: Q, input: { type: integer }, suggest: { run: [s] }, default: 1 } }",
    ),
    runbook("Input", "nodes: { a: { question: Q, input: { HERE: 1, type: string, enum: [x], pattern: x, min: 0, max: 9 } } }"),
    runbook("Suggest", "nodes: { a: { question: Q, input: { type: string }, suggest: { HERE: 1, run: s, shell: [sh, -c], limit: 3 } } }"),
    runbook("LongChoice", "nodes: { a: { question: Q, choices: { x: { HERE: 1, label: X, next: stop, decides: { g: o } } } } }"),
    runbook(
        "Action",
        "nodes: { a: { HERE: 1, action: A, description: D, run: [r], cwd: /, env: { A: a }, stdin: i, timeout: 1s, grace: 1s,
           capture: { c: stdout, d: { stderr: { json: /a } } }, effect: change, confirm: C, expect: E, verify: [{ file: /f }], idempotent: true,
           retry: { times: 2 }, on_failure: b, on_interrupt: retry, undo: { run: [u] }, next: [b], when: 'true', join: all, after: [b], needs: b },
           b: { action: B } }",
    ),
    runbook("Action", "nodes: { a: { HERE: 1, action: A, run: r, shell: [sh, -c], terminal: true } }"),
    runbook("Action", "nodes: { a: { HERE: 1, action: A, manual: M, effect: destroy, confirm: C, next: end } }"),
    runbook("Action", "nodes: { a: { HERE: 1, action: A, write: { path: /p, template: t }, verify: [{ file: /p }], on_interrupt: verify } }"),
    runbook("Action", "nodes: { a: { HERE: 1, action: A, run: [r], effect: read } }"),
    runbook("Command", "nodes: { a: { action: A, run: [r], undo: { HERE: 1, run: u, cwd: /, env: { A: a }, stdin: i, timeout: 1s, grace: 1s, shell: [sh] } } }"),
    runbook("Retry", "nodes: { a: { action: A, run: [r], idempotent: true, retry: { HERE: 1, times: 2, backoff: 1s } } }"),
    runbook("Write", "nodes: { a: { action: A, write: { HERE: 1, path: /p, content: c, if_exists: overwrite } } }"),
    runbook("CaptureOfPart", "nodes: { a: { action: A, run: [r], capture: { c: { HERE: 1, stdout: { regex: x } } } } }"),
    runbook("Part", "nodes: { a: { action: A, run: [r], capture: { c: { stdout: { HERE: 1, json: /a } } } } }"),
    runbook("SecretRef", "nodes: { a: { action: A, run: [r], stdin: { HERE: 1, secret: s, prefix: p } } }\nsecrets: { s: { env: S } }"),
    runbook(
        "Check",
        "nodes: { a: { action: A, verify: [{ HERE: 1, title: T, id: i, run: r, cwd: /, env: { A: a }, stdin: i, timeout: 1s, grace: 1s, shell: [sh],
           exit: 1, stdout: { equals: a }, stderr: { contains: b }, not: true, within: 1s, every: 1s }] } }",
    ),
    runbook("Check", "nodes: { a: { action: A, verify: [{ HERE: 1, file: /f, content: { matches: a } }] } }"),
    runbook("Check", "nodes: { a: { action: A, verify: [{ HERE: 1, link: /l, to: { ends_with: a } }] } }"),
    runbook("Check", "nodes: { a: { action: A, verify: [{ HERE: 1, expr: 'true' }, { id: c, confirm: C }] } }"),
    runbook("Check", "nodes: { a: { action: A, verify: [{ HERE: 1, id: c, confirm: C }, { http: { url: u } }] } }"),
    runbook(
        "Http",
        "nodes: { a: { action: A, verify: [{ http: { HERE: 1, url: u, method: GET, headers: { A: a, B: { secret: s } }, status: [200, 204],
           body: { contains: b }, timeout: 1s } }] } }\nsecrets: { s: { env: S } }",
    ),
    runbook("Http", "nodes: { a: { action: A, verify: [{ http: { HERE: 1, url: u, method: HEAD, status: 200 } }] } }"),
    runbook(
        "Matcher",
        "nodes: { a: { action: A, verify: [{ file: /f, content: { HERE: 1, equals: a, contains: a, starts_with: a, ends_with: a, matches: a,
           json: { pointer: '', length: 0 } } }] } }",
    ),
    runbook("JsonMatcher", "nodes: { a: { action: A, verify: [{ file: /f, content: { json: { HERE: 1, pointer: /a, equals: null } } }] } }"),
    runbook("JsonMatcher", "nodes: { a: { action: A, verify: [{ file: /f, content: { json: { HERE: 1, pointer: '', length: 0 } } }] } }"),
    runbook(
        "Gate",
        "gates: { g: { HERE: 1, title: G, when: 'true', verify: [{ file: /f }], attest: A, decide: [x, y], by: [b], in_advance: false, required: false,
           allow: { unclosable-gate: R } } }",
    ),
    runbook("Gate", "gates: { g: { HERE: 1, title: G, verify: [{ file: /f }], required: true } }"),
    runbook(
        "Notify",
        "notify: [{ HERE: 1, webhook: 'https://h', on: [waiting, complete], when: 'true', headers: { A: a, B: { secret: s } }, data: { a: b },
           cdevent: { type: service.rolledback, service: s, environment: e, artifact: 'pkg:a/b@c' } }]\nsecrets: { s: { env: S } }",
    ),
    runbook("Notify", "notify: [{ HERE: 1, webhook: { secret: s, prefix: 'https://h/' }, on: recovered }]\nsecrets: { s: { env: S } }"),
    runbook(
        "CdEvent",
        "notify: [{ webhook: '{{ p }}', cdevent: { HERE: 1, type: service.rolledback, service: s, environment: e, artifact: '{{ p }}', source: /s } }]
           \nparameters: { p: { type: string } }",
    ),
    drill(
        ".",
        "{ HERE: 1, requires: { commands: [] }, setup: { run: [s] }, teardown: { run: t }, path: [bin], env: { A: a }, parameters: { p: a, q: 1, r: true },
           scenarios: { s: { about: A } } }",
    ),
    drill("Requires", "{ setup: { run: [s] }, requires: { HERE: 1, commands: [a, b] }, scenarios: { s: { about: A } } }"),
    drill("Scenario", "{ setup: { run: [s] }, scenarios: { s: { HERE: 1, about: A, requires: { commands: [a] }, world: { a: b }, steps: [], expect: {} } } }"),
    drill("Step", "{ setup: { run: [s] }, scenarios: { s: { about: A, steps: [{ HERE: 1, run: {} }] } } }"),
    drill("Step", "{ setup: { run: [s] }, scenarios: { s: { about: A, steps: [{ HERE: 1, outside: { run: [o] } }] } } }"),
    drill(
        "Turn",
        "{ setup: { run: [s] }, scenarios: { s: { about: A, steps: [{ run: { HERE: 1, answers: { q: a }, attest: { a.b: w }, decide: { g: o }, confirm: [n],
           waive: { g: r }, exit: 4, says: [t] } }] } } }",
    ),
    drill(
        "ResumeTurn",
        "{ setup: { run: [s] }, scenarios: { s: { about: A, steps: [{ resume: { HERE: 1, answers: { q: a }, attest: { a: w }, decide: { g: o }, confirm: [n],
           waive: { g: r }, exit: 4, says: [t], resolve: { n: { how: done, reason: r } } } }] } } }",
    ),
    drill(
        "Resolution",
        "{ setup: { run: [s] }, scenarios: { s: { about: A, steps: [{ resume: { resolve: { n: { HERE: 1, how: skip, reason: r, set: { c: v } } } } }] } } }",
    ),
    drill(
        "ScenarioExpectation",
        "{ setup: { run: [s] }, scenarios: { s: { about: A, expect: { HERE: 1, state: complete, route: [a, b], nodes: { a: failed }, gates: { g: met },
           verify: [{ file: f }] } } } }",
    ),
    test(
        ".",
        "{ HERE: 1, parameters: { p: a, q: 1, r: true }, simulate: [{ node: n }], cases: { c: { about: A } } }",
    ),
    test(
        "Case",
        "{ cases: { c: { HERE: 1, about: A, parameters: { p: a }, answers: { q: a }, attest: { a.b: w }, decide: { g: o }, confirm: [n], waive: { g: r },
           simulate: [], expect: {} } } }",
    ),
    test("Simulation", "{ simulate: [{ HERE: 1, node: n, attempt: 1, exit: 1, stdout: o, stderr: e, delay: 3s }], cases: { c: { about: A } } }"),
    test("Simulation", "{ simulate: [{ HERE: 1, detect: q, stdout: o }], cases: { c: { about: A } } }"),
    test("Simulation", "{ simulate: [{ HERE: 1, command: x, exit: 2 }], cases: { c: { about: A } } }"),
    test("Simulation", "{ simulate: [{ HERE: 1, check: a.b, verdict: held, evidence: e, delay: 0s }], cases: { c: { about: A } } }"),
    test("Simulation", "{ simulate: [{ HERE: 1, check: a.0, status: 200, body: b }], cases: { c: { about: A } } }"),
    test("Simulation", "{ simulate: [{ HERE: 1, check: a.0, content: c }], cases: { c: { about: A } } }"),
    test("Simulation", "{ simulate: [{ HERE: 1, check: a.0, target: t }], cases: { c: { about: A } } }"),
    test("Simulation", "{ simulate: [{ HERE: 1, check: a.0, exists: false }], cases: { c: { about: A } } }"),
    test("Simulation", "{ simulate: [{ HERE: 1, check: a.0, exit: 1, stdout: o }], cases: { c: { about: A } } }"),
    test(
        "CaseExpectation",
        "{ cases: { c: { about: A, expect: { HERE: 1, exit: 4, state: waiting, route: [a, b], nodes: { a: failed }, gates: { g: met },
           commands: { a: [r], b: 'r s', w: { path: /p } }, captures: { a: { c: [1, null] } } } } } }",
    ),
    test("ExpectedFile", "{ cases: { c: { about: A, expect: { commands: { w: { HERE: 1, path: /p, content: c } } } } } }"),
];
