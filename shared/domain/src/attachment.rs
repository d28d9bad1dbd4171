//! Files: accepted by their bytes, never by the name that a client gives them.

use crate::text::{breaks_a_line, takes_place};
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

/// The bytes are of no kind that is accepted; in words for the person who sent them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the file is not a JPEG, PNG or WebP picture")]
pub struct NotAPicture;

/// The most characters of a file's name.
const NAME_LENGTH: usize = 255;

/// Endings of pictures that are not taken. A phone converts such a picture when it sends it, and keeps the name.
const OTHER_ENDINGS: [&str; 10] = ["heic", "heif", "hif", "avif", "gif", "bmp", "tif", "tiff", "jxl", "dng"];

impl FileKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Jpeg, Self::Png, Self::Webp];

    /// Tells a file's kind from its first [`SNIFF_BYTES`] bytes (fewer if it has fewer).
    ///
    /// # Errors
    /// If it is none of those that are accepted.
    pub fn of(beginning: &[u8]) -> Result<Self, NotAPicture> {
        let beginning = beginning.get(..SNIFF_BYTES).unwrap_or(beginning);
        let found = infer::get(beginning).map(|found| found.mime_type());
        Self::ALL.into_iter().find(|kind| found == Some(kind.content_type())).ok_or(NotAPicture)
    }

    /// The one decision on a file that somebody sends, at whichever door: its bytes say what it is, and no name is
    /// wrong. With it comes the name under which it is kept.
    ///
    /// # Errors
    /// If it is of no kind that is accepted.
    pub fn accept(beginning: &[u8], name: &str) -> Result<(Self, String), NotAPicture> {
        let kind = Self::of(beginning)?;
        Ok((kind, kind.name(name)))
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
            Self::Jpeg => &["jpg", "jpeg", "jfif", "jpe", "pjpeg", "pjp"],
            Self::Png => &["png"],
            Self::Webp => &["webp"],
        }
    }

    /// The name as it was sent, on one line and without slashes, with the ending of this kind: that of another kind
    /// of picture is replaced, and one that says nothing of pictures (`door 2.5m`) is a part of the name.
    fn name(self, sent: &str) -> String {
        let kept = |char| if breaks_a_line(char) || matches!(char, '/' | '\\') { '-' } else { char };
        let sent: String = sent.chars().map(kept).collect();
        let ends_as_picture = |ending: &str| {
            let mut known = Self::ALL.into_iter().flat_map(Self::extensions).chain(&OTHER_ENDINGS);
            known.any(|known| known.eq_ignore_ascii_case(ending))
        };
        let (stem, said) = match sent.trim().rsplit_once('.') {
            Some((stem, said)) if ends_as_picture(said) => (stem, said),
            _ => (sent.trim(), ""),
        };
        let own = self.extensions();
        let is_own = own.iter().any(|own| own.eq_ignore_ascii_case(said));
        let ending = if is_own { said } else { own.first().copied().unwrap_or_default() };
        let stem: String = stem.chars().take(NAME_LENGTH - 1 - ending.len()).collect();
        let stem = if stem.contains(takes_place) { &*stem } else { "photo" };
        format!("{stem}.{ending}")
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
            assert_eq!(FileKind::of(other), Err(NotAPicture));
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
    fn the_bytes_decide_whatever_the_name_says() {
        let jpeg = [&[0xFF, 0xD8, 0xFF, 0xE0], [0; 100].as_slice()].concat();
        for (sent, kept) in [
            ("a.jpg", "a.jpg"),
            ("a.JPEG", "a.JPEG"),
            ("a.b.jpg", "a.b.jpg"),
            ("door.jfif", "door.jfif"),
            ("IMG_1.HEIC", "IMG_1.jpg"),
            ("a.png", "a.jpg"),
            ("photo", "photo.jpg"),
            ("door 2.5m", "door 2.5m.jpg"),
            ("a.exe", "a.exe.jpg"),
            (" Halle 3/4\\Tor\n2.jpg ", "Halle 3-4-Tor-2.jpg"),
            ("a\u{2028}\u{0}.jpg", "a--.jpg"),
            ("", "photo.jpg"),
            (".jpg", "photo.jpg"),
            ("\u{200b}\u{2060}", "photo.jpg"),
            ("Förderband ⚙️.webp", "Förderband ⚙️.jpg"),
        ] {
            assert_eq!(FileKind::accept(&jpeg, sent), Ok((FileKind::Jpeg, kept.to_owned())), "{sent:?}");
        }
        assert_eq!(FileKind::accept(b"text", "door.jpg"), Err(NotAPicture));
    }

    #[test]
    fn every_name_that_is_kept_is_one_that_the_database_takes() {
        let long = "ö".repeat(300);
        for sent in [&long, &format!("{long}.jpeg"), &format!("{}.png", "x".repeat(254)), "\u{1}\u{85}", "/"]
        {
            for kind in FileKind::ALL {
                let kept = kind.name(sent);
                assert!(crate::text::is_line(&kept, NAME_LENGTH) && !kept.contains(['/', '\\']), "{kept:?}");
                assert_eq!(kind.name(&kept), kept, "a name that was kept is kept again");
            }
        }
    }

    #[test]
    fn only_what_was_looked_through_is_handed_out() {
        let readable: Vec<_> = AttachmentState::ALL.into_iter().filter(|state| state.is_readable()).collect();
        assert_eq!(readable, [AttachmentState::Ready]);
        let rendered = |form: FileForm| (form.is_rendition(), form.content_type("image/webp"));
        assert_eq!(rendered(FileForm::Display), (true, "image/jpeg"));
        assert_eq!(rendered(FileForm::Original), (false, "image/webp"));
        let keys: Vec<_> = VARIANTS.into_iter().map(|(_, form)| form.key("w/a")).collect();
        assert_eq!(keys, ["w/a/clean", "w/a/display", "w/a/thumbnail"]);
    }

    #[test]
    fn of_a_long_name_as_much_is_kept_as_there_is_room_for() {
        let long = "ö".repeat(300);
        assert_eq!(FileKind::Jpeg.name(&long), format!("{}.jpg", "ö".repeat(251)));
        assert_eq!(FileKind::Jpeg.name(&format!("{long}.jpeg")), format!("{}.jpeg", "ö".repeat(250)));
    }
}
