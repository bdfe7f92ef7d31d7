use crate::adapter::reporter::{Screen, Style, Tint, harmless};

use super::block::{Block, Raw, Row};
use super::input::Input;
use super::keys::{self, Key, Stop};
use super::prompts::{Choose, Heard, Offer, Prompts, Type, Unsaid, likely};

/// How many options stand under a prompt at once: with help and header they fit 24 lines.
const PAGE: usize = 10;

/// Prompts at a terminal, on standard error, that can be withdrawn while they stand open.
#[derive(Debug)]
pub(super) struct Keyboard {
    screen: Screen,
    stop: Stop,
    can_go_back: bool,
}

/// A prompt: what stands on the screen of it, and what each key makes of it.
trait Dialog {
    /// What comes of it.
    type Said;

    /// The line that is typed.
    fn input(&self) -> &Input;

    /// What stands in its place as long as it is empty.
    fn default(&self) -> Option<&str>;

    /// What is wrong with it.
    fn fault(&self) -> Option<&str>;

    /// What there is to pick below it, and which of them is picked.
    fn list(&self) -> (Vec<String>, Option<usize>);

    /// Takes a key. In the end, what comes of it, and how it reads.
    fn press(&mut self, key: &Key) -> Option<(Self::Said, String)>;
}

impl Keyboard {
    /// Prompts on a screen.
    pub(super) fn new(screen: Screen, stop: Stop) -> Self {
        Self {
            screen,
            stop,
            can_go_back: false,
        }
    }

    /// Holds a dialog to its end.
    fn hold<D: Dialog>(&self, depth: usize, message: &str, help: &str, mut dialog: D) -> Heard<D::Said> {
        let looks = Looks::new(self.screen.style(), depth);
        let message = harmless(message);
        let hint = if self.can_go_back {
            "Ctrl-B goes back; "
        } else {
            ""
        };
        let help = format!("{hint}{help}");
        self.screen.lend(|| {
            let _raw = Raw::new().map_err(|_| Unsaid::Later)?;
            let mut block = Block::new(looks.style);
            loop {
                looks.show(&mut block, &message, &help, &dialog);
                let ended = match keys::next(&self.stop) {
                    Ok(Key::GoBack) if self.can_go_back => Some(Err(Unsaid::Back)),
                    Ok(key) => dialog.press(&key).map(Ok),
                    Err(unsaid) => Some(Err(unsaid)),
                };
                let Some(ended) = ended else { continue };
                block.leave(&match &ended {
                    Ok((_, answer)) => looks.answered(&message, answer),
                    Err(unsaid) => looks.unsaid(&message, *unsaid),
                });
                return ended.map(|(said, _)| said);
            }
        })
    }
}

impl Prompts for Keyboard {
    fn offer_back(&mut self, can_go_back: bool) {
        self.can_go_back = can_go_back;
    }

    fn choose(&mut self, prompt: &Choose<'_>) -> Heard<usize> {
        let choice = Choice {
            offers: prompt.options,
            input: Input::default(),
            fitting: (0..prompt.options.len()).collect(),
            at: prompt.start,
        };
        self.hold(prompt.depth, prompt.message, prompt.help, choice)
    }

    fn line(&mut self, prompt: &Type<'_>) -> Heard<String> {
        let entry = Entry {
            prompt,
            input: Input::default(),
            picked: None,
            fault: None,
        };
        self.hold(prompt.depth, prompt.message, prompt.help, entry)
    }
}

/// How prompts look at some depth.
struct Looks {
    style: Style,
    indent: String,
    arrow: &'static str,
    said: &'static str,
}

impl Looks {
    fn new(style: Style, depth: usize) -> Self {
        let (arrow, said) = if style.unicode { ("❯", "›") } else { (">", ">") };
        Self {
            style,
            indent: "  ".repeat(depth),
            arrow,
            said,
        }
    }

