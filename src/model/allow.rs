/// An exception from a rule of `check`, and why it is right here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The code of the findings that are allowed.
    pub code: String,
    /// Why they are.
    pub reason: String,
}
