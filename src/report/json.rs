use super::Account;

/// The report as JSON, as `schemas/report-v1.json` describes it.
///
/// # Errors
///
/// When it has something that JSON cannot hold, which no record has.
pub fn json(account: &Account) -> serde_json::Result<String> {
    Ok(format!("{}\n", serde_json::to_string_pretty(account)?))
}
