//! The data of a button: [`Press`] <-> text.
//!
//! Invariant: a button contains ids and numbers only, so that it works after a restart and on every
//! replica, and reveals nothing about a member.

use crate::knowledge::{DeskId, EntryId};

/// The request of a member who presses a button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::channels) enum Press {
    /// Show an entry's answer. The number is the depth: the consecutive answers that did not help.
    Entry(u8, EntryId),
    /// The answer of this entry helped.
    Helpful(EntryId),
    /// The answer of this entry did not help, at this depth.
    NotHelpful(u8, EntryId),
    /// Show the answer of this entry to all members of the channel.
    Share(EntryId),
    /// None of the entries offered; the desk of all of them, if it is one.
    NoneOfThese(Option<DeskId>),
    /// Show all desks.
    Desks,
    /// Show one desk.
    Desk(DeskId),
    /// List the categories from this position.
    Topics(usize),
    /// List the questions of an entry's category from this position.
    Category(usize, EntryId),
    /// Edit the draft for a desk, or for any desk.
    Draft(Option<DeskId>),
}

impl Press {
    /// Encodes the data of a button: at most 72 bytes, and 64 for positions below 10¹².
    pub(in crate::channels) fn encode(&self) -> String {
        match self {
            Self::Entry(depth, id) => format!("e:{depth}:{id}"),
            Self::Helpful(id) => format!("y:{id}"),
            Self::NotHelpful(depth, id) => format!("n:{depth}:{id}"),
            Self::Share(id) => format!("s:{id}"),
            Self::NoneOfThese(None) => "x".to_owned(),
            Self::NoneOfThese(Some(id)) => format!("x:{id}"),
            Self::Desks => "d".to_owned(),
            Self::Desk(id) => format!("d:{id}"),
            Self::Topics(from) => format!("t:{from}"),
            Self::Category(from, id) => format!("c:{from}:{id}"),
            Self::Draft(None) => "m".to_owned(),
            Self::Draft(Some(id)) => format!("m:{id}"),
        }
    }

    /// Decodes the data of a button; `None` if it is not a button of this service.
    ///
    /// Telegram messages sent by earlier versions have buttons without a depth (`e:{id}`) and with
    /// the position last (`c:{id}:{from}`); they keep working.
    pub(in crate::channels) fn decode(data: &str) -> Option<Self> {
        let (kind, rest) = match data {
            "d" => return Some(Self::Desks),
            "m" => return Some(Self::Draft(None)),
            "x" => return Some(Self::NoneOfThese(None)),
            _ => data.split_once(':')?,
        };
        let entry = |id: &str| EntryId::parse(id).ok();
        let at_depth = || match rest.split_once(':') {
            Some((depth, id)) => Some((depth.parse().ok()?, entry(id)?)),
            None => Some((0, entry(rest)?)),
        };
        match kind {
            "e" => at_depth().map(|(depth, id)| Self::Entry(depth, id)),
            "n" => at_depth().map(|(depth, id)| Self::NotHelpful(depth, id)),
            "y" => entry(rest).map(Self::Helpful),
            "s" => entry(rest).map(Self::Share),
            "d" => DeskId::parse(rest).ok().map(Self::Desk),
            "t" => rest.parse().ok().map(Self::Topics),
            "c" => {
                let (one, other) = rest.split_once(':')?;
                let (from, id) = match one.parse() {
                    Ok(from) => (from, other),
                    Err(_) => (other.parse().ok()?, one),
                };
                Some(Self::Category(from, entry(id)?))
            }
            "m" => DeskId::parse(rest).ok().map(|id| Self::Draft(Some(id))),
            "x" => DeskId::parse(rest)
                .ok()
                .map(|id| Self::NoneOfThese(Some(id))),
            _ => None,
        }
    }

    /// Returns the entry that the press refers to.
    pub(in crate::channels) fn entry(&self) -> Option<&EntryId> {
        match self {
            Self::Entry(_, id)
            | Self::Helpful(id)
            | Self::NotHelpful(_, id)
            | Self::Share(id)
            | Self::Category(_, id) => Some(id),
            Self::NoneOfThese(_)
            | Self::Desks
            | Self::Desk(_)
            | Self::Topics(_)
            | Self::Draft(_) => None,
        }
    }

    /// Returns whether the press rates an answer.
    pub(in crate::channels) fn is_verdict(&self) -> bool {
        matches!(self, Self::Helpful(_) | Self::NotHelpful(..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_press_fits_a_button_and_is_decoded() {
        let id = EntryId::parse(&"x".repeat(48)).expect("an id");
        let desk = DeskId::parse(&"x".repeat(48)).expect("an id");
        for press in [
            Press::Entry(u8::MAX, id.clone()),
            Press::Helpful(id.clone()),
            Press::NotHelpful(1, id.clone()),
            Press::Share(id.clone()),
            Press::Desks,
            Press::Desk(desk.clone()),
            Press::Topics(usize::MAX),
            Press::Category(99_999_999, id),
            Press::Draft(None),
            Press::Draft(Some(desk.clone())),
            Press::NoneOfThese(None),
            Press::NoneOfThese(Some(desk)),
        ] {
            let data = press.encode();
            // Telegram's limit; Discord's is 100.
            assert!(data.len() <= 64, "{data}");
            assert_eq!(Press::decode(&data), Some(press), "{data}");
        }
        for unknown in [
            "",
            "e:",
            "e:解約",
            "e:0:解約",
            "e:999:a",
            "z:a",
            "c:a",
            "c:a:b",
            "t:-1",
            "d:",
            "m:",
            "x:",
        ] {
            assert_eq!(Press::decode(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn buttons_of_earlier_versions_keep_working() {
        let id = EntryId::parse("a-1").expect("an id");
        for (data, press) in [
            ("e:a-1", Press::Entry(0, id.clone())),
            ("n:a-1", Press::NotHelpful(0, id.clone())),
            ("c:a-1:10", Press::Category(10, id)),
        ] {
            assert_eq!(Press::decode(data), Some(press), "{data}");
        }
    }
}
