//! What is said about the templates of a small runbook.

use std::time::Duration;

use indexmap::IndexMap;

use super::*;
use crate::model::*;

fn command(run: Invocation) -> Command {
    Command {
        run,
        cwd: None,
        env: IndexMap::new(),
        stdin: None,
        terminal: false,
        timeout: Some(DEFAULT_TIMEOUT),
        grace: DEFAULT_GRACE,
    }
}

fn shell(script: &str) -> Command {
    command(Invocation::Shell {
        shell: DEFAULT_SHELL.map(str::to_owned).to_vec(),
        script: Template::from(script),
    })
}

fn action(work: Work) -> Action {
    Action {
        title: "Do it".to_owned(),
        description: None,
        work,
        effect: Effect::Change,
        confirm: None,
        expect: None,
        verify: Vec::new(),
        idempotent: false,
        retry: None,
        on_failure: Vec::new(),
        on_interrupt: OnInterrupt::Ask,
        undo: None,
    }
}

fn question(form: Form) -> NodeKind {
    NodeKind::Question(Question {
        title: "What is it?".to_owned(),
        help: None,
        form,
        detect: None,
        default: None,
    })
}

fn input(kind: Kind) -> NodeKind {
    question(Form::Input {
        domain: Domain::of(kind),
        suggest: None,
    })
}

/// A runbook with a little of everything, and the node `subject`.
fn runbook_with(subject: Action, when: Option<&str>) -> Runbook {
    let releases = Capture {
        stream: Stream::Stdout,
        part: Part::Whole,
    };
    let rollback = action(Work::Run {
        command: shell("true"),
        capture: IndexMap::from([(CaptureId::from("release"), releases)]),
    });
    let yes = Choice {
        label: None,
        next: Next::default(),
        decides: IndexMap::new(),
    };
    let nodes = [
        (
            "last_deploy",
            question(Form::Choices(IndexMap::from([(ChoiceId::from("yes"), yes)]))),
        ),
        ("good_tag", input(Kind::String)),
        ("sure", input(Kind::Boolean)),
        ("rollback", NodeKind::Action(Box::new(rollback))),
        ("subject", NodeKind::Action(Box::new(subject))),
    ];
    let links = |id: &str| Links {
        when: when.filter(|_| id == "subject").map(Expression::from),
        ..Links::default()
    };
    let tag = Parameter {
        id: ParameterId::from("tag"),
        domain: Domain::of(Kind::String),
        default: None,
        description: None,
    };
    Runbook {
        name: "test".to_owned(),
        title: "Test".to_owned(),
        description: None,
        parameters: IndexMap::from([(tag.id.clone(), tag)]),
        secrets: IndexMap::from([(SecretId::from("token"), SecretSource::Env("TOKEN".to_owned()))]),
        requires: Vec::new(),
        lock: None,
        start: None,
        nodes: IndexMap::from(nodes.map(|(id, kind)| {
            let node = Node {
                id: NodeId::from(id),
                links: links(id),
                kind,
                allow: Vec::new(),
            };
            (node.id.clone(), node)
        })),
        gates: IndexMap::new(),
        notify: Vec::new(),
        allow: Vec::new(),
    }
}

fn of(runbook_: &Runbook) -> Vec<String> {
    texts::texts(runbook_)
        .0
        .iter()
        .map(|d| format!("{} {}: {} / {}", d.path, d.code, d.message, d.help))
        .collect()
}

fn of_script(script: &str) -> Vec<String> {
    let subject = action(Work::Run {
        command: shell(script),
        capture: IndexMap::new(),
    });
    of(&runbook_with(subject, None))
}

fn of_when(when: &str) -> Vec<String> {
    of(&runbook_with(action(Work::Milestone), Some(when)))
}

#[test]
fn what_is_declared_can_be_named() {
    let used = "{{ tag }} {{ answers.good_tag }} {{ outputs.rollback.release }} {{ nodes.subject.state }} {{ run.id }}";
    assert_eq!(of_script(used), Vec::<String>::new());
    assert_eq!(
        of_when("answers.sure and answers.last_deploy == 'yes'"),
        Vec::<String>::new()
    );
    assert_eq!(of_when("answers.sure"), Vec::<String>::new());
}

