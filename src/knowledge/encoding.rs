//! Text files in the encodings that Japanese office software writes.
//!
//! Input: bytes. Output: text and the encoding that was found: by the byte order mark, else UTF-8,
//! else UTF-16 by its zero bytes, else Shift_JIS or EUC-JP.

use encoding_rs::{EUC_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};

/// A text file, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte order mark.
    pub text: String,
    /// The name of the encoding, such as `UTF-8` or `Shift_JIS`.
    pub encoding: &'static str,
}

/// Decodes a text file; `None` if it is in none of the encodings.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<Decoded> {
    let decode = |encoding: &'static encoding_rs::Encoding, bytes| {
        let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
        let encoding = match encoding.name() {
            // Editors show one name for both byte orders.
            "UTF-16LE" | "UTF-16BE" => "UTF-16",
            name => name,
        };
        let text = text.into_owned();
        Some(Decoded { text, encoding })
    };
    if let Some((encoding, length)) = encoding_rs::Encoding::for_bom(bytes) {
        return decode(encoding, bytes.get(length..).unwrap_or_default());
    }
    if bytes.contains(&0) {
        let zeros = |parity: usize| {
            let bytes = bytes.iter().skip(parity).step_by(2);
            bytes.filter(|byte| **byte == 0).count()
        };
        let order = if zeros(1) >= zeros(0) {
            UTF_16LE
        } else {
            UTF_16BE
        };
        return decode(order, bytes).filter(|decoded| !decoded.text.contains('\0'));
    }
    if let Some(decoded) = decode(UTF_8, bytes) {
        return Some(decoded);
    }
    let candidates = [decode(SHIFT_JIS, bytes), decode(EUC_JP, bytes)];
    // EUC-JP that is read as Shift_JIS consists of half-width katakana.
    let half_width = |decoded: &Decoded| {
        let is_half_width = |c: &char| ('\u{ff61}'..='\u{ff9f}').contains(c);
        decoded.text.chars().filter(is_half_width).count()
    };
    candidates.into_iter().flatten().min_by_key(half_width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_of_office_software_is_recognised() {
        let text = "質問,回答\r\n①会員とは？,～ﾃｽﾄ～です。\r\n";
        let utf_16 = |swap: bool| -> Vec<u8> {
            let units = text.encode_utf16();
            units
                .flat_map(|unit| {
                    if swap {
                        unit.to_be_bytes()
                    } else {
                        unit.to_le_bytes()
                    }
                })
                .collect()
        };
        let with_mark = |mark: &[u8], bytes: Vec<u8>| [mark, &bytes].concat();
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), "UTF-8"),
            (with_mark(b"\xef\xbb\xbf", text.into()), "UTF-8"),
            (SHIFT_JIS.encode(text).0.into_owned(), "Shift_JIS"),
            (EUC_JP.encode(text).0.into_owned(), "EUC-JP"),
            (utf_16(false), "UTF-16"),
            (utf_16(true), "UTF-16"),
            (with_mark(b"\xff\xfe", utf_16(false)), "UTF-16"),
            (with_mark(b"\xfe\xff", utf_16(true)), "UTF-16"),
        ] {
            let decoded = decode(&bytes).expect("a known encoding");
            assert_eq!((decoded.text.as_str(), decoded.encoding), (text, encoding));
        }
        assert_eq!(decode(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff"), None);
    }
}
