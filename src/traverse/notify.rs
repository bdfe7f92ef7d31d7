//! What is told of a run to whom, with the values that are known now.

use crate::model::{Expression, Notify};
use crate::template::{TemplateError, render};

use super::traversal::Traversal;

impl Traversal {
    /// Who is told, and what. Data that is not known by now is left out: half a word is better than none.
    ///
    /// # Errors
    ///
    /// The first of its other texts that cannot be rendered.
    pub fn rendered_notify(&self, notify: &Notify) -> Result<Notify<String>, TemplateError> {
        let scope = self.scope();
        let mut known = notify.clone();
        known.data.retain(|_, text| render(text, &scope).is_ok());
        known.try_map(|text| render(text, &scope))
    }

    /// Whether somebody is told who is told only if this is true.
    ///
    /// # Errors
    ///
    /// Why that cannot be said.
    pub fn is_told(&self, when: Option<&Expression>) -> Result<bool, TemplateError> {
        when.map_or(Ok(true), |when| self.is_true(when))
    }
}
