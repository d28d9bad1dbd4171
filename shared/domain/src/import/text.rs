//! The bytes of a file as text.

use super::ImportError;

/// The text of a file: UTF-8, or UTF-16 with its mark, as spreadsheets write "Unicode text".
///
/// # Errors
/// If it is neither. Which other one it is cannot be known, only supposed.
pub fn text_of(bytes: Vec<u8>) -> Result<String, ImportError> {
    let units = |of: fn([u8; 2]) -> u16| {
        let pairs = bytes.get(2..).unwrap_or_default().chunks(2);
        pairs.map(|pair| <[u8; 2]>::try_from(pair).map(of)).collect::<Result<Vec<_>, _>>().ok()
    };
    let units = match bytes.get(..2) {
        Some([0xff, 0xfe]) => units(u16::from_le_bytes),
        Some([0xfe, 0xff]) => units(u16::from_be_bytes),
        _ if bytes.iter().take(4).any(|byte| *byte == 0) => None,
        _ => return utf_8(bytes),
    };
    let text = units.and_then(|units| String::from_utf16(&units).ok());
    text.ok_or_else(|| {
        let words = "the body is not UTF-8; it begins like UTF-16 and is none that can be read; save the file as \"CSV UTF-8\"";
        ImportError::Broken(words.to_owned())
    })
}

fn utf_8(bytes: Vec<u8>) -> Result<String, ImportError> {
    String::from_utf8(bytes).map_err(|error| {
        let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let good = String::from_utf8_lossy(good);
        let line = 1 + good.replace("\r\n", "\n").matches(['\n', '\r']).count();
        ImportError::Broken(format!(
            "the body is not UTF-8: line {line} has other bytes, as of Windows-1252; save the file as \"CSV UTF-8\""
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_in_the_codes_that_it_names_itself() {
        let said = "asset_tag;name\r\nA;Straße 😀\r\n";
        let of = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
            let text = said.encode_utf16().flat_map(bytes);
            text_of(mark.iter().copied().chain(text).collect())
        };
        assert_eq!(text_of(said.into()).as_deref(), Ok(said));
        assert_eq!(of(&[0xff, 0xfe], u16::to_le_bytes).as_deref(), Ok(said));
        assert_eq!(of(&[0xfe, 0xff], u16::to_be_bytes).as_deref(), Ok(said));
        let word = |result| match result {
            Err(ImportError::Broken(words)) => words,
            other => panic!("{other:?}"),
        };
        assert!(word(of(&[], u16::to_le_bytes)).contains("UTF-16"));
        assert!(word(text_of(vec![0xff, 0xfe, 0x41])).contains("UTF-16"));
        let latin = word(text_of(b"asset_tag,name\rA,Stra\xDFe\r".to_vec()));
        assert!(
            latin.contains("line 2") && latin.contains("Windows-1252") && latin.contains("CSV UTF-8"),
            "{latin}"
        );
    }
}
