//! Closed sets of words: each is declared once, with the macro `words`, and stands in [`crate::vocabulary::VOCABULARY`].

/// A set of words, and its home in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WordSet {
    /// The name of its enum.
    pub name: &'static str,
    /// The words, in the order of their declaration.
    pub words: &'static [&'static str],
    /// Their home in the database.
    pub home: Home,
}

/// The home of a set of words in the database. A contract test compares them there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// A Postgres enum of the schema `public`: the same words in the same order.
    Enum(&'static str),
    /// A domain over texts of the schema `public`. Under row level security an index serves a comparison of texts, not one
    /// of enums: so the words that lists are filtered by are texts.
    Domain(&'static str),
    /// A column of texts with a check, `column in (…)`: its table, and its name.
    Check(&'static str, &'static str),
    /// A function of the database that writes them: each of them stands in its text.
    Function(&'static str),
    /// A function for each word, whose name is this and the word.
    FunctionEach(&'static str),
    /// Nowhere that could be compared, and why.
    Apart(&'static str),
}

/// Declares a set of words:
///
/// ```text
/// words! {
///     /// How much it matters, lowest first.
///     pub enum Priority in Enum("priority") {
///         /// When there is time.
///         Low => "low",
///     }
/// }
/// ```
///
/// That gives the enum, which is read from and written as its words, `ALL`, `WORDS`, `word()`, and `SET` for the vocabulary.
/// A set that the vocabulary does not name is dead code, which is an error here.
macro_rules! words {
    ($(
        $(#[$about:meta])*
        pub enum $name:ident in $home:ident($($at:literal),+) {
            $($(#[$of_one:meta])* $variant:ident => $word:literal,)+
        }
    )+) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$of_one])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// The words, in the order of [`Self::ALL`].
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// Every one, in the order of their declaration.
            pub const ALL: [Self; Self::WORDS.len()] = [$(Self::$variant),+];

            pub(crate) const SET: $crate::words::WordSet = $crate::words::WordSet {
                name: stringify!($name),
                words: Self::WORDS,
                home: $crate::words::Home::$home($($at),+),
            };

            /// The word that clients and the database write.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }
    )+};
}

pub(crate) use words;
