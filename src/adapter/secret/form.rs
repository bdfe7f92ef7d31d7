use std::collections::BTreeSet;

/// Lines of a secret that are shorter than this may stand in any text and give nothing away.
const LEAST_LINE: usize = 8;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Every form in which a secret is recognised: as it is, line by line, as base64 within any text, percent-encoded. None but a line is shorter
/// than the secret, so none stands somewhere by chance more often than the shortest secret that can be masked at all.
pub(super) fn forms(secret: &str) -> BTreeSet<Vec<u8>> {
    let mut forms = BTreeSet::from([secret.as_bytes().to_owned()]);
    let lines = secret
        .lines()
        .map(str::trim)
        .filter(|line| line.len() >= LEAST_LINE);
    forms.extend(lines.map(|line| line.as_bytes().to_owned()));
    forms.extend((0..3).map(|before| base64_core(secret.as_bytes(), before)));
    forms.extend([
        percent(secret, b"0123456789ABCDEF"),
        percent(secret, b"0123456789abcdef"),
    ]);
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

/// Percent-encoded, but for what RFC 3986 calls unreserved.
fn percent(secret: &str, digits: &[u8; 16]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(secret.len());
    for byte in secret.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
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
        assert_eq!(percent("a b/ü", b"0123456789ABCDEF"), b"a%20b%2F%C3%BC");
    }

    #[test]
    fn lines_that_say_nothing_are_no_form() {
        let forms = forms("-----BEGIN\nabc\nMIIEvQIBADANBg\n");
        assert!(forms.contains(b"MIIEvQIBADANBg".as_slice()));
        assert!(!forms.contains(b"abc".as_slice()));
    }
}