#[test]
fn a_name_that_stands_for_nothing_is_reported_with_what_is_near() {
    for (script, expected) in [
        ("{{ tagg }}", "there is no parameter `tagg` / did you mean `tag`?"),
        (
            "{{ good_tag }}",
            "there is no parameter `good_tag` / the answer to it is `answers.good_tag`",
        ),
        (
            "{{ answers.godo_tag }}",
            "there is no question `godo_tag` / did you mean `answers.good_tag`?",
        ),
        (
            "{{ answers.rollback }}",
            "`rollback` is an action, and has no answer / its state is `nodes.rollback.state`, its captures are `outputs.rollback`",
        ),
        (
            "{{ outputs.rolback.release }}",
            "there is no action `rolback` / did you mean `outputs.rollback`?",
        ),
        (
            "{{ outputs.rollback.relaese }}",
            "`rollback` has no capture `relaese` / did you mean `outputs.rollback.release`?",
        ),
        (
            "{{ outputs.subject.x }}",
            "`subject` captures nothing / give it a `capture`, such as `capture: { x: stdout }`",
        ),
        (
            "{{ outputs.good_tag.x }}",
            "`good_tag` captures nothing / it is a question: its answer is `answers.good_tag`",
        ),
        (
            "{{ nodes.subjcet.state }}",
            "there is no node `subjcet` / did you mean `nodes.subject`?",
        ),
        (
            "{{ nodes.subject.status }}",
            "a node has no `status` / write `nodes.subject.state`",
        ),
        (
            "{{ run.started_at }}",
            "a run has no `started_at` / did you mean `run.started`?",
        ),
        (
            "{{ token }}",
            "`token` is a secret, and a template never has one / put it into the environment, `env: { TOKEN: { secret: token } }`, and use it from there",
        ),
        (
            "{{ secrets.token }}",
            "`token` is a secret, and a template never has one / put it into the environment, `env: { TOKEN: { secret: token } }`, and use it from there",
        ),
    ] {
        assert_eq!(
            of_script(script),
            [format!("nodes.subject.run undefined-name: {expected}")]
        );
    }
}

#[test]
fn what_no_shell_can_be_made_safe_for_is_reported_with_the_fix() {
    assert_eq!(
        of_script("# {{ tag }}"),
        [
            "nodes.subject.run unsafe-interpolation: `{{ tag }}` stands in a comment, where no value is safe / take it out of the comment"
        ]
    );
}

#[test]
fn what_does_not_parse_is_reported_once() {
    for script in ["{{ tag", "{% if %}", "{{ tag | nothere }}"] {
        let found = of_script(script);
        assert!(
            found.len() == 1 && found[0].starts_with("nodes.subject.run template-syntax: "),
            "{found:?}"
        );
    }
    assert!(
        of_when("{{ answers.sure }}")[0]
            .ends_with("/ an expression stands without braces: `when: answers.x == \"yes\"`")
    );
}

#[test]
fn an_expression_that_is_plainly_not_boolean_is_reported() {
    for (when, what) in [
        ("'yes'", "a string"),
        ("1 + 1", "a number"),
        ("answers.last_deploy", "the id of a choice"),
        ("answers.good_tag", "a text"),
        ("outputs.rollback.release", "a text"),
        ("nodes.rollback.state", "a state"),
        ("tag", "a text"),
    ] {
        let expected =
            format!("nodes.subject.when not-a-boolean: `{when}` is {what}, and must be true or false");
        let found = of_when(when);
        assert!(found.len() == 1 && found[0].starts_with(&expected), "{found:?}");
    }
}

#[test]
fn every_text_is_found_where_it_stands() {
    let bad = || Template::from("{{ x");
    let matcher = || Matcher {
        equals: Some(bad()),
        ..Matcher::default()
    };
    let check = |look| Check {
        id: None,
        title: None,
        negated: false,
        within: None,
        every: DEFAULT_EVERY,
        look,
    };
    let mut run = command(Invocation::Exec(vec![Template::from("echo"), bad()]));
    run.cwd = Some(bad());
    run.env = IndexMap::from([("A".to_owned(), Feed::Text(bad()))]);
    run.stdin = Some(Feed::Text(bad()));
    let http = Http {
        url: bad(),
        method: Method::Get,
        headers: IndexMap::from([("Accept".to_owned(), Feed::Text(bad()))]),
        status: Vec::new(),
        body: matcher(),
        timeout: Duration::from_secs(1),
    };
    let mut subject = action(Work::Run {
        command: run.clone(),
        capture: IndexMap::new(),
    });
    subject.description = Some(bad());
    subject.confirm = Some(bad());
    subject.expect = Some(bad());
    subject.undo = Some(run.clone());
    subject.verify = vec![
        check(Look::Run {
            command: run,
            exit: 0,
            stdout: matcher(),
            stderr: matcher(),
        }),
        check(Look::Http(http)),
        check(Look::File {
            path: bad(),
            content: matcher(),
        }),
        check(Look::Link {
            path: bad(),
            to: matcher(),
        }),
        check(Look::Expr(Expression::from("{{ x"))),
        check(Look::Confirm(bad())),
    ];
    let runbook = runbook_with(subject, Some("("));
    let paths: Vec<String> = texts::texts(&runbook)
        .0
        .iter()
        .map(|finding| finding.path.to_string().replace("nodes.subject.", ""))
        .collect();
    assert_eq!(
        paths,
        [
            "when",
            "description",
            "run[1]",
            "cwd",
            "env.A",
            "stdin",
            "confirm",
            "expect",
            "verify[0].run[1]",
            "verify[0].cwd",
            "verify[0].env.A",
            "verify[0].stdin",
            "verify[0].stdout.equals",
            "verify[0].stderr.equals",
            "verify[1].http.url",
            "verify[1].http.headers.Accept",
            "verify[1].http.body.equals",
            "verify[2].file",
            "verify[2].content.equals",
            "verify[3].link",
            "verify[3].to.equals",
            "verify[4].expr",
            "verify[5].confirm",
            "undo.run[1]",
            "undo.cwd",
            "undo.env.A",
            "undo.stdin",
        ]
    );
}
