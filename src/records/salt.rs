//! The salted hash of a conversation. The salt is random, changes every day, and is shared by all
//! replicas through the database; salts of before yesterday are deleted.

use std::collections::BTreeMap;

use jiff::civil::Date;
use sha2::{Digest, Sha256};
use sqlx::Row;
use uuid::Uuid;

use super::database::{Database, Error, on_each};

/// Length of a hash, in bytes: enough to tell the conversations of a day apart.
const HASH_BYTES: usize = 8;

/// The salts that were read so far.
#[derive(Debug, Default)]
pub(super) struct Salts(BTreeMap<Date, String>);

impl Salts {
    /// Reads the salts of days that are not known yet; creates those that are missing.
    pub(super) async fn read(
        &mut self,
        database: &Database,
        days: impl Iterator<Item = Date>,
    ) -> Result<(), Error> {
        for day in days {
            if self.0.contains_key(&day) {
                continue;
            }
            let new = hex::encode(
                [Uuid::new_v4(), Uuid::new_v4()]
                    .map(Uuid::into_bytes)
                    .concat(),
            );
            let name = day.to_string();
            let salt = on_each!(database, pool => {
                sqlx::query("INSERT INTO salts (day, salt) VALUES ($1, $2) ON CONFLICT (day) DO NOTHING")
                    .bind(&name)
                    .bind(&new)
                    .execute(pool)
                    .await?;
                let row = sqlx::query("SELECT salt FROM salts WHERE day = $1");
                row.bind(&name).fetch_one(pool).await?.try_get::<String, _>(0)?
            });
            self.0.insert(day, salt);
        }
        Ok(())
    }

    /// Forgets all salts but the newest two.
    pub(super) fn forget_old(&mut self) {
        while self.0.len() > 2 {
            self.0.pop_first();
        }
    }

    /// Returns the hash of a conversation on a day whose salt was read.
    pub(super) fn hash(&self, day: Date, conversation: &[u8; 16]) -> String {
        let salt = self.0.get(&day).map_or("", String::as_str);
        let mut hash = Sha256::new();
        hash.update(salt.as_bytes());
        hash.update(conversation);
        hex::encode(&hash.finalize()[..HASH_BYTES])
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_hash_depends_on_the_salt_of_the_day() {
        let (first, second) = (date(2026, 1, 1), date(2026, 1, 2));
        let salts = Salts([(first, "a".to_owned()), (second, "b".to_owned())].into());
        let hash = salts.hash(first, &[1; 16]);
        assert_eq!(hash.len(), HASH_BYTES * 2);
        assert_eq!(hash, salts.hash(first, &[1; 16]));
        assert_ne!(hash, salts.hash(first, &[2; 16]));
        assert_ne!(hash, salts.hash(second, &[1; 16]));
    }
}
