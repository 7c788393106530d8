//! The language that the arguments or the environment ask for.

use crate::knowledge::Language;

/// Finds the language in the arguments or the environment, before the arguments are parsed.
pub(super) fn requested_language() -> Option<Language> {
    let tag = argument_value("--language");
    tag.as_deref()
        .and_then(Language::from_tag)
        .or_else(language_of_environment)
}

/// Finds the value of a flag before the arguments are parsed.
pub(super) fn argument_value(flag: &str) -> Option<String> {
    let arguments: Vec<_> = std::env::args_os().collect();
    let arguments: Vec<_> = arguments.iter().map(|a| a.to_string_lossy()).collect();
    let pairs = arguments.iter().zip(arguments.iter().skip(1));
    let mut following = pairs.filter_map(|(name, value)| (name == flag).then_some(&**value));
    let mut joined = arguments
        .iter()
        .filter_map(|argument| argument.strip_prefix(flag)?.strip_prefix('='));
    let value = following.next().or_else(|| joined.next());
    value.map(str::to_owned)
}

/// Returns the language of the locale: of the first variable that is set, in the order of POSIX.
pub(super) fn language_of_environment() -> Option<Language> {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let mut values = names
        .into_iter()
        .filter_map(|name| std::env::var(name).ok());
    let locale = values.find(|value| !value.is_empty())?;
    Language::from_tag(&locale)
}
