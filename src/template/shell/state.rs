use super::refusal::{CASE, Refusal};

/// What the lexer is inside of, innermost last.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Context {
    /// Commands: the script itself, or what stands in parentheses.
    Commands(Commands),
    /// Double quotes; `translated` if they are bash's `$"…"`.
    Double { translated: bool },
    /// Single quotes.
    Single,
    /// Bash's `$'…'`.
    Ansi,
    /// From `#` to the end of the line.
    Comment,
    /// `${ … }`, in double quotes or not.
    Parameter { quoted: bool },
    /// `$(( … ))` or `(( … ))`, and how many parentheses are open.
    Arithmetic { open: usize },
}

/// What was read last, where the next character decides what it means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Last {
    /// Nothing of importance.
    #[default]
    Other,
    /// An unquoted backslash.
    Backslash,
    /// A `$` that may begin an expansion.
    Dollar,
    /// A part of a variable's name, in double quotes.
    Name,
    /// An opening parenthesis that may be one of two.
    Open,
    /// `<`.
    Less,
    /// `>`.
    Greater,
    /// `<<`.
    LessLess,
}

/// Whether a word is where a redirection leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Redirect {
    /// It is not.
    #[default]
    No,
    /// It is a file, or the text of a here-string.
    File,
    /// It is a descriptor, after `>&` or `<&`.
    Descriptor,
}

/// How far the reading of simple commands is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Commands {
    /// The word under way, as it is written.
    pub(super) word: String,
    /// Whether the word that names the command has been read for certain. What follows is neither a keyword, an assignment nor
    /// an alias.
    pub(super) named: bool,
    /// Whether the word under way is where a redirection leads.
    pub(super) redirect: Redirect,
    /// Whether this is inside `[[ … ]]`.
    pub(super) condition: bool,
}

/// Words after which a command may begin.
const KEYWORDS: [&str; 22] = [
    "!", "{", "}", "[[", "]]", "if", "then", "elif", "else", "fi", "for", "in", "while", "until", "do",
    "done", "case", "esac", "time", "coproc", "function", "select",
];

impl Commands {
    /// The word under way is complete; `nested` says whether these commands stand in parentheses.
    pub(super) fn end_word(&mut self, nested: bool) -> Result<(), Refusal> {
        if self.word.is_empty() {
            return Ok(());
        }
        let word = std::mem::take(&mut self.word);
        match word.as_str() {
            // The `)` of its patterns would seem to close the parentheses.
            "case" if nested && !self.named => return Err(CASE),
            "[[" => self.condition = true,
            "]]" => self.condition = false,
            _ => {}
        }
        if self.redirect != Redirect::No {
            self.redirect = Redirect::No;
        } else if KEYWORDS.contains(&word.as_str()) {
            self.named = false;
        } else if !word.starts_with('-') && !is_assignment(&word) {
            self.named = true;
        }
        Ok(())
    }

    /// A command is complete.
    pub(super) fn end_command(&mut self, nested: bool) -> Result<(), Refusal> {
        self.end_word(nested)?;
        self.named = false;
        self.redirect = Redirect::No;
        Ok(())
    }

    /// Whether the word under way is in the subscript of a variable: after `name[`, or after `[` as in
    /// `name=([…]=…)`, and not after the `]=`.
    pub(super) fn is_subscript(&self) -> bool {
        let Some((name, rest)) = self.word.split_once('[') else {
            return false;
        };
        let closed = rest.split_once(']').is_some_and(|(index, after)| {
            !index.contains('[') && (after.starts_with('=') || after.starts_with("+="))
        });
        (name.is_empty() || is_name(name)) && !closed
    }
}

/// Whether a word may be an assignment.
fn is_assignment(word: &str) -> bool {
    word.contains('=') && !word.starts_with(['\'', '"'])
}

/// Whether a text is the name of a variable.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
