//! Runs of every kind, and what each call of the program printed with `--output jsonl`.

use std::fs;

use serde_json::Value;

use super::support::{Call, ENTER, Terminal, World};

/// How often a call is made again while the command that a killed one left behind comes to its end.
const PATIENCE: usize = 1000;

/// A run that is being played.
pub(crate) struct Scene {
    world: World,
    /// The lines of each call, in the order of the calls.
    pub(crate) printed: Vec<String>,
}

impl Scene {
    fn of(yaml: &str) -> Self {
        Self {
            world: World::with(yaml),
            printed: Vec::new(),
        }
    }

    #[track_caller]
    fn plays(&mut self, args: &str, code: i32) {
        let seen = self.call(args).exits(code);
        self.printed.extend(seen.stdout.lines().map(str::to_owned));
    }

    fn call(&self, args: &str) -> Call {
        self.world.call(args).arg("--output").arg("jsonl")
    }

    /// A person plays; what is printed for programs goes into a file.
    #[track_caller]
    fn at_a_terminal(&mut self, args: &str, code: i32, person: impl FnOnce(&mut Terminal)) {
        let script = format!("exec switchback {args} --output jsonl > out.jsonl");
        let mut terminal = Terminal::of(self.world.shell(&script));
        person(&mut terminal);
        assert_eq!(terminal.ends(), code);
        let printed = self.world.read("out.jsonl");
        self.printed.extend(printed.lines().map(str::to_owned));
    }

    /// What is on record, line by line, of every run.
    pub(crate) fn journal(&self) -> Vec<Value> {
        let journals = self.world.runs().into_iter().map(|run| {
            let path = run.join("journal.jsonl");
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        });
        let text: String = journals.collect();
        text.lines()
            .map(|line| serde_json::from_str(line).expect("it is JSON"))
            .collect()
    }
}

/// All goes well in the end: a question that answers itself, people's words, values, a file, gates of every kind.
pub(crate) fn complete() -> Scene {
    let mut scene = Scene::of(
        r#"
parameters: { site: { type: string, default: main } }
lock: "site/{{ site }}"
nodes:
  broken: { question: Is it broken?, detect: { run: [echo, "yes"] }, choices: { "yes": [tag, switch], "no": end } }
  tag: { question: Which tag?, input: { type: string }, suggest: { run: [echo, v1] } }
  switch:
    action: Switch
    confirm: Really?
    run: cat; echo "release 42"
    stdin: "{{ site }}"
    env: { WHICH: main }
    capture: { release: { stdout: { regex: 'release (\d+)' } } }
    verify: [ { expr: "outputs.switch.release == '42'" }, { id: seen, confirm: Is it seen? } ]
    next: [note, spare, by_hand]
  note: { action: Note, write: { path: note.md, content: "{{ outputs.switch.release }}" }, next: done }
  spare: { action: Spare, when: "site == 'other'", run: [touch, spare] }
  by_hand: { action: By hand, manual: Turn the key., next: done }
  done: { action: All is done }
gates:
  live: { title: It is live, verify: [ { file: note.md } ] }
  stated: { title: It is stated, attest: It is so. }
  chosen: { title: One holds, decide: [this, that] }
  let_go: { title: It can wait, attest: It is there. }
  elsewhere: { title: Elsewhere too, when: "site == 'other'", attest: There too. }
"#,
    );
    scene.plays("run book.yaml --headless", 4);
    let said = "--answer tag=v1 --confirm switch --attest switch.seen=ana --attest by_hand=ben:turned --attest stated=ana \
        --decide chosen=this:ana";
    scene.plays(&format!("resume last --headless {said}"), 4);
    // A reason has words; the call is cut at spaces.
    scene.plays("resume last --headless --waive let_go=cem:tomorrow", 0);
    scene
}

/// Every way in which a step fails by itself.
pub(crate) fn failing() -> Scene {
    let mut scene = Scene::of(
        r"
nodes:
  flaky: { action: Flaky, idempotent: true, retry: { times: 2, backoff: 1ms }, run: [sh, -c, exit 3], on_failure: slow }
  slow: { action: Slow, timeout: 50ms, run: [sleep, '60'], on_failure: absent }
  absent: { action: Absent, run: [no-such-program-at-all], on_failure: killed }
  killed: { action: Killed, run: 'kill -9 $$', on_failure: blank }
  blank: { action: Blank, run: echo nothing, capture: { release: { stdout: { regex: 'release (\d+)' } } }, on_failure: file }
  file: { action: File, write: { path: book.yaml, content: text }, on_failure: checked }
  checked: { action: Checked, run: [echo], verify: [ { file: nowhere }, { http: { url: 'http://127.0.0.1:1/' } } ], on_failure: odd }
  odd: { action: Odd, when: outputs.blank.release == 'x', run: [echo] }
",
    );
    scene.plays("run book.yaml --headless", 1);
    scene.plays("resume last --headless --resolve odd=skip --reason odd", 0);
    scene
}

