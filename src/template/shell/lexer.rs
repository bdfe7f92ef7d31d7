use crate::template::TemplateError;

use super::quote::is_plain;
use super::refusal::{
    AFTER_ANSI, AFTER_ARITHMETIC, AFTER_PARAMETER, ANSI, ARITHMETIC, BACK_TICKS, BACKSLASH, COMMENT,
    CONDITION, CONTINUED, DESCRIPTOR, DOLLAR, HERE_DOCUMENT, PARAMETER, Refusal, SUBSCRIPT, TRANSLATED,
};
use super::state::{Commands, Context, Last, Redirect};

/// Reads a script as a shell would, as far as it must be known where a value stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::template) struct Lexer {
    /// The outermost commands.
    base: Commands,
    /// What is open, innermost last.
    open: Vec<Context>,
    last: Last,
    /// Why no value is safe any more.
    lost: Option<Refusal>,
}

/// A place where a value is safe, if it is written for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A word without quotes, or a part of one.
    Word {
        /// Whether the value is at its beginning.
        start: bool,
        /// Whether nothing in the word so far, nor its position, gives a plain value a meaning.
        plain: bool,
        /// Whether it is the file of a redirection.
        redirect: bool,
    },
    /// Double quotes; after a variable's name, which the value must not become a part of.
    Double { after_name: bool },
    /// Single quotes.
    Single,
}

impl Default for Lexer {
    fn default() -> Self {
        Self {
            base: Commands::default(),
            open: Vec::new(),
            last: Last::Other,
            lost: None,
        }
    }
}

impl Lexer {
    /// Reads the author's text.
    pub(in crate::template) fn read(&mut self, text: &str) {
        for c in text.chars() {
            if self.lost.is_some() {
                return;
            }
            if let Err(refusal) = self.step(c) {
                self.lost = Some(refusal);
            }
        }
    }

    /// What a value here must be written for.
    pub(super) fn place(&self) -> Result<Place, Refusal> {
        if let Some(refusal) = self.lost {
            return Err(refusal);
        }
        match self.last {
            Last::Backslash => return Err(BACKSLASH),
            Last::Dollar => return Err(DOLLAR),
            Last::LessLess => return Err(HERE_DOCUMENT),
            Last::Other | Last::Name | Last::Open | Last::Less | Last::Greater => {}
        }
        // Quotes inside `${ }` are quotes to one shell and not to another.
        let around = self.open.iter().rev();
        let mut around = around.take_while(|context| !matches!(context, Context::Commands(_)));
        if around.any(|context| matches!(context, Context::Parameter { .. })) {
            return Err(PARAMETER);
        }
        match self.open.last() {
            None => self.word(&self.base),
            Some(Context::Commands(commands)) => self.word(commands),
            Some(Context::Double { translated: false }) => Ok(Place::Double {
                after_name: self.last == Last::Name,
            }),
            Some(Context::Double { translated: true }) => Err(TRANSLATED),
            Some(Context::Single) => Ok(Place::Single),
            Some(Context::Ansi) => Err(ANSI),
            Some(Context::Comment) => Err(COMMENT),
            Some(Context::Parameter { .. }) => Err(PARAMETER),
            Some(Context::Arithmetic { .. }) => Err(ARITHMETIC),
        }
    }

    /// Takes some value for granted, where one may stand.
    pub(in crate::template) fn suppose(
        &mut self,
        expression: &str,
        line: usize,
    ) -> Result<(), TemplateError> {
        match self.place() {
            Ok(_) => {
                self.wrote("'x'");
                Ok(())
            }
            Err(refusal) => Err(refusal.about(expression, line)),
        }
    }

    /// Takes note of a value, as it was written here.
    pub(super) fn wrote(&mut self, text: &str) {
        self.last = Last::Other;
        if let Some(commands) = self.commands() {
            commands.word.push_str(text);
        }
    }

    fn word(&self, commands: &Commands) -> Result<Place, Refusal> {
        if commands.condition {
            return Err(CONDITION);
        }
        if commands.redirect == Redirect::Descriptor {
            return Err(DESCRIPTOR);
        }
        if commands.is_subscript() {
            return Err(SUBSCRIPT);
        }
        Ok(Place::Word {
            start: commands.word.is_empty(),
            plain: commands.named && commands.word.chars().all(|c| c == '=' || is_plain(c)),
            redirect: commands.redirect == Redirect::File,
        })
    }

    /// The commands under way, where the lexer is directly in some.
    fn commands(&mut self) -> Option<&mut Commands> {
        match self.open.last_mut() {
            None => Some(&mut self.base),
            Some(Context::Commands(commands)) => Some(commands),
            Some(_) => None,
        }
    }

    /// Begins something that belongs to the word under way.
    fn enter(&mut self, written: char, context: Context) {
        if let Some(commands) = self.commands() {
            commands.word.push(written);
        }
        self.open.push(context);
    }

    /// Begins commands in parentheses.
    fn enter_commands(&mut self) {
        let condition = self.commands().is_some_and(|commands| commands.condition);
        self.open.push(Context::Commands(Commands {
            condition,
            ..Commands::default()
        }));
        self.last = Last::Open;
    }

