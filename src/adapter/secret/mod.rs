//! Secrets: where they come from, and how they are kept out of everything that is shown or kept.

mod form;
mod mask;
mod resolve;

pub use mask::{Mask, Masked};
pub use resolve::{Secrets, Unresolved};
