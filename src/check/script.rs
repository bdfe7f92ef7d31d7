//! The simple commands of a script, as far as rules speak of them. Unlike the lexer that makes values safe, it need not be right about every
//! script: where it is not, a rule says too little.

use crate::template::{Part, scan};

use super::words::{Piece, Word};

/// A command of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Simple<'a> {
    /// The line that it begins on, from 1.
    pub(super) line: usize,
    /// Its words.
    pub(super) words: Vec<Word<'a>>,
}

/// The simple commands of a script.
pub(super) fn commands(script: &str) -> Vec<Simple<'_>> {
    let mut tokens = Vec::with_capacity(script.len());
    let mut lines = Vec::with_capacity(script.len());
    let (mut line, mut counted) = (1, 0);
    let newlines = |text: Option<&str>| text.unwrap_or_default().matches('\n').count();
    for part in scan(script) {
        match part {
            Part::Text(text) => {
                // Tags take white space around them away, so that the parts before it do not tell its line.
                let start = text.as_ptr().addr().saturating_sub(script.as_ptr().addr());
                line += newlines(script.get(counted..start));
                counted = start + text.len();
                for c in text.chars() {
                    tokens.push(Token::Char(c));
                    lines.push(line);
                    line += usize::from(c == '\n');
                }
            }
            Part::Output(code) => {
                tokens.push(Token::Value(code.text));
                lines.push(code.line);
            }
            Part::Block(_) => {}
        }
    }
    let mut reader = Reader {
        tokens: &tokens,
        lines: &lines,
        position: 0,
        frames: vec![Frame::default()],
        here_documents: Vec::new(),
        done: Vec::new(),
    };
    reader.read();
    reader.done
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Char(char),
    Value(&'a str),
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Quote {
    #[default]
    No,
    Single,
    Double,
}

/// Commands that stand in one another: the script, `( … )` and `$( … )`.
#[derive(Default)]
struct Frame<'a> {
    /// The line of the first word.
    line: usize,
    words: Vec<Word<'a>>,
    word: Option<Word<'a>>,
    quote: Quote,
    /// The next word is the file of a redirection.
    redirects: bool,
}

struct Reader<'t, 'a> {
    tokens: &'t [Token<'a>],
    /// The line of each.
    lines: &'t [usize],
    position: usize,
    /// Innermost last; the first is never taken away.
    frames: Vec<Frame<'a>>,
    /// The ends of the here-documents that begin with the next line.
    here_documents: Vec<String>,
    done: Vec<Simple<'a>>,
}

