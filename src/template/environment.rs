use std::fmt::{self, Write};
use std::sync::{Arc, LazyLock};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Object, ObjectRepr, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};

use super::mark;
use super::markdown;
use super::missing;
use super::text::{refuse, text};

/// How much work one rendering may do: far more than any template needs, far less than a person would wait for.
const FUEL: u64 = 2_000_000;

/// For templates whose values are put in as they are, and for expressions.
pub(super) static PLAIN: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = environment();
    environment.add_filter("raw", |value: Value| value);
    environment.set_formatter(|out, _, value| Ok(out.write_str(&text(value)?)?));
    environment
});

/// For scripts: says of each value of what kind it is.
pub(super) static SCRIPT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = environment();
    environment.add_filter("raw", |value: Value| -> Result<Value, Error> {
        Ok(Value::from_object(Raw(text(&value)?.into_owned())))
    });
    environment.set_formatter(write_marked);
    environment
});

/// What both have in common: strict, bounded, with no way to other templates and no escaping of its own.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    missing::teach(&mut environment);
    markdown::teach(&mut environment);
    // It would print every value of the scope.
    environment.remove_global("debug");
    // Errors then say where in the template they are.
    environment.set_debug(true);
    // A template that ends with a newline says so: it may be the content of a file.
    let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
    if let Ok(syntax) = syntax {
        environment.set_syntax(syntax);
    }
    environment
}

/// Script that the author vouches for. Whatever is made from it as a text bears a mark, so that only `raw` as the last filter
/// has its effect.
#[derive(Debug)]
struct Raw(String);

impl Object for Raw {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", mark::RAW, self.0)
    }
}

/// Writes a value into a script, marked where it is not simply a text.
fn write_marked(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if let Some(raw) = value.downcast_object_ref::<Raw>() {
        checked(&raw.0)?;
        out.write_char(mark::RAW)?;
        out.write_str(&raw.0)?;
        return Ok(());
    }
    match value.kind() {
        // Only the missing branch of `{{ x if y }}` comes here undefined: it says nothing, not an empty text.
        ValueKind::Undefined => Ok(()),
        ValueKind::Seq | ValueKind::Iterable => {
            for item in value.try_iter()? {
                out.write_char(mark::LIST)?;
                out.write_str(&word(&item)?)?;
            }
            Ok(())
        }
        _ => match word(value)?.as_str() {
            "" => Ok(out.write_char(mark::EMPTY)?),
            text => Ok(out.write_str(text)?),
        },
    }
}

/// One value as the text that becomes one word.
fn word(value: &Value) -> Result<String, Error> {
    match value.kind() {
        ValueKind::String | ValueKind::Number | ValueKind::Bool | ValueKind::None => {
            let text = text(value)?;
            // A block that was captured may have empty values in it.
            let text = text.replace(mark::EMPTY, "");
            checked(&text)?;
            Ok(text)
        }
        ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
        ValueKind::Map => Err(refuse("a map cannot be put into a script: name the value in it")),
        ValueKind::Seq | ValueKind::Iterable => Err(refuse(
            "a list of lists cannot be put into a script: join or index it",
        )),
        _ => Err(refuse(
            "only a text, a number, true or false, or a list of these can be put into a script",
        )),
    }
}

/// Refuses a text that was made from something that must stand alone.
fn checked(text: &str) -> Result<(), Error> {
    match text.chars().find(|c| mark::is_refused(*c)) {
        None => Ok(()),
        Some(mark::RAW) => Err(refuse(
            "`raw` must be the last filter, directly in `{{ }}`: not in a list, macro or block",
        )),
        Some(mark::LIST) => Err(refuse(
            "a list must be put into a script directly, not by a macro or a block",
        )),
        Some(_) => Err(refuse(mark::REFUSAL)),
    }
}
