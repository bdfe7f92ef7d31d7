use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{Object, ObjectRepr, Rest};
use minijinja::{Environment, Error, State, Value, filters, tests};

/// The name by which filters find this; no template can write it.
pub(super) const NAME: &str = "missing names";

/// What was looked up, was not there, and was not excused by `default` or `is defined`.
///
/// The engine refuses most uses of what is undefined, but compares it: `answers.x != "yes"` would hold where `x` was never
/// asked. So every miss is an error, unless the template says what is to be done about it.
#[derive(Debug, Default)]
pub(super) struct Missing(Mutex<Vec<String>>);

impl Missing {
    /// A name was looked up and not there.
    pub(super) fn note(&self, path: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(path);
    }

    /// The first name that was used all the same.
    pub(super) fn first(&self) -> Option<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .first()
            .cloned()
    }

    /// The template says what to do about the last one.
    fn excuse(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
    }
}

impl Object for Missing {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
}

/// Teaches the filters and tests that expect what is undefined to excuse it.
pub(super) fn teach(environment: &mut Environment<'_>) {
    for name in ["default", "d"] {
        environment.add_filter(name, or_default);
    }
    environment.add_test("defined", |state: &State<'_, '_>, value: Value| {
        excuse(state, &value);
        tests::is_defined(&value)
    });
    environment.add_test("undefined", |state: &State<'_, '_>, value: Value| {
        excuse(state, &value);
        tests::is_undefined(&value)
    });
}

fn or_default(state: &State<'_, '_>, value: &Value, args: Rest<Value>) -> Result<Value, Error> {
    excuse(state, value);
    filters::default(state, value, args)
}

fn excuse(state: &State<'_, '_>, value: &Value) {
    if !value.is_undefined() {
        return;
    }
    if let Some(missing) = state.lookup(NAME)
        && let Some(missing) = missing.downcast_object_ref::<Missing>()
    {
        missing.excuse();
    }
}
