//! The ids of entries, desks, contact points and topics; public and stable.
//!
//! Invariant: an id is 1 to 48 characters of `a-z`, `0-9` and `-`, so that it fits a URL path, a
//! Telegram button (64 bytes) and a Discord one (100 characters) unchanged.

use std::fmt;
use std::sync::Arc;

/// The text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an id, expected 1 to 48 characters of a-z, 0-9 and `-`")]
pub struct InvalidId(pub String);

/// Maximum length of an id; leaves room for a prefix in a 64-byte button.
const MAX_ID_BYTES: usize = 48;

fn is_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=MAX_ID_BYTES).contains(&text.len()) && text.bytes().all(allowed)
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Parses an id.
            ///
            /// # Errors
            /// [`InvalidId`] if the text is empty, too long or has another character.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                if is_id(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(InvalidId(text.to_owned()))
                }
            }

            /// Returns the id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

id_type!(
    /// Names an entry, for example `selas-sample-delivery`.
    EntryId
);
id_type!(
    /// Names a desk, for example `selas`.
    DeskId
);
id_type!(
    /// Names a contact point, for example `jetro-consortium-telephone`.
    ContactPointId
);
id_type!(
    /// Names a referral, a small-talk topic, a hand-off or an out-of-scope subject.
    TopicId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_lower_case_ascii() {
        assert!(EntryId::parse("selas-free-membership").is_ok());
        for wrong in ["", "SELAS", "会員", "a b", &"x".repeat(49)] {
            assert!(EntryId::parse(wrong).is_err(), "`{wrong}` was accepted");
        }
    }
}
