use sha2::{Digest, Sha256};

/// The digest of a runbook and of the files that it names, each with its name: `sha256:…`. In which order the files are given
/// makes no difference.
pub fn digest(runbook: &str, files: &[(String, String)]) -> String {
    let mut files: Vec<&(String, String)> = files.iter().collect();
    files.sort();
    let mut hasher = Sha256::new();
    add(&mut hasher, runbook);
    for (name, content) in files {
        add(&mut hasher, name);
        add(&mut hasher, content);
    }
    let hex: Vec<String> = hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256:{}", hex.concat())
}

/// Adds a text with its length, so that no two lists of texts are the same bytes.
fn add(hasher: &mut Sha256, text: &str) {
    hasher.update((text.len() as u64).to_be_bytes());
    hasher.update(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, content: &str) -> (String, String) {
        (name.to_owned(), content.to_owned())
    }

    #[test]
    fn names_and_contents_count_and_order_does_not() {
        let both = digest("r", &[named("a", "1"), named("b", "2")]);
        assert_eq!(both, digest("r", &[named("b", "2"), named("a", "1")]));
        assert_ne!(both, digest("r", &[named("a", "2"), named("b", "1")]));
        assert_ne!(digest("r", &[named("ab", "c")]), digest("r", &[named("a", "bc")]));
        assert_eq!(both.len(), "sha256:".len() + 64);
    }
}