    fn show(&self, block: &mut Block, message: &str, help: &str, dialog: &impl Dialog) {
        let indent = self.indent.as_str();
        let mut above = Vec::new();
        if let Some(fault) = dialog.fault() {
            let fault = harmless(fault);
            above.push(Row::of(&[
                (Tint::Plain, indent),
                (Tint::Bad, "! "),
                (Tint::Plain, &fault),
            ]));
        }
        let input = dialog.input();
        let (typed, before) = (input.text(), input.before());
        let default = dialog.default().filter(|_| typed.is_empty());
        let default = default.map_or_else(String::new, |default| format!("({}) ", harmless(default)));
        let parts = |typed: &str| {
            self.asked(message)
                .with(&[(Tint::Faint, &default), (Tint::Plain, typed)])
        };
        let cursor = parts(&harmless(&before)).width();
        let (list, picked) = dialog.list();
        let first = picked.map_or(0, |picked| picked.saturating_sub(PAGE - 1));
        let mut below: Vec<Row> = list
            .iter()
            .enumerate()
            .skip(first)
            .take(PAGE)
            .map(|(place, text)| {
                let text = harmless(text);
                match picked == Some(place) {
                    true => Row::of(&[
                        (Tint::Plain, indent),
                        (Tint::Said, self.arrow),
                        (Tint::Plain, " "),
                        (Tint::Said, &text),
                    ]),
                    false => Row::of(&[(Tint::Plain, indent), (Tint::Plain, "  "), (Tint::Plain, &text)]),
                }
            })
            .collect();
        if list.len() > first + PAGE {
            let more = format!("  {} more", list.len() - first - PAGE);
            below.push(Row::of(&[(Tint::Plain, indent), (Tint::Faint, &more)]));
        }
        let help = format!("[{}]", harmless(help));
        below.push(Row::of(&[(Tint::Plain, indent), (Tint::Faint, &help)]));
        block.show(&above, &parts(&harmless(&typed)), cursor, &below);
    }

    fn asked(&self, message: &str) -> Row {
        self.row("?", message)
    }

    fn row(&self, mark: &str, message: &str) -> Row {
        let space = if message.is_empty() { "" } else { " " };
        Row::of(&[
            (Tint::Plain, &self.indent),
            (Tint::Said, mark),
            (Tint::Plain, " "),
            (Tint::Strong, message),
            (Tint::Plain, space),
        ])
    }

    fn answered(&self, message: &str, answer: &str) -> Row {
        self.row(self.said, message)
            .with(&[(Tint::Said, &harmless(answer))])
    }

    fn unsaid(&self, message: &str, unsaid: Unsaid) -> Row {
        let later = if unsaid == Unsaid::Later { "later" } else { "" };
        self.asked(message).with(&[(Tint::Faint, later)])
    }
}

/// A choice among offers: what is typed narrows them down.
struct Choice<'a> {
    offers: &'a [Offer],
    input: Input,
    /// Those that fit what is typed, the best first.
    fitting: Vec<usize>,
    at: usize,
}

impl Dialog for Choice<'_> {
    type Said = usize;

    fn input(&self) -> &Input {
        &self.input
    }

    fn default(&self) -> Option<&str> {
        None
    }

    fn fault(&self) -> Option<&str> {
        None
    }

    fn list(&self) -> (Vec<String>, Option<usize>) {
        let offers = self.fitting.iter().map(|offer| self.offers[*offer].to_string());
        (offers.collect(), Some(self.at))
    }

    fn press(&mut self, key: &Key) -> Option<(usize, String)> {
        let count = self.fitting.len();
        match key {
            Key::Enter => {
                let chosen = *self.fitting.get(self.at)?;
                return Some((chosen, self.offers[chosen].id.clone()));
            }
            Key::Up if count > 0 => self.at = (self.at + count - 1) % count,
            Key::Down if count > 0 => self.at = (self.at + 1) % count,
            key if self.input.press(key) => {
                let typed = self.input.text();
                let fits = |(place, offer): (usize, &Offer)| Some((offer.fits(&typed)?, place));
                let mut fitting: Vec<(i64, usize)> =
                    self.offers.iter().enumerate().filter_map(fits).collect();
                // Ties keep their order.
                fitting.sort_by_key(|(fit, _)| std::cmp::Reverse(*fit));
                self.fitting = fitting.into_iter().map(|(_, place)| place).collect();
                self.at = 0;
            }
            _ => {}
        }
        None
    }
}

