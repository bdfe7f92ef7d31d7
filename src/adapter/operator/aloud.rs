use std::io::{self, BufRead};

use crate::adapter::reporter::{Line, Mark, Screen};

use super::keys::{Stop, is_readable};
use super::prompts::{Choose, Heard, Offer, Prompts, Type, Unsaid};

/// The word that leaves a prompt open.
const LATER: &str = "later";
/// The word that goes back to an answer before, where one can.
const BACK: &str = "back";

/// Prompts as lines, for screen readers and for terminals that only print: what there is to choose is numbered, and an answer is typed and ends
/// with Enter. Ctrl-C is the terminal's own: it comes as a signal.
pub(super) struct Aloud {
    screen: Screen,
    typed: Box<dyn BufRead + Send>,
    /// Waits until a line is typed, or the prompt is withdrawn.
    wait: Box<dyn Fn() -> Heard<()> + Send>,
    can_go_back: bool,
}

impl Aloud {
    /// Prompts on a screen, answered on standard input.
    pub(super) fn new(screen: Screen, stop: Stop) -> Self {
        let wait = move || stop.until_typed(is_readable);
        Self::of(screen, io::BufReader::new(io::stdin()), wait)
    }

    fn of(
        screen: Screen,
        typed: impl BufRead + Send + 'static,
        wait: impl Fn() -> Heard<()> + Send + 'static,
    ) -> Self {
        Self {
            screen,
            typed: Box::new(typed),
            wait: Box::new(wait),
            can_go_back: false,
        }
    }

    /// The next line that is typed. The end of input says nothing.
    fn typed(&mut self) -> Heard<String> {
        let mut line = Vec::new();
        // A terminal gives one line at a time, so that none is kept back in the buffer.
        (self.wait)()?;
        match self.typed.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => Err(Unsaid::Later),
            Ok(_) => {
                let line = String::from_utf8_lossy(&line);
                let typed = line.trim_end_matches(['\n', '\r']);
                match self.can_go_back && typed.trim() == BACK {
                    true => Err(Unsaid::Back),
                    false => Ok(typed.to_owned()),
                }
            }
        }
    }

    /// How one leaves a prompt.
    fn ways_out(&self, leaves: &str) -> String {
        let back = if self.can_go_back {
            ", `back` goes back"
        } else {
            ""
        };
        format!("{leaves} leaves it open{back}")
    }

    fn say(&self, depth: usize, mark: Mark, text: &str) {
        self.screen.print(&Line::new(mark, text).at(depth));
    }

    /// What is asked, and what to know about it.
    fn ask(&self, depth: usize, message: &str, help: &str) {
        if !message.is_empty() {
            self.say(depth, Mark::None, &format!("question: {message}"));
        }
        let facts = without_keys(help);
        if !facts.is_empty() {
            self.say(depth, Mark::None, &facts);
        }
    }

    fn took(&self, depth: usize, message: &str, answer: &str) {
        self.say(depth, Mark::Said, format!("{message} {answer}").trim());
    }
}

impl Prompts for Aloud {
    fn offer_back(&mut self, can_go_back: bool) {
        self.can_go_back = can_go_back;
    }