/// What was done is undone, in part by hand.
pub(crate) fn undone() -> Scene {
    let mut scene = Scene::of(
        "
nodes:
  one: { action: One, run: [echo], undo: { run: [echo] }, next: two }
  two: { action: Two, run: [echo], undo: { run: 'exit 3' }, next: three }
  three: { action: Three, run: 'exit 4' }
",
    );
    scene.plays("run book.yaml --headless", 1);
    scene.plays("undo last --headless", 1);
    scene.plays("undo last --headless --resolve two=done --reason console", 0);
    scene
}

/// The key is taken from one run by another, and both are given up.
pub(crate) fn locks() -> Scene {
    let mut scene =
        Scene::of("lock: key\nnodes: { which: { question: Which?, choices: { a: end, b: end } } }\n");
    scene.plays("run book.yaml --headless", 4);
    scene.plays("run book.yaml --headless --break-lock gone", 4);
    scene.plays("cancel last", 0);
    scene.plays("cancel last --reason again", 2);
    scene
}

/// The program is killed by its own command; what came of that is found in what was printed.
pub(crate) fn killed() -> Scene {
    let mut scene = Scene::of(
        r"
nodes:
  cut:
    action: Cut
    on_interrupt: verify
    run: echo release 42; touch cut; kill -9 $PPID
    capture: { release: { stdout: { regex: 'release (\d+)' } } }
    verify: [ { file: cut } ]
    next: doubt
  doubt: { action: Doubt, run: 'kill -9 $PPID' }
",
    );
    let seen = scene.call("run book.yaml --headless").seen();
    assert_eq!(seen.code, None, "{seen}");
    scene.printed.extend(seen.stdout.lines().map(str::to_owned));
    for code in [None, Some(7)] {
        // 6: the command that killed the program has not ended itself.
        let mut calls = (0..PATIENCE).map(|_| scene.call("resume last --headless").seen());
        let seen = calls.find(|seen| seen.code != Some(6)).expect("it ends");
        assert_eq!(seen.code, code, "{seen}");
        scene.printed.extend(seen.stdout.lines().map(str::to_owned));
    }
    scene
}

/// The program is asked to end while a command runs.
pub(crate) fn interrupted() -> Scene {
    let mut scene = Scene::of("nodes: { act: { action: Act, run: kill -TERM $PPID; exec sleep 60 } }\n");
    scene.plays("run book.yaml --headless", 143);
    scene
}

/// A person at a terminal declines, says no, and uses a program of their own.
pub(crate) fn declined() -> Scene {
    let mut scene = Scene::of(
        "
nodes:
  talk: { action: Talk, effect: read, run: [echo, talked], terminal: true, next: one }
  one: { action: One, run: [echo], undo: { run: [echo] }, next: two }
  two: { action: Two, run: [echo] }
gates:
  stated: { title: It is stated, attest: It is so. }
",
    );
    let no = |terminal: &mut Terminal| {
        terminal.types("no");
        terminal.types(ENTER);
    };
    scene.at_a_terminal("run book.yaml --yes", 5, |terminal| {
        terminal.is_asked("Is it so?", "❯");
        no(terminal);
        terminal.sees("? Note:");
        terminal.types(ENTER);
    });
    scene.at_a_terminal("undo last", 8, |terminal| {
        terminal.sees("[yes/no]");
        no(terminal);
    });
    scene.at_a_terminal("run book.yaml", 8, |terminal| {
        terminal.sees("[yes/no]");
        no(terminal);
    });
    scene
}

/// Somebody answers from another terminal, and puts another answer in its place.
pub(crate) fn taken_back() -> Scene {
    let mut scene = Scene::of("nodes: { which: { question: Which?, choices: { a: end, b: end } } }\n");
    scene.plays("run book.yaml --headless", 4);
    scene.world.call("answer last which a").exits(0);
    scene.world.call("answer last which b --instead").exits(0);
    scene.plays("resume last --headless", 0);
    scene
}
