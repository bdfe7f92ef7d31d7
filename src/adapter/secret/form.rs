use std::collections::BTreeSet;

/// Lines of a secret that are shorter than this may stand in any text and give nothing away.
const LEAST_LINE: usize = 8;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Every form in which a secret is recognised: as it is, line by line, within a JSON text, as base64 within any text, percent-encoded. None but a line is shorter
/// than the secret, so none stands somewhere by chance more often than the shortest secret that can be masked at all.
pub(super) fn forms(secret: &str) -> BTreeSet<Vec<u8>> {
    let mut forms = BTreeSet::from([secret.as_bytes().to_owned()]);
    let lines = secret
        .lines()
        .map(str::trim)
        .filter(|line| line.len() >= LEAST_LINE);
    forms.extend(lines.map(|line| line.as_bytes().to_owned()));
    let json = serde_json::Value::from(secret).to_string();
    forms.insert(json.as_bytes()[1..json.len() - 1].to_owned());
    for before in 0..3 {
        let base64 = base64_core(secret.as_bytes(), before);
        forms.insert(base64.iter().map(|byte| url_safe(*byte)).collect());
        forms.insert(base64);
    }
    for digits in [b"0123456789ABCDEF", b"0123456789abcdef"] {
        // What quotes a path leaves its slashes.
        forms.extend([b"-._~".as_slice(), b"-._~/"].map(|kept| percent(secret, digits, kept)));
    }
    forms
}

/// The characters of a base64 text that depend on the secret alone, when `before` bytes (modulo 3) stand before it.
fn base64_core(secret: &[u8], before: usize) -> Vec<u8> {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(secret);
    // A character is 6 bits: the first one that has no bit of what stands before, the last that has none of what follows.
    let first = (before * 8).div_ceil(6);
    let end = bytes.len() * 8 / 6;
    (first..end)
        .map(|index| ALPHABET[usize::from(sextet(&bytes, index))])
        .collect()
}

/// The 6 bits at a place.
fn sextet(bytes: &[u8], index: usize) -> u8 {
    let bit = index * 6;
    let high = u16::from(bytes[bit / 8]) << 8;
    let low = bytes.get(bit / 8 + 1).copied().map_or(0, u16::from);
    let [_, sextet] = (((high | low) >> (10 - bit % 8)) & 0x3f).to_be_bytes();
    sextet
}

/// As the alphabet for names of files and addresses has it (RFC 4648, section 5).
fn url_safe(byte: u8) -> u8 {
    match byte {
        b'+' => b'-',
        b'/' => b'_',
        byte => byte,
    }
}

/// Percent-encoded, but for letters, digits and what is `kept`: RFC 3986 calls `-._~` unreserved.
fn percent(secret: &str, digits: &[u8; 16], kept: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(secret.len());
    for byte in secret.bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            encoded.push(byte);
        } else {
            encoded.extend([
                b'%',
                digits[usize::from(byte >> 4)],
                digits[usize::from(byte & 15)],
            ]);
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_found_at_every_alignment() {
        // As `printf %s … | base64` has them, without the characters that what stands around has a part in.
        assert_eq!(base64_core(b"hunter2", 0), b"aHVudGVyM");
        assert_eq!(base64_core(b"hunter2", 1), b"h1bnRlcj");
        assert_eq!(base64_core(b"hunter2", 2), b"odW50ZXIy");
    }

    #[test]
    fn no_form_is_shorter_than_the_secret_unless_it_is_one_of_its_lines() {
        for length in 4..20 {
            let secret = "s3cr3t/päss-of-20-bytes".get(..length);
            for form in secret.into_iter().flat_map(forms) {
                assert!(form.len() >= length, "{}", String::from_utf8_lossy(&form));
            }
        }
    }

    #[test]
    fn what_is_reserved_is_percent_encoded() {
        assert_eq!(percent("a b/ü", b"0123456789ABCDEF", b"-._~"), b"a%20b%2F%C3%BC");
    }

    #[test]
    fn a_secret_is_known_as_common_encoders_write_it() {
        // Python's urllib.parse.quote, base64.urlsafe_b64encode and json.dumps.
        let forms = forms("S3cr3t/Tok+en&x=9~zz\"");
        for form in [
            "S3cr3t/Tok%2Ben%26x%3D9~zz%22",
            "S3cr3t%2FTok%2Ben%26x%3D9~zz%22",
            "UzNjcjN0L1RvaytlbiZ4PTl-enoi",
            "S3cr3t/Tok+en&x=9~zz\\\"",
        ] {
            assert!(forms.contains(form.as_bytes()), "{form}");
        }
    }

    #[test]
    fn lines_that_say_nothing_are_no_form() {
        let forms = forms("-----BEGIN\nabc\nMIIEvQIBADANBg\n");
        assert!(forms.contains(b"MIIEvQIBADANBg".as_slice()));
        assert!(!forms.contains(b"abc".as_slice()));
    }
}