    fn choose(&mut self, prompt: &Choose<'_>) -> Heard<usize> {
        let depth = prompt.depth;
        self.ask(depth, prompt.message, prompt.help);
        // A number would be the place of one offer and the word for another.
        let is_numbered = !prompt
            .options
            .iter()
            .any(|offer| offer.id.parse::<usize>().is_ok());
        for (place, offer) in prompt.options.iter().enumerate() {
            let number = if is_numbered {
                format!("{}: ", place + 1)
            } else {
                String::new()
            };
            let label = offer
                .label
                .as_ref()
                .map_or_else(String::new, |label| format!(", {label}"));
            self.say(depth, Mark::None, &format!("{number}{}{label}", offer.id));
        }
        let how = if is_numbered {
            "a number or a word"
        } else {
            "its word"
        };
        let ways = self.ways_out(&format!("an empty line or `{LATER}`"));
        let how = format!("Type {how}, then Enter; {ways}.");
        self.say(depth, Mark::None, &how);
        loop {
            let typed = self.typed()?;
            let typed = typed.trim();
            if typed.is_empty() {
                return Err(Unsaid::Later);
            }
            match chosen(prompt.options, typed, is_numbered) {
                Some(place) => {
                    self.took(depth, prompt.message, &prompt.options[place].id);
                    return Ok(place);
                }
                None if typed == LATER => return Err(Unsaid::Later),
                None => {
                    let words: Vec<String> = prompt
                        .options
                        .iter()
                        .map(|offer| format!("`{}`", offer.id))
                        .collect();
                    let text = format!("`{typed}` is none of {}: type it again", words.join(", "));
                    self.say(depth, Mark::Mind, &text);
                }
            }
        }
    }

    fn line(&mut self, prompt: &Type<'_>) -> Heard<String> {
        let depth = prompt.depth;
        self.ask(depth, prompt.message, prompt.help);
        if !prompt.suggestions.is_empty() {
            self.say(
                depth,
                Mark::None,
                &format!("likely: {}", prompt.suggestions.join(", ")),
            );
        }
        // The lines of one text follow each other, and only the first has a question.
        if !prompt.message.is_empty() {
            let ways = self.ways_out(&format!("`{LATER}`"));
            let how = format!("Type a line, then Enter; {ways}.");
            self.say(depth, Mark::None, &how);
        }
        loop {
            let typed = self.typed()?;
            if typed.trim() == LATER {
                return Err(Unsaid::Later);
            }
            let typed = match prompt.default {
                Some(default) if typed.is_empty() => default.to_owned(),
                _ => typed,
            };
            match (prompt.check)(&typed) {
                Ok(()) => {
                    if !typed.is_empty() {
                        self.took(depth, prompt.message, &typed);
                    }
                    return Ok(typed);
                }
                Err(why) => self.say(depth, Mark::Mind, &format!("{why}: type it again")),
            }
        }
    }
}

/// The offer that was meant: by its word, by the beginning of only one word, or by its number.
fn chosen(offers: &[Offer], typed: &str, is_numbered: bool) -> Option<usize> {
    if let Some(place) = offers
        .iter()
        .position(|offer| offer.id.eq_ignore_ascii_case(typed))
    {
        return Some(place);
    }
    if let (true, Ok(number)) = (is_numbered, typed.parse::<usize>()) {
        return number.checked_sub(1).filter(|place| *place < offers.len());
    }
    let typed = typed.to_lowercase();
    let begins = |offer: &&Offer| offer.id.to_lowercase().starts_with(&typed);
    let mut fits = offers.iter().filter(begins);
    match (fits.next(), fits.next()) {
        (Some(only), None) => offers.iter().position(|offer| offer == only),
        _ => None,
    }
}

