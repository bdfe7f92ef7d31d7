use std::io::{IsTerminal, stdin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::prompts::{Heard, Unsaid};

/// How long it takes at most until a prompt sees that it is withdrawn.
const TICK: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 40_000_000,
};

/// Tells a prompt that stands open that nobody waits for it any more.
#[derive(Clone, Debug, Default)]
pub(super) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// From now on prompts are withdrawn, or not any more.
    pub(super) fn set(&self, is_set: bool) {
        self.0.store(is_set, Ordering::SeqCst);
    }

    /// Waits until something is typed, which may be a part of what is waited for only.
    ///
    /// # Errors
    ///
    /// When the prompt was withdrawn meanwhile, or the terminal has gone away.
    pub(super) fn until_typed(&self, mut is_typed: impl FnMut() -> bool) -> Heard<()> {
        let stdin = stdin();
        loop {
            if self.0.load(Ordering::SeqCst) {
                return Err(Unsaid::Withdrawn);
            }
            if is_typed() {
                return Ok(());
            }
            let mut terminal = [PollFd::new(&stdin, PollFlags::IN)];
            // A signal that comes meanwhile ends the wait early, and nothing else.
            let _ = poll(&mut terminal, Some(&TICK));
            if terminal[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) || !stdin.is_terminal() {
                return Err(Unsaid::Later);
            }
        }
    }
}

/// Whether something can be read from standard input: where a terminal gives whole lines, a line.
pub(super) fn is_readable() -> bool {
    let stdin = stdin();
    let mut typed = [PollFd::new(&stdin, PollFlags::IN)];
    poll(&mut typed, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
}

/// Something that was typed, or that asks for the prompt to be drawn anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// Characters: one that was typed, or a text that was pasted.
    Text(String),
    Enter,
    Tab,
    Up,
    Down,
    Left,
    Right,
    Start,
    End,
    /// Back by one character.
    Back,
    /// The character under the cursor.
    Delete,
    /// All before the cursor.
    Clear,
    /// The word before the cursor.
    Word,
    /// To an answer before.
    GoBack,
    /// Nothing that a prompt needs, or another size of the terminal.
    Other,
}

/// The next key. Escape and Ctrl-C are none: they end a prompt.
pub(super) fn next(stop: &Stop) -> Heard<Key> {
    stop.until_typed(|| event::poll(Duration::ZERO).unwrap_or(false))?;
    match event::read() {
        Ok(Event::Key(key)) if key.kind != KeyEventKind::Release => pressed(key),
        // What is pasted answers nothing by itself, however many lines it has.
        Ok(Event::Paste(text)) => Ok(Key::Text(text.replace(['\r', '\n'], " "))),
        Ok(_) => Ok(Key::Other),
        Err(_) => Err(Unsaid::Later),
    }
}

fn pressed(key: KeyEvent) -> Heard<Key> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    Ok(match key.code {
        KeyCode::Esc => return Err(Unsaid::Later),
        KeyCode::Char(c) if control => match c.to_ascii_lowercase() {
            'c' => return Err(Unsaid::Interrupted),
            'a' => Key::Start,
            'b' => Key::GoBack,
            'd' => Key::Delete,
            'e' => Key::End,
            'f' => Key::Right,
            'h' => Key::Back,
            'j' | 'm' => Key::Enter,
            'n' => Key::Down,
            'p' => Key::Up,
            'u' => Key::Clear,
            'w' => Key::Word,
            _ => Key::Other,
        },
        KeyCode::Char(c) => Key::Text(c.to_string()),
        KeyCode::Enter => Key::Enter,
        KeyCode::Tab => Key::Tab,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Start,
        KeyCode::End => Key::End,
        KeyCode::Backspace => Key::Back,
        KeyCode::Delete => Key::Delete,
        _ => Key::Other,
    })
}
