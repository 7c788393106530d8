//! Reads records: the rows of a time, the counts of days whose rows are gone, the popular entries.

use futures_util::TryStreamExt;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use sqlx::Row;

use super::database::{Database, Error, on_each};
use super::turn::Kind;

/// Greatest number of popular entries.
const MAX_POPULAR: i64 = 200;

/// A stored turn.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The time.
    pub at: Timestamp,
    /// The day in the time zone of the organisation.
    pub day: String,
    /// What the member did.
    pub kind: Kind,
    /// The channel.
    pub channel: String,
    /// The language of the answer.
    pub language: String,
    /// The desk that the member chose before asking.
    pub asked_desk: Option<String>,
    /// The salted hash of the conversation; another one on the next day.
    pub conversation: String,
    /// The masked question or comment.
    pub text: Option<String>,
    /// The outcome.
    pub outcome: String,
    /// The reason of an escalation.
    pub reason: Option<String>,
    /// The entry that was the answer, or was rated.
    pub entry: Option<String>,
    /// The referral of an escalation.
    pub referral: Option<String>,
    /// The desk.
    pub desk: Option<String>,
    /// Whether a desk with opening hours was open.
    pub is_open: Option<bool>,
    /// The confidence, 0 to 1.
    pub confidence: f64,
    /// The offered entries.
    pub suggestions: Vec<String>,
    /// Whether the rated answer helped.
    pub helpful: Option<bool>,
    /// The answers to further requests of the message.
    pub also: Vec<Further>,
}

/// The answer to a further request of a message.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Further {
    /// The masked request.
    pub text: Option<String>,
    /// The outcome.
    pub outcome: String,
    /// The reason of an escalation.
    pub reason: Option<String>,
    /// The entry.
    pub entry: Option<String>,
    /// The desk.
    pub desk: Option<String>,
}

/// The number of alike turns of a day whose rows are gone.
#[derive(Debug, Clone)]
pub struct Count {
    /// The day.
    pub day: String,
    /// What the members did.
    pub kind: Kind,
    /// The channel.
    pub channel: String,
    /// The outcome.
    pub outcome: String,
    /// The reason of an escalation; empty for none.
    pub reason: String,
    /// The entry; empty for none.
    pub entry: String,
    /// The desk; empty for none.
    pub desk: String,
    /// Whether the desk was open; `None` for a desk without opening hours.
    pub is_open: Option<bool>,
    /// Whether the rated answer helped.
    pub helpful: Option<bool>,
    /// The number of turns.
    pub count: u64,
}

impl Database {
    /// Reads the turns from a time on, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn turns_since(&self, since: Timestamp) -> Result<Vec<Recorded>, Error> {
        self.turns_between(since, Timestamp::MAX).await
    }

    /// Reads the turns from a time on and before another one, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn turns_between(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Recorded>, Error> {
        let statement = "SELECT at, day, kind, channel, language, conversation, text, outcome, reason, \
             entry, referral, desk, is_open, confidence, suggestions, helpful, also, asked_desk \
             FROM turns WHERE at >= $1 AND at < $2 ORDER BY at, nonce";
        let (since, until) = (since.as_millisecond(), until.as_millisecond());
        let mut turns = Vec::new();
        on_each!(self, pool => {
            let mut rows = sqlx::query(statement).bind(since).bind(until).fetch(pool);
            while let Some(row) = rows.try_next().await? {
                let kind: String = row.try_get(2)?;
                let suggestions: String = row.try_get(14)?;
                let also: Option<String> = row.try_get(16)?;
                let also = also.and_then(|also| serde_json::from_str(&also).ok());
                turns.push(Recorded {
                    at: Timestamp::from_millisecond(row.try_get(0)?).unwrap_or_default(),
                    day: row.try_get(1)?,
                    // Rows of a newer version.
                    kind: Kind::named(&kind).unwrap_or(Kind::Asked),
                    channel: row.try_get(3)?,
                    language: row.try_get(4)?,
                    conversation: row.try_get(5)?,
                    text: row.try_get(6)?,
                    outcome: row.try_get(7)?,
                    reason: row.try_get(8)?,
                    entry: row.try_get(9)?,
                    referral: row.try_get(10)?,
                    desk: row.try_get(11)?,
                    is_open: truth(row.try_get(12)?),
                    confidence: row.try_get(13)?,
                    suggestions: list(&suggestions),
                    helpful: truth(row.try_get(15)?),
                    also: also.unwrap_or_default(),
                    asked_desk: row.try_get(17)?,
                });
            }
        });
        Ok(turns)
    }

    /// Reads the counts of days from a day on whose rows are gone.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn counts_since(&self, day: Date) -> Result<Vec<Count>, Error> {
        self.counts_between(day, Date::MAX).await
    }

    /// Reads the counts of days from one to another whose rows are gone.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn counts_between(&self, first: Date, last: Date) -> Result<Vec<Count>, Error> {
        let statement = "SELECT day, kind, channel, outcome, entry, desk, is_open, helpful, count, reason \
             FROM daily WHERE day >= $1 AND day <= $2 ORDER BY day";
        let (first, last) = (first.to_string(), last.to_string());
        let mut counts = Vec::new();
        on_each!(self, pool => {
            for row in sqlx::query(statement).bind(&first).bind(&last).fetch_all(pool).await? {
                let kind: String = row.try_get(1)?;
                let count: i64 = row.try_get(8)?;
                counts.push(Count {
                    day: row.try_get(0)?,
                    kind: Kind::named(&kind).unwrap_or(Kind::Asked),
                    channel: row.try_get(2)?,
                    outcome: row.try_get(3)?,
                    reason: row.try_get(9)?,
                    entry: row.try_get(4)?,
                    desk: row.try_get(5)?,
                    is_open: truth(row.try_get(6)?),
                    helpful: truth(row.try_get(7)?),
                    count: u64::try_from(count).unwrap_or_default(),
                });
            }
        });
        Ok(counts)
    }

    /// Returns the entries that were the answer most often since a time, most often first.
    pub(super) async fn popular_since(&self, since: Timestamp) -> Result<Vec<String>, Error> {
        let statement = "SELECT entry FROM turns WHERE at >= $1 AND entry IS NOT NULL \
             AND kind IN ('asked', 'chosen') GROUP BY entry ORDER BY COUNT(*) DESC, entry LIMIT $2";
        let since = since.as_millisecond();
        let entries = on_each!(self, pool => {
            let entries = sqlx::query_scalar::<_, String>(statement).bind(since).bind(MAX_POPULAR);
            entries.fetch_all(pool).await?
        });
        Ok(entries)
    }
}

/// Reads a stored truth: 1, 0, or another number or nothing for none.
fn truth(number: Option<i64>) -> Option<bool> {
    match number {
        Some(0) => Some(false),
        Some(1) => Some(true),
        _ => None,
    }
}

fn list(text: &str) -> Vec<String> {
    let items = text.split(',').filter(|item| !item.is_empty());
    items.map(str::to_owned).collect()
}
