//! A small kit to decode a tree: it knows the way to each value, goes on after a fault, and collects them all.
//!
//! A reader is a function from a [`Cursor`] to an `Option`: `None` says that there is a finding.

mod cursor;
mod fields;
mod list;
mod map;
mod scalar;
mod shown;
mod text;

pub(crate) use cursor::{Cursor, Findings};
pub(crate) use fields::Fields;
pub(crate) use list::{distinct, filled, list, non_empty, one_or_many};
pub(crate) use map::{declared, id_map, map, mentioned};
pub(crate) use scalar::{boolean, duration, integer, json, number, one_of, positive_duration, regex, word};
pub(crate) use shown::{all_of, shown};
pub(crate) use text::{
    any_template, any_text, expression, id, name, template, text, text_in_place, unquoted,
};