/// A line that is typed, or picked from likely ones.
struct Entry<'a> {
    prompt: &'a Type<'a>,
    input: Input,
    picked: Option<usize>,
    fault: Option<String>,
}

impl Entry<'_> {
    fn likely(&self) -> Vec<String> {
        likely(self.prompt.suggestions, &self.input.text())
    }
}

impl Dialog for Entry<'_> {
    type Said = String;

    fn input(&self) -> &Input {
        &self.input
    }

    fn default(&self) -> Option<&str> {
        self.prompt.default
    }

    fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    fn list(&self) -> (Vec<String>, Option<usize>) {
        (self.likely(), self.picked)
    }

    fn press(&mut self, key: &Key) -> Option<(String, String)> {
        let likely = self.likely();
        let picked = self.picked.and_then(|picked| likely.get(picked));
        match key {
            Key::Enter => {
                let typed = self.input.text();
                let said = match (picked, self.prompt.default) {
                    (Some(picked), _) => picked.clone(),
                    (None, Some(default)) if typed.is_empty() => default.to_owned(),
                    _ => typed,
                };
                match (self.prompt.check)(&said) {
                    Ok(()) => return Some((said.clone(), said)),
                    Err(why) => self.fault = Some(why),
                }
            }
            Key::Tab => {
                if let Some(text) = picked.or(likely.first()) {
                    self.input.put(text);
                    self.picked = None;
                }
            }
            Key::Down if !likely.is_empty() => {
                self.picked = Some(self.picked.map_or(0, |at| (at + 1) % likely.len()));
            }
            Key::Up => self.picked = self.picked.and_then(|at| at.checked_sub(1)),
            key if self.input.press(key) => self.picked = None,
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed<D: Dialog>(dialog: &mut D, keys: &[Key]) -> Option<D::Said> {
        keys.iter()
            .find_map(|key| dialog.press(key))
            .map(|(said, _)| said)
    }

    fn text(text: &str) -> Key {
        Key::Text(text.to_owned())
    }

    #[test]
    fn typing_narrows_a_choice_down_and_arrows_go_round() {
        let offers = ["no", "yes", "unknown"].map(|id| Offer::new(id, None));
        let choice = || Choice {
            offers: &offers,
            input: Input::default(),
            fitting: vec![0, 1, 2],
            at: 0,
        };
        assert_eq!(typed(&mut choice(), &[Key::Up, Key::Enter]), Some(2));
        assert_eq!(typed(&mut choice(), &[text("n"), Key::Down, Key::Enter]), Some(2));
        let mut none = choice();
        assert_eq!(
            typed(&mut none, &[text("maybe"), Key::Up, Key::Down, Key::Enter]),
            None
        );
        assert_eq!(typed(&mut none, &[Key::Clear, Key::Down, Key::Enter]), Some(1));
    }

    #[test]
    fn a_line_is_typed_or_picked_and_what_is_wrong_with_it_is_said() {
        let suggestions = ["v1.9.0", "v1.10.0"].map(str::to_owned);
        let prompt = Type {
            depth: 0,
            message: "Which?",
            help: "",
            default: Some("v2"),
            suggestions: &suggestions,
            check: &|typed| match typed.starts_with('v') {
                true => Ok(()),
                false => Err("it begins with v".to_owned()),
            },
        };
        let entry = || Entry {
            prompt: &prompt,
            input: Input::default(),
            picked: None,
            fault: None,
        };
        let is = |said: &str| Some(said.to_owned());
        assert_eq!(typed(&mut entry(), &[Key::Enter]), is("v2"));
        assert_eq!(
            typed(&mut entry(), &[Key::Down, Key::Down, Key::Enter]),
            is("v1.10.0")
        );
        assert_eq!(
            typed(&mut entry(), &[text("10"), Key::Tab, text("1"), Key::Enter]),
            is("v1.10.01")
        );
        assert_eq!(typed(&mut entry(), &[Key::Down, Key::Up, Key::Enter]), is("v2"));
        let mut wrong = entry();
        assert_eq!(typed(&mut wrong, &[text("1"), Key::Enter]), None);
        assert_eq!(wrong.fault(), Some("it begins with v"));
    }
}
