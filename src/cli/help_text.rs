//! The form of a command's help in Japanese.

/// The Japanese help of one command.
pub(super) struct Help {
    /// The command; empty for `madoguchi` itself.
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// Follows `about` in `--help`.
    pub(super) details: &'static str,
    /// Ends the help.
    pub(super) after: &'static str,
    /// Arguments and their help.
    pub(super) arguments: &'static [(&'static str, &'static str)],
}
