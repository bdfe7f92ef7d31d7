use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::model::Stream;

use super::*;

/// A script as it would run in `folder`, with all the time there is.
fn script(folder: &Path, script: &str) -> Launch {
    Launch {
        argv: ["sh", "-eu", "-c", script].map(str::to_owned).to_vec(),
        folder: folder.to_owned(),
        inherited: Environment::from([("PATH".into(), std::env::var_os("PATH").unwrap())]).into(),
        environment: Environment::new(),
        stdin: Vec::new(),
        timeout: Some(Duration::from_secs(60)),
        grace: Duration::from_secs(60),
    }
}

struct Seen {
    ended: Ended,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

fn run(launch: Launch) -> Seen {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let ended = launch
        .run(&Interrupt::new().unwrap(), &mut |stream, block| match stream {
            Stream::Stdout => stdout.extend_from_slice(block),
            Stream::Stderr => stderr.extend_from_slice(block),
        })
        .unwrap();
    Seen {
        ended,
        stdout,
        stderr,
    }
}

fn refusal(launch: Launch) -> String {
    launch
        .run(&Interrupt::new().unwrap(), &mut |_, _| ())
        .unwrap_err()
        .to_string()
}

/// A named pipe. Reading it to its end returns once everybody who opened it for writing is dead.
fn fifo(folder: &Path) -> std::thread::JoinHandle<String> {
    let path = folder.join("alive");
    let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    std::thread::spawn(move || {
        let mut said = String::new();
        File::open(path).unwrap().read_to_string(&mut said).unwrap();
        said
    })
}

#[test]
fn a_command_ends_with_its_code_or_signal() {
    let folder = tempfile::tempdir().unwrap();
    let seen = run(script(folder.path(), "echo out; echo err >&2; exit 3"));
    assert_eq!(seen.ended.end, End::Exited(3));
    assert_eq!(
        (seen.stdout.as_slice(), seen.stderr.as_slice()),
        (&b"out\n"[..], &b"err\n"[..])
    );
    assert!(!seen.ended.left_behind);
    assert_eq!(
        run(script(folder.path(), "kill -9 $$")).ended.end,
        End::Signalled(9)
    );
}

#[test]
fn a_command_has_the_directory_and_environment_that_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let launch = script(folder.path(), "pwd -P; echo ${WHO-} ${HOME-none}").with_env("WHO", "me");
    let here = folder.path().canonicalize().unwrap();
    assert_eq!(
        String::from_utf8(run(launch).stdout).unwrap(),
        format!("{}\nme none\n", here.display())
    );
}

#[test]
fn what_we_inherited_is_passed_on_with_what_is_added() {
    let folder = tempfile::tempdir().unwrap();
    let mut launch = script(folder.path(), "env").with_env("WHO", "me");
    launch.inherited = Arc::new(std::env::vars_os().collect());
    let printed = String::from_utf8(run(launch).stdout).unwrap();
    assert!(printed.lines().any(|line| line == "WHO=me"), "{printed}");
    let path = format!("PATH={}", std::env::var("PATH").unwrap());
    assert!(printed.lines().any(|line| line == path), "{printed}");
}

#[test]
fn a_command_leads_a_group_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let seen = run(script(
        folder.path(),
        "echo $$; ps -o pgid= -p $$ || cut -d' ' -f5 /proc/$$/stat",
    ));
    let printed = String::from_utf8(seen.stdout).unwrap();
    let words: Vec<&str> = printed.split_whitespace().collect();
    assert_eq!(words[0], words[1]);
}

#[test]
fn bytes_go_in_and_come_out_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let bytes: Vec<u8> = (0..=255_u8).cycle().take(3_000_000).collect();
    let mut launch = script(folder.path(), "exec cat");
    launch.stdin = bytes.clone();
    assert!(run(launch).stdout == bytes);
}

#[test]
fn a_command_need_not_read_its_input() {
    let folder = tempfile::tempdir().unwrap();
    let mut launch = script(folder.path(), "exec true");
    launch.stdin = vec![b'x'; 3_000_000];
    assert_eq!(run(launch).ended.end, End::Exited(0));
}

#[test]
fn without_input_there_is_none_to_wait_for() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(script(folder.path(), "exec cat")).ended.end, End::Exited(0));
}

#[test]
fn much_output_comes_in_small_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let (mut all, mut largest) = (0, 0);
    let ended = script(folder.path(), "head -c 50000000 /dev/zero")
        .run(&Interrupt::new().unwrap(), &mut |_, block| {
            all += block.len();
            largest = largest.max(block.len());
        })
        .unwrap();
    assert_eq!((ended.end, all), (End::Exited(0), 50_000_000));
    assert!(largest <= 64 * 1024);
}

/// Runs it, and wishes that it ends whenever it says anything.
fn run_until_it_speaks(launch: Launch) -> Seen {
    let interrupt = Interrupt::new().unwrap();
    let mut stdout = Vec::new();
    let ended = launch
        .run(&interrupt, &mut |stream, block| {
            // A shell says on standard error that its child was ended.
            if stream == Stream::Stdout {
                stdout.extend_from_slice(block);
                interrupt.raise();
            }
        })
        .unwrap();
    Seen {
        ended,
        stdout,
        stderr: Vec::new(),
    }
}

