//! What reading costs: a file parsed and checked, previewed, and its texts rendered.
//!
//!     cargo bench --bench reading

use std::fmt::Write;
use std::sync::Arc;

use divan::{Bencher, black_box};
use serde_json::{Map, Value, json};
use switchback::model::{Runbook, Template};
use switchback::source::Source;
use switchback::template::{Scope, render, render_script};
use switchback::{check, parse, plan};

fn main() {
    divan::main();
}

/// A chain of nodes as people write them: commands with checks, questions, scripts under a guard, and work by hand.
fn source(nodes: usize) -> Source {
    let mut text = String::from(
        "switchback: 1\nname: large\ntitle: A large runbook\nparameters:\n  env: { type: string, pattern: '^[a-z]' }\nstart: [n0]\nnodes:\n",
    );
    for node in 0..nodes {
        let before = node.saturating_sub(1);
        let body = match node % 4 {
            0 => "    action: Deploy a part\n    run: [deploy, --to, '{{ env }}']\n    capture: { version: stdout }\n    \
                  verify: [ { run: [curl, -sf, 'https://{{ env }}.example.org/health'], within: 30s } ]\n"
                .to_owned(),
            1 => format!(
                "    question: Is the part fine?\n    help: Look at {{{{ outputs.n{before}.version }}}} in {{{{ env }}}}\n    \
                 choices: {{ fine: n{0}, broken: n{0} }}\n",
                (node + 1).min(nodes - 1)
            ),
            2 => format!(
                "    action: Scale it\n    when: answers.n{before} == 'fine'\n    effect: read\n    run: scale --to 3 {{{{ env }}}}\n"
            ),
            _ => format!("    action: Tell everybody\n    manual: Write that it is done\n    needs: [n{before}]\n"),
        };
        let _ = write!(text, "  n{node}:\n{body}");
        if node % 4 != 1 && node + 1 < nodes {
            let _ = writeln!(text, "    next: n{}", node + 1);
        }
    }
    text.push_str("gates: { told: { title: All were told, attest: They were } }\n");
    Source::new("large.yaml", text)
}

fn runbook(source: &Source) -> Runbook {
    let no_files = |_: &str| Err("there are no files here".to_owned());
    let parsed = parse::runbook(source, &no_files);
    parsed.whole().expect("a runbook without a fault")
}

fn scope() -> Scope {
    let values = |json: Value| Arc::new(serde_json::from_value::<Map<_, _>>(json).expect("a map"));
    Scope {
        parameters: values(json!({ "env": "test" })),
        outputs: values(json!({ "build": { "version": "it's 1.2.3" } })),
        ..Scope::default()
    }
}

#[divan::bench(args = [1_000, 10_000, 100_000], sample_count = 5, sample_size = 1)]
fn parse_and_check(bencher: Bencher<'_, '_>, nodes: usize) {
    let source = source(nodes);
    bencher.bench_local(|| {
        let runbook = runbook(&source);
        assert!(check::runbook(&runbook).is_empty());
        runbook
    });
}

#[divan::bench(args = [10_000], sample_count = 5, sample_size = 1)]
fn preview(bencher: Bencher<'_, '_>, nodes: usize) {
    let runbook = Arc::new(runbook(&source(nodes)));
    let parameters: Map<String, Value> = [("env".to_owned(), Value::from("test"))].into_iter().collect();
    bencher.bench_local(|| plan::plan(&runbook, parameters.clone(), Vec::new()).expect("a plan"));
}

#[divan::bench]
fn a_text(bencher: Bencher<'_, '_>) {
    let (text, scope) = (
        Template::from("{{ outputs.build.version }} goes to {{ env | upper }}"),
        scope(),
    );
    bencher.bench_local(|| render(black_box(&text), &scope));
}

#[divan::bench]
fn a_script(bencher: Bencher<'_, '_>) {
    let (script, scope) = (
        Template::from("deploy --to {{ env }} --version \"{{ outputs.build.version }}\" | tee log"),
        scope(),
    );
    bencher.bench_local(|| render_script(black_box(&script), &scope));
}
