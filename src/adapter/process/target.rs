use rustix::process::{
    Pid, Signal, kill_process, kill_process_group, test_kill_process, test_kill_process_group,
};

use crate::traverse::{ProcessId, Running};

/// What is signalled of a command.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    /// The process group that it leads.
    Group(Pid),
    /// The process alone: it is in our own group, which is never signalled.
    Process(Pid),
}

impl Target {
    /// Asks it to end. That it is gone already is as good.
    pub(super) fn terminate(self) {
        self.signal(Signal::TERM);
    }

    /// Ends it. That it is gone already is as good.
    pub(super) fn kill(self) {
        self.signal(Signal::KILL);
    }

    fn signal(self, signal: Signal) {
        let _ = match self {
            Self::Group(pid) => kill_process_group(pid, signal),
            Self::Process(pid) => kill_process(pid, signal),
        };
    }

    /// How it is known again, also by another process and later.
    pub(super) fn known_as(self) -> Running {
        let known = |pid: Pid| {
            let id = pid.as_raw_pid();
            let since = stat::since(id);
            ProcessId { id, since }
        };
        match self {
            Self::Group(pid) => Running::Group(known(pid)),
            Self::Process(pid) => Running::Process(known(pid)),
        }
    }

    /// Whether anything of it is left once the command has ended and was reaped. While there is, the system gives its number to no other
    /// process.
    pub(super) fn outlives_its_end(self) -> bool {
        match self {
            Self::Group(pid) => test_kill_process_group(pid).is_ok(),
            Self::Process(_) => false,
        }
    }
}

/// Whether anything is left of what was started by an earlier call of the program.
pub fn lives(running: Running) -> bool {
    stat::lives(running).unwrap_or_else(|| {
        let (Running::Group(process) | Running::Process(process)) = running;
        let test = |pid| match running {
            Running::Group(_) => test_kill_process_group(pid),
            Running::Process(_) => test_kill_process(pid),
        };
        Pid::from_raw(process.id).is_some_and(|pid| test(pid) != Err(rustix::io::Errno::SRCH))
    })
}

/// What Linux tells of its processes.
#[cfg(target_os = "linux")]
mod stat {
    use std::fs::{self, File};
    use std::io::Read;

    use crate::traverse::{ProcessId, Running};

    struct Stat {
        state: String,
        group: i32,
        since: u64,
    }

    impl Stat {
        /// A process that has ended and was not reaped does nothing any more.
        fn is_alive(&self) -> bool {
            !matches!(self.state.as_str(), "Z" | "X")
        }

        /// A process that started at another time is somebody else's.
        fn is(&self, process: ProcessId) -> bool {
            process.since.is_none_or(|since| since == self.since)
        }
    }

    pub(super) fn since(pid: i32) -> Option<u64> {
        of(&pid.to_string()).map(|stat| stat.since)
    }

    pub(super) fn lives(running: Running) -> Option<bool> {
        let processes = fs::read_dir("/proc").ok()?;
        let (Running::Group(process) | Running::Process(process)) = running;
        let itself = of(&process.id.to_string());
        if let Running::Process(_) = running {
            return Some(itself.is_some_and(|stat| stat.is(process) && stat.is_alive()));
        }
        // A number is given anew only when nothing of its group is left.
        if itself.is_some_and(|leader| !leader.is(process)) {
            return Some(false);
        }
        let names = processes.flatten().map(|entry| entry.file_name());
        Some(
            names
                .filter_map(|name| of(name.to_str()?))
                .any(|stat| stat.group == process.id && stat.is_alive()),
        )
    }

    /// The fields after the name, which stands in brackets and can be anything.
    fn of(pid: &str) -> Option<Stat> {
        // In one read, as each command that starts is looked at: a name of 16 bytes and 51 numbers fit.
        let mut block = [0; 2048];
        let mut file = File::open(format!("/proc/{pid}/stat")).ok()?;
        let length = file.read(&mut block).ok()?;
        let stat = String::from_utf8_lossy(&block[..length]);
        let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
        Some(Stat {
            state: fields.next()?.to_owned(),
            group: fields.nth(1)?.parse().ok()?,
            since: fields.nth(16)?.parse().ok()?,
        })
    }
}

/// Elsewhere only the system's own test can tell.
#[cfg(not(target_os = "linux"))]
mod stat {
    use crate::traverse::Running;

    pub(super) fn since(_pid: i32) -> Option<u64> {
        None
    }

    pub(super) fn lives(_running: Running) -> Option<bool> {
        None
    }
}
