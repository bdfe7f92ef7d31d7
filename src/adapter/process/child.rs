use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::LazyLock;

use rustix::fs::OFlags;
use rustix::process::Pid;

use super::target::Target;
use super::{Environment, Launch};

/// The status of a command of which nobody can tell how it ended: as if it had exited with 255.
const UNKNOWN_STATUS: i32 = 255 << 8;

/// The environment that we have ourselves; nothing here changes it.
static OURS: LazyLock<Environment> = LazyLock::new(|| std::env::vars_os().collect());

/// A started command, and our ends of its pipes. Dropped while it runs, it is killed.
pub(super) struct Child {
    handle: duct::Handle,
    pub(super) target: Target,
    /// Can be read from once it has ended; none where the system has no such thing.
    pub(super) end: Option<OwnedFd>,
    pub(super) stdin: Option<PipeWriter>,
    pub(super) stdout: Option<PipeReader>,
    pub(super) stderr: Option<PipeReader>,
    status: Option<ExitStatus>,
}

impl Child {
    /// Starts it in a process group of its own, with pipes between it and us.
    pub(super) fn start(program: PathBuf, launch: &Launch, has_stdin: bool) -> io::Result<Self> {
        let (stdout, stdout_theirs) = io::pipe()?;
        let (stderr, stderr_theirs) = io::pipe()?;
        let mut expression = expression(program, launch)
            .stdout_file(stdout_theirs)
            .stderr_file(stderr_theirs)
            .before_spawn(|command| {
                command.process_group(0);
                Ok(())
            });
        let mut stdin = None;
        expression = if has_stdin {
            let (theirs, ours) = io::pipe()?;
            // A command that reads nothing must not hold us up. Only our end changes: the two ends share no flags.
            rustix::fs::fcntl_setfl(&ours, OFlags::NONBLOCK)?;
            stdin = Some(ours);
            expression.stdin_file(theirs)
        } else {
            expression.stdin_null()
        };
        let mut child = Self::of(expression, Target::Group)?;
        child.stdin = stdin;
        child.stdout = Some(stdout);
        child.stderr = Some(stderr);
        Ok(child)
    }

    /// Starts it at the terminal, where our questions are asked: standard output may be somebody's data.
    pub(super) fn start_at_terminal(program: PathBuf, launch: &Launch) -> io::Result<Self> {
        Self::of(expression(program, launch).stdout_to_stderr(), Target::Process)
    }

    fn of(expression: duct::Expression, target: fn(Pid) -> Target) -> io::Result<Self> {
        let handle = expression.start()?;
        // It holds their ends of the pipes, which would never be closed.
        drop(expression);
        let pid = handle
            .pids()
            .first()
            .and_then(|pid| Pid::from_raw(i32::try_from(*pid).ok()?))
            .ok_or_else(|| io::Error::other("it has no process id"))?;
        Ok(Self {
            handle,
            target: target(pid),
            end: end_of(pid),
            stdin: None,
            stdout: None,
            stderr: None,
            status: None,
        })
    }

    /// Reaps it if it has ended; whether it has.
    pub(super) fn has_ended(&mut self) -> bool {
        if self.status.is_none() {
            // That it cannot be waited for means that somebody else reaped it: it has ended, and nobody knows how.
            self.status = match self.handle.try_wait() {
                Ok(output) => output.map(|output| output.status),
                Err(_) => Some(ExitStatus::from_raw(UNKNOWN_STATUS)),
            };
        }
        self.status.is_some()
    }

    /// How it ended.
    pub(super) fn status(&self) -> Option<ExitStatus> {
        self.status
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.has_ended() {
            self.target.kill();
            let _ = self.handle.wait();
        }
    }
}

fn expression(program: PathBuf, launch: &Launch) -> duct::Expression {
    let argv0 = launch.argv.first().cloned().unwrap_or_default();
    let command = duct::cmd(program, launch.argv.iter().skip(1))
        .dir(&launch.folder)
        .unchecked()
        .before_spawn(move |command| {
            command.arg0(&argv0);
            Ok(())
        });
    let added = launch.environment.iter();
    // In duct, what is said of a variable first wins over all that is said later.
    let command = added.fold(command, |command, (name, value)| command.env(name, value));
    // A command starts from our own environment, and to copy that once more would be a good part of what its start costs us.
    if *launch.inherited == *OURS {
        command
    } else {
        command.full_env(launch.inherited.as_ref())
    }
}

#[cfg(target_os = "linux")]
fn end_of(pid: Pid) -> Option<OwnedFd> {
    rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).ok()
}

#[cfg(not(target_os = "linux"))]
fn end_of(_pid: Pid) -> Option<OwnedFd> {
    None
}
