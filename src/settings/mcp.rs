//! Settings of the Model Context Protocol: [`Sources`] -> [`Mcp`] or [`InvalidMcp`].
//!
//! Invariant: no error contains the token.

use super::{Secret, Sources, trimmed};

/// The token that requests to `/mcp` must have.
pub(super) const MCP_TOKEN: &str = "MADOGUCHI_MCP_TOKEN";

/// Shortest token, in bytes, as that of the other secrets.
const MIN_TOKEN_BYTES: usize = 16;

/// Settings of the Model Context Protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mcp {
    /// The token; without one, `/mcp` is open as the API is.
    pub token: Option<Secret>,
}

impl Mcp {
    /// Reads the settings.
    ///
    /// # Errors
    /// [`InvalidMcp`] for a token that can be guessed or that no header can hold.
    pub fn from_sources(sources: &Sources) -> Result<Self, InvalidMcp> {
        Self::read(sources.value(MCP_TOKEN))
    }

    fn read(token: Option<String>) -> Result<Self, InvalidMcp> {
        let token = trimmed(token);
        let is_usable = |token: &String| {
            token.len() >= MIN_TOKEN_BYTES && token.bytes().all(|byte| byte.is_ascii_graphic())
        };
        match token.as_ref().is_none_or(is_usable) {
            true => Ok(Self {
                token: token.map(Secret),
            }),
            false => Err(InvalidMcp),
        }
    }
}

/// The token for assistants cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "MADOGUCHI_MCP_TOKEN cannot be used, expected at least 16 ASCII characters without blanks, for example the output of `openssl rand -hex 32`"
)]
pub struct InvalidMcp;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_and_fits_into_a_header() {
        let read = |token: &str| Mcp::read(Some(token.to_owned())).map(|mcp| mcp.token.is_some());
        assert_eq!(read("  "), Ok(false));
        assert_eq!(read(" 0123456789abcdef\n"), Ok(true));
        for wrong in ["short", "0123456789 abcdef", "０１２３４５６７８９"] {
            assert_eq!(read(wrong), Err(InvalidMcp), "{wrong}");
        }
    }
}