impl<'a> Reader<'_, 'a> {
    fn read(&mut self) {
        while let Some(token) = self.next() {
            match (self.frame().quote, token) {
                (_, Token::Value(code)) => self.word().0.push(Piece::Value(code)),
                (Quote::Single, Token::Char('\'')) | (Quote::Double, Token::Char('"')) => {
                    self.frame().quote = Quote::No;
                }
                (Quote::Single, Token::Char(c)) => self.word().push(c),
                (Quote::Double, Token::Char(c)) => self.double(c),
                (Quote::No, Token::Char(c)) => self.bare(c),
            }
        }
        while !self.frames.is_empty() {
            self.end_command();
            self.frames.pop();
        }
    }

    fn next(&mut self) -> Option<Token<'a>> {
        let token = self.tokens.get(self.position).copied();
        self.position += 1;
        token
    }

    fn peek(&self) -> Option<char> {
        match self.tokens.get(self.position) {
            Some(Token::Char(c)) => Some(*c),
            _ => None,
        }
    }

    fn take(&mut self, wanted: char) -> bool {
        let is = self.peek() == Some(wanted);
        self.position += usize::from(is);
        is
    }

    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some(c) = self.peek().filter(|c| fits(*c)) {
            taken.push(c);
            self.position += 1;
        }
        taken
    }

    fn frame(&mut self) -> &mut Frame<'a> {
        if self.frames.is_empty() {
            self.frames.push(Frame::default());
        }
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    fn word(&mut self) -> &mut Word<'a> {
        let line = self.lines.get(self.position.saturating_sub(1)).copied();
        let frame = self.frame();
        if frame.words.is_empty() && frame.word.is_none() {
            frame.line = line.unwrap_or(1);
        }
        frame.word.get_or_insert_default()
    }

    fn double(&mut self, c: char) {
        match c {
            '\\' => {
                if let Some(Token::Char(c)) = self.next() {
                    self.word().push(c);
                }
            }
            '$' => self.dollar(),
            c => self.word().push(c),
        }
    }

    fn bare(&mut self, c: char) {
        match c {
            '\'' | '"' => {
                self.word();
                self.frame().quote = if c == '"' { Quote::Double } else { Quote::Single };
            }
            '\\' => match self.next() {
                Some(Token::Char('\n')) | None => {}
                Some(Token::Char(c)) => self.word().push(c),
                Some(Token::Value(code)) => self.word().0.push(Piece::Value(code)),
            },
            '$' => self.dollar(),
            '#' if self.frame().word.is_none() => drop(self.take_until_line_end()),
            ' ' | '\t' => self.end_word(),
            '\n' => {
                self.end_command();
                self.skip_here_documents();
            }
            ';' | '&' | '|' | '`' => self.end_command(),
            '(' => {
                self.end_command();
                self.frames.push(Frame::default());
            }
            ')' => {
                self.end_command();
                if self.frames.len() > 1 {
                    self.frames.pop();
                }
            }
            '<' | '>' => self.redirection(c),
            c => self.word().push(c),
        }
    }

    fn redirection(&mut self, c: char) {
        // The number before it is a descriptor, and no word.
        let is_number = |word: &Word<'_>| {
            word.text()
                .is_some_and(|text| text.chars().all(|c| c.is_ascii_digit()))
        };
        if self.frame().word.as_ref().is_some_and(is_number) {
            self.frame().word = None;
        }
        self.end_word();
        if c == '<' && self.take('<') && !self.take('<') {
            self.take('-');
            self.take_while(|c| c == ' ');
            let end = self.take_while(|c| !c.is_whitespace() && !";&|)<>".contains(c));
            self.here_documents.push(end.replace(['\'', '"', '\\'], ""));
            return;
        }
        if c == '>' {
            self.take('>');
        }
        if !self.take('&') {
            self.take('|');
        }
        self.frame().redirects = true;
    }

    fn dollar(&mut self) {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if self.take('(') {
            if self.take('(') {
                let mut open = 2;
                while let Some(token) = self.next().filter(|_| open > 0) {
                    open += i32::from(token == Token::Char('(')) - i32::from(token == Token::Char(')'));
                }
                self.position -= 1;
                self.word().push('0');
                return;
            }
            self.word().0.push(Piece::Output);
            self.frames.push(Frame::default());
        } else if self.take('{') {
            let name = self.take_while(is_name);
            self.take_while(|c| c != '}');
            self.take('}');
            self.word().0.push(Piece::Variable(name));
        } else {
            let name = self.take_while(is_name);
            let piece = match name.is_empty() {
                true => Piece::Text("$".to_owned()),
                false => Piece::Variable(name),
            };
            self.word().0.push(piece);
        }
    }

    fn take_until_line_end(&mut self) -> String {
        let mut line = String::new();
        while self.peek() != Some('\n') {
            match self.next() {
                Some(Token::Char(c)) => line.push(c),
                Some(Token::Value(_)) => {}
                None => break,
            }
        }
        line
    }

    fn skip_here_documents(&mut self) {
        for end in std::mem::take(&mut self.here_documents) {
            while self.position < self.tokens.len() {
                let line = self.take_until_line_end();
                self.take('\n');
                if line.trim() == end {
                    break;
                }
            }
        }
    }

    fn end_word(&mut self) {
        let frame = self.frame();
        if let Some(word) = frame.word.take()
            && !std::mem::take(&mut frame.redirects)
        {
            frame.words.push(word);
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        let frame = self.frame();
        frame.redirects = false;
        let line = frame.line;
        let words = std::mem::take(&mut frame.words);
        if !words.is_empty() {
            self.done.push(Simple { line, words });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(script: &str) -> Vec<String> {
        let piece = |piece: &Piece<'_>| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Value(code) => format!("<{code}>"),
            Piece::Variable(name) => format!("${name}"),
            Piece::Output => "$()".to_owned(),
        };
        let word = |word: &Word<'_>| word.0.iter().map(piece).collect::<String>();
        let command = |command: &Simple<'_>| command.words.iter().map(word).collect::<Vec<_>>().join("_");
        commands(script).iter().map(command).collect()
    }

    #[test]
    fn commands_are_taken_apart_where_a_shell_does_it() {
        for (script, expected) in [
            ("a 'b c' \"d $E {{ f }}\"; g", &["a_b c_d $E <f>", "g"][..]),
            ("a {{ b }} > c 2>&1 | d <<< e f", &["a_<b>", "d_f"]),
            (
                "x=$(a \"$(b)\") && c # {{ d }}\ne",
                &["b", "a_$()", "x=$()", "c", "e"],
            ),
            ("cat <<'END' | b\nc d\nEND\ne", &["cat", "b", "e"]),
            ("a $((1 + (2))) ${B:-c} \\{{ d }}", &["a_0_$B_<d>"]),
            ("if [ {{ a }} ]; then b; fi", &["if_[_<a>_]", "then_b", "fi"]),
            ("case a in b) c ;; esac", &["case_a_in_b", "c", "esac"]),
            ("(a; b) c", &["a", "b", "c"]),
            ("a $((", &["a_0"]),
            ("'", &[""]),
        ] {
            assert_eq!(shown(script), expected, "{script}");
        }
    }

    #[test]
    fn a_command_stands_on_the_line_of_its_first_word() {
        let script = "a \\\n b\n\n{{ c\n}} d; 'e\nf'\n{% if g -%}\n\nh\n{% endif %}\n(\ni)";
        let lines: Vec<usize> = commands(script).iter().map(|command| command.line).collect();
        assert_eq!(lines, [1, 4, 5, 9, 12], "{:?}", shown(script));
    }
}