#[test]
fn when_its_time_has_passed_it_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let mut launch = script(folder.path(), "while :; do sleep 1; done");
    launch.timeout = Some(Duration::from_millis(50));
    assert_eq!(run(launch).ended.end, End::TimedOut(Duration::from_millis(50)));
}

#[test]
fn when_its_grace_has_passed_nothing_of_it_survives() {
    let folder = tempfile::tempdir().unwrap();
    let alive = fifo(folder.path());
    // Children and grandchildren that hear no TERM, with no hold on our pipes.
    let tree = "exec 3>alive; trap '' TERM\n\
        sh -c 'trap \"\" TERM; while :; do sleep 1; done & while :; do sleep 1; done' >/dev/null 2>&1 &\n\
        echo started; while :; do sleep 1; done";
    let mut launch = script(folder.path(), tree);
    launch.grace = Duration::from_millis(50);
    assert_eq!(run_until_it_speaks(launch).ended.end, End::Interrupted);
    alive.join().unwrap();
}

#[test]
fn what_it_left_has_its_grace_when_it_ends_before() {
    let folder = tempfile::tempdir().unwrap();
    let alive = fifo(folder.path());
    // The shell dies of TERM at once; its child cleans up first.
    let tree = "exec 3>alive\n\
        sh -c 'trap \"sleep 0.3; echo clean >&3; exit\" TERM; echo ready; exec >/dev/null 2>&1; while :; do sleep 0.05; done' &\n\
        while :; do sleep 1; done";
    assert_eq!(
        run_until_it_speaks(script(folder.path(), tree)).ended.end,
        End::Interrupted
    );
    assert_eq!(alive.join().unwrap(), "clean\n");
}

#[test]
fn a_child_that_it_leaves_behind_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let alive = fifo(folder.path());
    let seen = run(script(
        folder.path(),
        "exec 3>alive; sh -c 'echo $$; exec sleep 1000' & echo done",
    ));
    assert_eq!(seen.ended.end, End::Exited(0));
    assert!(seen.ended.left_behind);
    assert!(seen.ended.took < Duration::from_secs(60));
    let printed = String::from_utf8(seen.stdout).unwrap();
    let child = printed.lines().find(|line| *line != "done").unwrap();
    let killed = std::process::Command::new("kill").arg(child).status().unwrap();
    assert!(killed.success(), "it is not ours to end");
    alive.join().unwrap();
}

#[test]
fn a_child_that_never_falls_silent_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let alive = fifo(folder.path());
    let chatter = "exec 3>alive; (while echo x; do sleep 0.01; done) 2>/dev/null & exit 0";
    let seen = run(script(folder.path(), chatter));
    assert_eq!((seen.ended.end, seen.ended.left_behind), (End::Exited(0), true));
    // It writes to a pipe that nobody reads any more, and ends.
    alive.join().unwrap();
}

#[test]
fn an_interrupt_ends_it_and_a_second_one_at_once() {
    let folder = tempfile::tempdir().unwrap();
    // It speaks once more when it hears the first, and so brings on the second.
    let deaf = "trap 'echo heard' TERM; echo ready; while :; do sleep 0.01 || :; done";
    let seen = run_until_it_speaks(script(folder.path(), deaf));
    assert_eq!(seen.ended.end, End::Interrupted);
    assert!(seen.ended.took < Duration::from_secs(60));
    let said = String::from_utf8(seen.stdout).unwrap();
    assert!(said.starts_with("ready\n") && said.contains("heard\n"), "{said}");
}

#[test]
fn who_waits_is_told_of_an_interrupt() {
    let interrupt = Arc::new(Interrupt::new().unwrap());
    assert!(!interrupt.wait(Duration::from_millis(1)));
    let began = Instant::now();
    let other = Arc::clone(&interrupt);
    let raiser = std::thread::spawn(move || other.raise());
    assert!(interrupt.wait(Duration::MAX));
    assert!(began.elapsed() < Duration::from_secs(60));
    raiser.join().unwrap();
}

#[test]
fn what_cannot_be_started_says_why_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let with = |argv: &[&str]| Launch {
        argv: argv.iter().map(|word| (*word).to_owned()).collect(),
        ..script(folder.path(), "")
    };
    assert_eq!(
        refusal(with(&["no-such-program"])),
        "`no-such-program` was not found in `PATH`: install it, or write its path"
    );
    assert_eq!(
        refusal(with(&["./nope"])),
        format!(
            "`./nope` is not a program in `{}`: is it there, and executable?",
            folder.path().display()
        )
    );
    assert_eq!(refusal(with(&[])), "the command is empty");
    let gone = Launch {
        folder: folder.path().join("gone"),
        ..script(folder.path(), "")
    };
    assert_eq!(
        refusal(gone),
        format!(
            "the directory `{}/gone` is not there: make it, or change `cwd`",
            folder.path().display()
        )
    );
    let long = "x".repeat(4_000_000);
    assert!(refusal(with(&["true", &long])).ends_with("give long texts to `stdin` instead"));
}

#[test]
fn a_program_is_found_from_its_own_directory() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/bin/sh", folder.path().join("mine")).unwrap();
    let launch = Launch {
        argv: ["./mine", "-c", "echo $0"].map(str::to_owned).to_vec(),
        ..script(folder.path(), "")
    };
    assert_eq!(run(launch).stdout, b"./mine\n");
}
