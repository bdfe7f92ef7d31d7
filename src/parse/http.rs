use indexmap::IndexMap;

use crate::diagnostic::Code;
use crate::model::{DEFAULT_REQUEST, Feed, Http, Method};

use super::command::feed;
use super::decode::{
    Cursor, Fields, integer, map, non_empty, one_or_many, positive_duration, shown, template, word,
};
use super::matcher::matcher;
use super::tree::Tree;

const METHODS: [(&str, Method); 2] = [("GET", Method::Get), ("HEAD", Method::Head)];

/// An HTTP request and what its answer must be.
pub(crate) fn http(at: Cursor<'_>) -> Option<Http> {
    let mut fields = Fields::of(at, "`http`")?;
    let url = fields.required("url", template);
    let method = fields.optional("method", word(&METHODS)).unwrap_or_default();
    let headers = fields.optional("headers", headers).unwrap_or_default();
    let status = fields.optional("status", statuses).unwrap_or_default();
    let body = fields.optional("body", matcher);
    if method == Method::Head && body.is_some() {
        let message = "the answer to `HEAD` has no `body`";
        fields.conflict("body", message, "use `GET`, or remove `body`");
    }
    let timeout = fields.optional("timeout", positive_duration);
    fields.finish();
    Some(Http {
        url: url?,
        method,
        headers,
        status,
        body: body.unwrap_or_default(),
        timeout: timeout.unwrap_or(DEFAULT_REQUEST),
    })
}

fn statuses(at: Cursor<'_>) -> Option<Vec<u16>> {
    match at.tree {
        Tree::List(_) => non_empty(at, integer(100, 599)),
        _ => one_or_many(at, integer(100, 599)),
    }
}

/// Headers of a request.
pub(crate) fn headers(at: Cursor<'_>) -> Option<IndexMap<String, Feed>> {
    map(at, header, |_, value| feed(value))
}

fn header(at: Cursor<'_>, key: &str) -> Option<String> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if !key.is_empty() && key.bytes().all(is_token) {
        return Some(key.to_owned());
    }
    let message = format!("{} cannot name a header", shown(key));
    let finding = at.finding(Code::InvalidValue, message).at_key();
    at.report(
        finding
            .label("not a name")
            .help("a header's name has letters, digits and `-`"),
    );
    None
}
