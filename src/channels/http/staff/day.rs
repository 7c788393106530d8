//! The day as of which a draft is asked: today, or a later one, for entries that begin or end by then.

use jiff::Timestamp;
use jiff::civil::Date;

use super::member::Member;

/// The hour of that day, at which most desks are open.
const NOON_HOUR: i8 = 12;

/// A day, and a time on it.
pub(super) struct Day {
    /// The day, if it is not today.
    pub(super) chosen: Option<Date>,
    /// The time.
    pub(super) at: Timestamp,
}

impl Day {
    /// Reads the parameter `day`; a day that is past, or cannot be read, means today.
    pub(super) fn read(member: &Member) -> Self {
        let today = member.assistant.today(member.now);
        let day = member
            .parameter("day")
            .and_then(|day| day.trim().parse().ok());
        let chosen = day.filter(|day: &Date| *day > today);
        let noon = chosen.and_then(|day| {
            let noon = day.at(NOON_HOUR, 0, 0, 0);
            noon.to_zoned(member.knowledge().time_zone()).ok()
        });
        Self {
            chosen: chosen.filter(|_| noon.is_some()),
            at: noon.map_or(member.now, |noon| noon.timestamp()),
        }
    }
}
