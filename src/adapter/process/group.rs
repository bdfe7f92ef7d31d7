use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

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

    /// Whether anything of it is left. While there is, the system gives its number to no other process.
    pub(super) fn is_there(self) -> bool {
        test_kill_process_group(self.0).is_ok()
    }
}
