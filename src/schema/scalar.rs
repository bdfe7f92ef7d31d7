//! What stands where a value stands: texts in all their meanings, ids, durations, and maps and lists of them.

use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

macro_rules! scalars {
    ($($(#[$doc:meta])* $name:ident => $schema:tt;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $name {}

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!($schema)
                }
            }
        )*
    };
}

/// What is said where a number, a boolean or a mapping stands in place of a text. The mapping is most likely `{{ … }}`.
const TEXT: &str = "this takes text: put it into quotes";
const EMPTY: &str = "this is empty: give it a text, or remove it";
const ID: &str = "an id is a lower-case letter, then lower-case letters, digits and `_`";

scalars! {
    /// A text that says something, shown as it stands.
    Text => { "type": "string", "pattern": r"\S", "errorMessage": TEXT, "patternErrorMessage": EMPTY };
    /// A text that says something, with `{{ values }}` in it.
    Template => { "type": "string", "pattern": r"\S", "errorMessage": TEXT, "patternErrorMessage": EMPTY };
    /// An expression, without braces.
    Expression => { "type": "string", "pattern": r"\S", "errorMessage": TEXT, "patternErrorMessage": EMPTY };
    /// A regular expression.
    Regex => { "type": "string", "pattern": r"\S", "errorMessage": TEXT, "patternErrorMessage": EMPTY };
    /// A text that may be empty, with or without `{{ values }}` in it.
    AnyText => { "type": "string", "errorMessage": TEXT };
    /// An id that is declared here.
    Id => { "type": "string", "pattern": "^[a-z][a-z0-9_]*$", "errorMessage": TEXT, "patternErrorMessage": ID };
    /// A node that a way could lead to.
    NodeRef => {
        "type": "string",
        "pattern": r"\S",
        "not": { "enum": ["end", "stop"] },
        "errorMessage": TEXT,
        "patternErrorMessage": EMPTY
    };
    /// The name of an environment variable.
    Variable => { "type": "string", "pattern": "^[^=]+$", "patternErrorMessage": "a name is not empty and has no `=` in it" };
    /// The name of an HTTP header.
    HeaderName => {
        "type": "string",
        "pattern": "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
        "patternErrorMessage": "a header's name has letters, digits and `-`"
    };
    /// A number and a unit.
    Duration => {
        "type": "string",
        "pattern": "^[0-9]+(ms|s|m|h)$",
        "errorMessage": "write a number and a unit: `500ms`, `30s`, `5m` or `2h`"
    };
    /// A number and a unit, more than nothing.
    PositiveDuration => {
        "type": "string",
        "pattern": "^0*[1-9][0-9]*(ms|s|m|h)$",
        "errorMessage": "write a number and a unit, more than nothing: `500ms`, `30s`, `5m` or `2h`"
    };
    /// A JSON pointer.
    Pointer => {
        "type": "string",
        "pattern": "^(/|$)",
        "errorMessage": TEXT,
        "patternErrorMessage": "begin it with `/`, as in `/items/0/name`; `\"\"` is the whole document"
    };
    /// A package URL, with or without `{{ values }}` in it.
    PackageUrl => {
        "type": "string",
        "pattern": r"^(pkg:|\{)",
        "errorMessage": TEXT,
        "patternErrorMessage": "begin it with `pkg:`, as in `pkg:generic/shop@v1.4.2`"
    };
    /// An exit code.
    ExitCode => { "type": "integer", "minimum": 0, "maximum": 255 };
    /// The status of an HTTP answer.
    HttpStatus => { "type": "integer", "minimum": 100, "maximum": 599 };
    /// The version of a format.
    Version => { "type": "integer", "const": 1, "errorMessage": "this program reads version 1 of the format: write `1`" };
    /// The name of a check: its owner, and its id or place.
    CheckName => {
        "type": "string",
        "pattern": r"\.",
        "errorMessage": TEXT,
        "patternErrorMessage": "write its owner and its id, or its place from 0: `rollback.seen`, `rollback.0`"
    };
    /// That something is not there.
    NotThere => { "type": "boolean", "const": false, "errorMessage": "write `exists: false`, or what is there: `content` of a file, `target` of a link" };
    /// The value of a parameter: a text, a number, `true` or `false`.
    ParameterValue => { "type": ["string", "number", "boolean"] };
}

/// A mapping whose keys are the author's.
#[derive(Debug)]
pub struct Map<K, V>(PhantomData<(K, V)>);

impl<K: JsonSchema, V: JsonSchema> JsonSchema for Map<K, V> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("map_of_{}_to_{}", K::schema_name(), V::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "propertyNames": generator.subschema_for::<K>(),
            "additionalProperties": generator.subschema_for::<V>(),
        })
    }
}

/// A list in which nothing stands twice.
#[derive(Debug)]
pub struct Distinct<T>(PhantomData<T>);

impl<T: JsonSchema> JsonSchema for Distinct<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("distinct_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": generator.subschema_for::<T>(), "uniqueItems": true })
    }
}

/// One, or a list of them.
#[derive(Debug)]
pub struct OneOrMany<T>(PhantomData<T>);

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("one_or_many_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                generator.subschema_for::<T>(),
                { "type": "array", "items": generator.subschema_for::<T>() },
            ],
        })
    }
}
