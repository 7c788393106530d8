//! Masks personal data in a member's words, before they leave the request.
//!
//! Text -> the same text with `***` in place of what may identify a person. Each rule marks characters;
//! the marks of all rules are joined.
//!
//! | what | file |
//! |---|---|
//! | numbers: telephone, card, account, my-number, licence, date of birth | `numbers` |
//! | e-mail addresses, URLs with tokens or to profiles, long tokens | `addresses` |
//! | names with a title or in an introduction | `names`, `name_words` |
//! | postal codes, addresses with a house number | `places` |
//! | values beside a label: LINE ids, passwords, member numbers | `labels` |
//!
//! Half and full width, kanji digits and circled digits are read alike. Prices, dates of events and
//! codes of goods survive where the words beside them say so. Masking too much is accepted, too little
//! is not: a rule that cannot tell masks.
//!
//! Invariant: no word next to an `@` survives, and no number of six digits or more, unless it is a
//! price, a count, a date, a time or the code of a product.

mod addresses;
mod labels;
mod name_words;
mod names;
mod numbers;
mod places;
mod text;

use std::panic::{UnwindSafe, catch_unwind};

use text::Text;

/// Replaces masked text.
const MASK: &str = "***";

/// Replaces personal data by `***`. Costs about a microsecond for a usual question.
#[must_use]
pub fn mask(text: &str) -> String {
    unless_panic(|| apply_rules(text))
}

/// Returns a masked text, or only the mask if a rule panics: a defect of a rule may cost the words of a
/// record, never the member's answer. The panic hook logs the place.
fn unless_panic(masked: impl FnOnce() -> String + UnwindSafe) -> String {
    catch_unwind(masked).unwrap_or_else(|_| MASK.to_owned())
}

fn apply_rules(text: &str) -> String {
    let mut text = Text::new(text);
    addresses::mark(&mut text);
    numbers::mark(&mut text);
    for (start, end, label) in labels::find(&text) {
        labels::mark(&mut text, start, end, label);
    }
    text.masked(MASK)
}

#[cfg(test)]
mod robustness;
#[cfg(test)]
mod tests;