    fn step(&mut self, c: char) -> Result<(), Refusal> {
        let last = std::mem::take(&mut self.last);
        match self.open.last_mut() {
            Some(Context::Single) => {
                if c == '\'' {
                    self.open.pop();
                }
                Ok(())
            }
            Some(Context::Comment) => {
                if c == '\n' {
                    self.open.pop();
                    return self.step_commands(c, last);
                }
                Ok(())
            }
            Some(Context::Ansi) => match (last, c) {
                (Last::Backslash, '\'') => Err(AFTER_ANSI),
                (Last::Backslash, _) => Ok(()),
                (_, '\\') => self.then(Last::Backslash),
                (_, '\'') => self.leave(),
                _ => Ok(()),
            },
            Some(Context::Arithmetic { open }) => {
                match c {
                    '(' => *open += 1,
                    ')' if *open == 1 => return self.leave(),
                    ')' => *open -= 1,
                    '\'' | '"' | '`' | '\\' => return Err(AFTER_ARITHMETIC),
                    _ => {}
                }
                Ok(())
            }
            Some(Context::Double { .. }) => self.step_double(c, last),
            Some(Context::Parameter { quoted }) => {
                let quoted = *quoted;
                self.step_parameter(c, last, quoted)
            }
            None | Some(Context::Commands(_)) => self.step_commands(c, last),
        }
    }

    fn step_double(&mut self, c: char, last: Last) -> Result<(), Refusal> {
        match (last, c) {
            (Last::Backslash, _) => Ok(()),
            (Last::Dollar, '(') => {
                self.enter_commands();
                Ok(())
            }
            (Last::Dollar, '{') => {
                self.open.push(Context::Parameter { quoted: true });
                Ok(())
            }
            (Last::Dollar | Last::Name, c) if c.is_ascii_alphanumeric() || c == '_' => self.then(Last::Name),
            (Last::Dollar, '$') => Ok(()),
            (_, '"') => self.leave(),
            (_, '\\') => self.then(Last::Backslash),
            (_, '$') => self.then(Last::Dollar),
            (_, '`') => Err(BACK_TICKS),
            _ => Ok(()),
        }
    }

    fn step_parameter(&mut self, c: char, last: Last, quoted: bool) -> Result<(), Refusal> {
        match (last, c) {
            (Last::Backslash, _) => Ok(()),
            (Last::Dollar, '(') => {
                self.enter_commands();
                Ok(())
            }
            (Last::Dollar, '{') => {
                self.open.push(Context::Parameter { quoted });
                Ok(())
            }
            (_, '}') => self.leave(),
            (_, '\\') => self.then(Last::Backslash),
            (Last::Dollar, '$') => Ok(()),
            (_, '$') => self.then(Last::Dollar),
            (_, '`') => Err(BACK_TICKS),
            (_, '\'' | '"') if quoted || last == Last::Dollar => Err(AFTER_PARAMETER),
            (_, '\'') => {
                self.open.push(Context::Single);
                Ok(())
            }
            (_, '"') => {
                self.open.push(Context::Double { translated: false });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn step_commands(&mut self, c: char, last: Last) -> Result<(), Refusal> {
        let nested = !self.open.is_empty();
        match (last, c) {
            (Last::Dollar, '(') => {
                self.enter_commands();
                return Ok(());
            }
            (Last::Dollar, '{') => {
                self.open.push(Context::Parameter { quoted: false });
                return Ok(());
            }
            (Last::Dollar, '\'') => {
                self.enter(c, Context::Ansi);
                return Ok(());
            }
            (Last::Dollar, '"') => {
                self.enter(c, Context::Double { translated: true });
                return Ok(());
            }
            (Last::Open, '(') => {
                self.open.pop();
                self.open.push(Context::Arithmetic { open: 2 });
                return Ok(());
            }
            (Last::Less, '<') => return self.then(Last::LessLess),
            // `<<<` is followed by a word like any other.
            (Last::LessLess, '<') => return Ok(()),
            (Last::LessLess, _) => return Err(HERE_DOCUMENT),
            _ => {}
        }
        let Some(commands) = self.commands() else {
            return Ok(());
        };
        match (last, c) {
            (Last::Backslash, '\n') if !commands.word.is_empty() => return Err(CONTINUED),
            (Last::Backslash, '\n') => {}
            (Last::Backslash, _) => commands.word.extend(['\\', c]),
            (_, '\\') => return self.then(Last::Backslash),
            (_, '`') => return Err(BACK_TICKS),
            (_, '\'') => self.enter(c, Context::Single),
            (_, '"') => self.enter(c, Context::Double { translated: false }),
            (_, '#') if commands.word.is_empty() => self.open.push(Context::Comment),
            (_, '$') => {
                commands.word.push(c);
                if last != Last::Dollar {
                    return self.then(Last::Dollar);
                }
            }
            (_, ' ' | '\t') => commands.end_word(nested)?,
            // `>&` and `>|` are one operator each.
            (Last::Less | Last::Greater, '&') => commands.redirect = Redirect::Descriptor,
            (Last::Greater, '|') => {}
            (_, '\n' | ';' | '&' | '|') => commands.end_command(nested)?,
            (_, '<' | '>') => {
                commands.end_word(nested)?;
                commands.redirect = Redirect::File;
                return self.then(if c == '<' { Last::Less } else { Last::Greater });
            }
            (_, '(') => {
                commands.end_command(nested)?;
                self.enter_commands();
            }
            (_, ')') => {
                commands.end_command(nested)?;
                // Without parentheses to close, it ends a pattern of `case`.
                self.open.pop();
            }
            _ => commands.word.push(c),
        }
        Ok(())
    }

    fn then(&mut self, last: Last) -> Result<(), Refusal> {
        self.last = last;
        Ok(())
    }

    fn leave(&mut self) -> Result<(), Refusal> {
        self.open.pop();
        Ok(())
    }
}
