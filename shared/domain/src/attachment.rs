//! Files: accepted by their bytes, never by the name that a client gives them.

use crate::text::is_line;
use crate::words::words;

words! {
    /// The progress of a file's processing.
    pub enum AttachmentState in Enum("attachment_state") {
        /// It is announced; its bytes come, or wait for their turn.
        Uploaded => "uploaded",
        /// The file processor has it, under a lease.
        Processing => "processing",
        /// It can be read.
        Ready => "ready",
        /// It is not what it was said to be, and is not served.
        Quarantined => "quarantined",
        /// It could not be processed in all its attempts.
        Failed => "failed",
    }
}

impl AttachmentState {
    /// True once a file can be read.
    #[must_use]
    pub fn is_readable(self) -> bool {
        match self {
            Self::Ready => true,
            Self::Uploaded | Self::Processing | Self::Quarantined | Self::Failed => false,
        }
    }
}

/// The first bytes that are enough to tell the kind of a file.
pub const SNIFF_BYTES: usize = 64;

/// A kind of file that is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A JPEG picture.
    Jpeg,
    /// A PNG picture.
    Png,
    /// A WebP picture.
    Webp,
}

/// A form in which a file lies in its bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileForm {
    /// As it was sent. Its arrival starts the processing; it is never served.
    Original,
    /// The original without its metadata.
    Clean,
    /// A JPEG to look at, which fits 1920 × 1080.
    Display,
    /// A square JPEG for lists, 200 × 200.
    Thumbnail,
}

/// The words by which clients ask for a form (`variant`). The original that they get is the clean one.
pub const VARIANTS: [(&str, FileForm); 3] =
    [("original", FileForm::Clean), ("display", FileForm::Display), ("thumbnail", FileForm::Thumbnail)];

impl FileForm {
    /// The form that is served when a client names none.
    pub const USUAL: Self = Self::Clean;

    /// The form that is served under this word.
    #[must_use]
    pub fn served_as(word: &str) -> Option<Self> {
        VARIANTS.into_iter().find(|(known, _)| *known == word).map(|(_, form)| form)
    }

    /// Its key in the bucket; the keys of all forms of a file begin with `key_prefix`.
    #[must_use]
    pub fn key(self, key_prefix: &str) -> String {
        format!("{key_prefix}/{}", self.name())
    }

    /// The prefix of a key, if it is the key of this form.
    #[must_use]
    pub fn prefix_of(self, key: &str) -> Option<&str> {
        key.strip_suffix(self.name())?.strip_suffix('/')
    }

    /// True if it is made from a decoded picture, so that a picture which is too large to decode does not have it.
    #[must_use]
    pub fn is_rendition(self) -> bool {
        matches!(self, Self::Display | Self::Thumbnail)
    }

    /// Its media type, when the file was sent as `original`.
    #[must_use]
    pub fn content_type(self, original: &str) -> &str {
        if self.is_rendition() { FileKind::Jpeg.content_type() } else { original }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Clean => "clean",
            Self::Display => "display",
            Self::Thumbnail => "thumbnail",
        }
    }
}

/// A file that is not accepted, in words for the person who sent it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The bytes are of no kind that is accepted.
    #[error("the file is not a JPEG, PNG or WebP picture")]
    Kind,
    /// The bytes are one thing and the name says another.
    #[error("the file is {0}, but its name ends in '.{1}'")]
    Name(&'static str, String),
    /// The name cannot be kept.
    #[error(
        "the file name must be one line of 1 to 255 characters, with something to see and without slashes"
    )]
    UnusableName,
}

impl FileKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Jpeg, Self::Png, Self::Webp];

    /// Tells a file's kind from its first [`SNIFF_BYTES`] bytes (fewer if it has fewer).
    ///
    /// # Errors
    /// If it is none of those that are accepted.
    pub fn of(beginning: &[u8]) -> Result<Self, FileError> {
        let found = infer::get(beginning).map(|found| found.mime_type());
        Self::ALL.into_iter().find(|kind| found == Some(kind.content_type())).ok_or(FileError::Kind)
    }

    /// The media type it is stored and served with.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }

    /// The endings of such files' names.
    #[must_use]
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::Webp => &["webp"],
        }
    }

    /// Checks that the name can be kept and does not claim another kind. A name without an ending claims nothing.
    ///
    /// # Errors
    /// If it cannot, or does.
    pub fn check_name(self, name: &str) -> Result<(), FileError> {
        if name.is_empty() || !is_line(name, 255) || name.contains(['/', '\\']) {
            return Err(FileError::UnusableName);
        }
        match name.rsplit_once('.') {
            Some((_, ending)) if !self.extensions().contains(&ending.to_lowercase().as_str()) => {
                Err(FileError::Name(self.content_type(), ending.to_owned()))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JPEG: &[u8] = &[0xFF, 0xD8, 0xFF, 0xE0, 0, 16, b'J', b'F', b'I', b'F'];

    #[test]
    fn the_bytes_decide() {
        assert_eq!(FileKind::of(JPEG), Ok(FileKind::Jpeg));
        assert_eq!(FileKind::of(b"\x89PNG\r\n\x1a\n"), Ok(FileKind::Png));
        assert_eq!(FileKind::of(b"RIFF\x24\0\0\0WEBPVP8 "), Ok(FileKind::Webp));
        for other in [&b"just a text"[..], b"", b"%PDF-1.7", b"GIF89a", b"\xFF"] {
            assert_eq!(FileKind::of(other), Err(FileError::Kind));
        }
    }

    #[test]
    fn each_form_has_a_key_of_its_own() {
        assert_eq!(FileForm::Original.key("w/a"), "w/a/original");
        assert_eq!(FileForm::Original.prefix_of("w/a/original"), Some("w/a"));
        for other in ["w/a/thumbnail", "w/aoriginal", "original"] {
            assert_eq!(FileForm::Original.prefix_of(other), None, "{other}");
        }
    }

    #[test]
    fn the_original_that_is_served_has_no_metadata() {
        assert_eq!(FileForm::served_as("original"), Some(FileForm::Clean));
        assert_eq!(FileForm::served_as("original"), Some(FileForm::USUAL));
        assert_eq!(FileForm::served_as("clean"), None);
        assert_eq!(FileForm::Clean.content_type("image/png"), "image/png");
        assert_eq!(FileForm::Thumbnail.content_type("image/png"), "image/jpeg");
    }

    #[test]
    fn a_name_may_not_claim_another_kind() {
        for name in ["a.jpg", "a.JPEG", "photo", "a.b.jpg"] {
            assert_eq!(FileKind::Jpeg.check_name(name), Ok(()), "{name}");
        }
        assert_eq!(FileKind::Jpeg.check_name("a.png"), Err(FileError::Name("image/jpeg", "png".to_owned())));
        for name in ["", "a/b.jpg", "a\\b.jpg", "a\n.jpg", "a\u{2028}.jpg", "\u{200b}"] {
            assert_eq!(FileKind::Jpeg.check_name(name), Err(FileError::UnusableName), "{name:?}");
        }
    }
}
