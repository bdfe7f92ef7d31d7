use crate::template::TemplateError;

/// A place where no value is safe, and what to write instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Refusal {
    /// Where it is; reads on after "stands".
    pub(super) place: &'static str,
    /// What to write instead.
    pub(super) fix: &'static str,
}

impl Refusal {
    /// The error about a value that stands there.
    pub(super) fn about(self, expression: &str, line: usize) -> TemplateError {
        TemplateError::Unsafe {
            expression: expression.trim().to_owned(),
            place: self.place,
            fix: self.fix,
            line: Some(line),
        }
    }
}

macro_rules! refusals {
    ($($name:ident = $place:literal, $fix:literal;)*) => {
        $(pub(super) const $name: Refusal = Refusal { place: $place, fix: $fix };)*
    };
}

refusals! {
    COMMENT = "in a comment",
        "take it out of the comment";
    BACK_TICKS = "in or after back-ticks",
        "write `$( … )` instead of the back-ticks";
    HERE_DOCUMENT = "in or after the start of a here-document",
        "give the text by `stdin:`, or put the value into a variable before the here-document";
    ARITHMETIC = "in an arithmetic expansion",
        "put the value into a variable first, check that it is a number, and use the variable";
    AFTER_ARITHMETIC = "after arithmetic with quotes in it",
        "put the value into a variable at the top of the script";
    PARAMETER = "in a `${ }` expansion",
        "put the value into a variable first: `x={{ value }}`";
    AFTER_PARAMETER = "after a `${ }` expansion with quotes in it, which shells read differently",
        "put the value into a variable at the top of the script";
    ANSI = "in `$'…'`",
        "use plain single quotes";
    AFTER_ANSI = "after a `$'…'` with `\\'` in it, which shells read differently",
        "put the value into a variable at the top of the script";
    TRANSLATED = "in `$\"…\"`",
        "use plain double quotes";
    BACKSLASH = "right after a backslash",
        "take the backslash away: the value is quoted for you";
    DOLLAR = "right after a `$`",
        "a value is not the name of a variable: take the `$` away";
    CONDITION = "in `[[ … ]]`, which may calculate with it",
        "use `[ … ]`, or put the value into a variable first";
    SUBSCRIPT = "in a subscript, which may calculate with it",
        "put the value into a variable first";
    DESCRIPTOR = "after `>&` or `<&`, where bash evaluates even what is quoted",
        "write `> file 2>&1` with the value as the file";
    CASE = "after a `case` in parentheses",
        "move the `case` out of the parentheses, or into a function at the end of the script";
    CONTINUED = "after a word that a backslash continues on the next line",
        "write the word on one line";
    LIST = "beside other text, and is a list",
        "a list must stand alone, with blanks around it; or join it: `{{ list | join(\",\") }}`";
    REDIRECTED = "as the file of a redirection, and is a list",
        "name one file, such as `{{ list | first }}`";
}