/// What a prompt says beside which keys it takes: here a line is typed.
fn without_keys(help: &str) -> String {
    let parts = help.split("; ");
    let facts = parts.filter(|part| {
        !["Esc ", "arrows", "typing", "Enter goes on"]
            .iter()
            .any(|key| part.contains(key))
    });
    facts.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::reporter::spoken;

    fn offers(ids: &[&str]) -> Vec<Offer> {
        ids.iter()
            .map(|id| Offer::new(id, Some("what it means")))
            .collect()
    }

    fn choose(ids: &[&str], typed: &'static str) -> (Heard<usize>, String) {
        let (screen, printed) = spoken();
        let prompt = Choose {
            depth: 0,
            message: "Which one?",
            help: "`no` was detected; arrows or typing, Enter takes it, Esc leaves it open",
            options: &offers(ids),
            start: 0,
        };
        let heard = Aloud::of(screen, typed.as_bytes(), || Ok(())).choose(&prompt);
        (heard, printed.text())
    }

    #[test]
    fn what_there_is_to_choose_is_numbered() {
        let (heard, printed) = choose(&["yes", "no", "later"], "maybe\n2\n");
        assert_eq!(heard, Ok(1));
        insta::assert_snapshot!(printed, @"
        question: Which one?
        `no` was detected
        1: yes, what it means
        2: no, what it means
        3: later, what it means
        Type a number or a word, then Enter; an empty line or `later` leaves it open.
        note: `maybe` is none of `yes`, `no`, `later`: type it again
        said: Which one? no
        ");
    }

    #[test]
    fn a_choice_is_made_by_its_number_its_word_or_the_beginning_of_one() {
        let chosen = |typed| choose(&["yes", "no", "nobody_knows"], typed).0;
        assert_eq!(chosen("1\n"), Ok(0));
        assert_eq!(chosen("NO\n"), Ok(1));
        assert_eq!(chosen("nob\r\n"), Ok(2));
        assert_eq!(chosen("later\n"), Err(Unsaid::Later));
        assert_eq!(chosen(" \n"), Err(Unsaid::Later));
        // Several begin like that; there is no fourth; and then nothing more comes.
        assert_eq!(chosen("n\n4\n0\n"), Err(Unsaid::Later));
    }

    #[test]
    fn one_goes_back_by_a_word_where_one_can_and_a_prompt_is_withdrawn() {
        let offers = offers(&["yes", "no"]);
        let prompt = || Choose {
            depth: 0,
            message: "Which one?",
            help: "",
            options: &offers,
            start: 0,
        };
        let (screen, printed) = spoken();
        let mut aloud = Aloud::of(screen, "back\nback\n".as_bytes(), || Ok(()));
        assert_eq!(aloud.choose(&prompt()), Err(Unsaid::Later), "it is no offer");
        aloud.typed = Box::new("back\n".as_bytes());
        aloud.offer_back(true);
        assert_eq!(aloud.choose(&prompt()), Err(Unsaid::Back));
        let how = "an empty line or `later` leaves it open, `back` goes back.";
        assert!(printed.text().contains(how), "{}", printed.text());
        aloud.wait = Box::new(|| Err(Unsaid::Withdrawn));
        assert_eq!(aloud.choose(&prompt()), Err(Unsaid::Withdrawn));
    }

    #[test]
    fn numbers_that_are_words_are_words() {
        let (heard, printed) = choose(&["2", "1"], "1\n");
        assert_eq!(heard, Ok(1));
        assert!(!printed.contains("1: 2"), "{printed}");
    }

    fn line(default: Option<&str>, typed: &'static str) -> (Heard<String>, String) {
        let (screen, printed) = spoken();
        let prompt = Type {
            depth: 0,
            message: "Which tag?",
            help: "Esc leaves it open",
            default,
            suggestions: &["v1".to_owned(), "v2".to_owned()],
            check: &|typed| match typed.strip_prefix('v') {
                Some(_) => Ok(()),
                None => Err("it must begin with v".to_owned()),
            },
        };
        let heard = Aloud::of(screen, typed.as_bytes(), || Ok(())).line(&prompt);
        (heard, printed.text())
    }

    #[test]
    fn a_line_is_asked_for_until_it_is_right() {
        let (heard, printed) = line(None, "\n7\nv7\n");
        assert_eq!(heard, Ok("v7".to_owned()));
        insta::assert_snapshot!(printed, @"
        question: Which tag?
        likely: v1, v2
        Type a line, then Enter; `later` leaves it open.
        note: it must begin with v: type it again
        note: it must begin with v: type it again
        said: Which tag? v7
        ");
        assert_eq!(line(Some("v3"), "\n").0, Ok("v3".to_owned()));
        assert_eq!(line(None, "later\n").0, Err(Unsaid::Later));
        assert_eq!(line(None, "").0, Err(Unsaid::Later));
    }
}
