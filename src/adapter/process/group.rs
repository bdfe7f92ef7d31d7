use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

use crate::traverse::ProcessGroup;

/// The process group of a command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group(Pid);

impl Group {
    /// The group that a process leads.
    pub(super) fn led_by(pid: Pid) -> Self {
        Self(pid)
    }

    /// Asks all of it to end. That it is gone already is as good.
    pub(super) fn terminate(self) {
        let _ = kill_process_group(self.0, Signal::TERM);
    }

    /// Ends all of it. That it is gone already is as good.
    pub(super) fn kill(self) {
        let _ = kill_process_group(self.0, Signal::KILL);
    }

    /// How it is known again, also by another process and later.
    pub(super) fn known_as(self) -> ProcessGroup {
        let id = self.0.as_raw_pid();
        ProcessGroup {
            id,
            since: stat::since(id),
        }
    }

    /// Whether anything of it is left. While there is, the system gives its number to no other process.
    pub(super) fn is_there(self) -> bool {
        test_kill_process_group(self.0).is_ok()
    }
}

/// Whether anything of a process group is left that was started by an earlier call of the program.
pub fn lives(group: ProcessGroup) -> bool {
    stat::lives(group).unwrap_or_else(|| {
        let pid = Pid::from_raw(group.id);
        pid.is_some_and(|pid| test_kill_process_group(pid) != Err(rustix::io::Errno::SRCH))
    })
}

/// What Linux tells of its processes.
#[cfg(target_os = "linux")]
mod stat {
    use std::fs::{self, File};
    use std::io::Read;

    use crate::traverse::ProcessGroup;

    struct Stat {
        state: String,
        group: i32,
        since: u64,
    }

    pub(super) fn since(pid: i32) -> Option<u64> {
        of(&pid.to_string()).map(|stat| stat.since)
    }

    /// A number is given anew only when nothing of its group is left: a leader that started at another time is somebody else's. A
    /// process that has ended and was not reaped does nothing any more.
    pub(super) fn lives(group: ProcessGroup) -> Option<bool> {
        let processes = fs::read_dir("/proc").ok()?;
        let now = since(group.id);
        if now.is_some() && group.since.is_some() && now != group.since {
            return Some(false);
        }
        let names = processes.flatten().map(|entry| entry.file_name());
        Some(
            names
                .filter_map(|name| of(name.to_str()?))
                .any(|stat| stat.group == group.id && !matches!(stat.state.as_str(), "Z" | "X")),
        )
    }

    /// The fields after the name, which stands in brackets and can be anything.
    fn of(pid: &str) -> Option<Stat> {
        // In one read, as each command that starts is looked at: a name of 16 bytes and 51 numbers fit.
        let mut block = [0; 2048];
        let length = File::open(format!("/proc/{pid}/stat"))
            .and_then(|mut file| file.read(&mut block))
            .ok()?;
        let stat = String::from_utf8_lossy(&block[..length]);
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        Some(Stat {
            state: (*fields.first()?).to_owned(),
            group: fields.get(2)?.parse().ok()?,
            since: fields.get(19)?.parse().ok()?,
        })
    }
}

/// Elsewhere only the group itself can be asked.
#[cfg(not(target_os = "linux"))]
mod stat {
    use crate::traverse::ProcessGroup;

    pub(super) fn since(_pid: i32) -> Option<u64> {
        None
    }

    pub(super) fn lives(_group: ProcessGroup) -> Option<bool> {
        None
    }
}
