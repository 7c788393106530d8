//! The records: what was asked and how it was answered, without what could identify a person.
//!
//! A channel makes a [`Turn`] of an answer, with the text masked by [`mask`], and gives it to the
//! [`Recorder`]. That puts it into a bounded queue and never waits. The writer takes batches from the
//! queue, replaces each conversation by a salted hash, and stores them in SQLite or PostgreSQL.
//!
//! | what | file |
//! |---|---|
//! | masking | `masking/` |
//! | the row of a turn | `turn` |
//! | the queue, and its counters | `recorder` |
//! | batches, outages, the end of the service | `writer` |
//! | the hash of a conversation | `salt` |
//! | opening a database, its tables | `database`, `migrations/` |
//! | deletion of old rows, daily counts, `forget` | `retention` |
//! | reading rows for reports | `reading` |
//! | a database that is opened when it is needed | `on_demand` |
//! | sessions and actions of the staff desk | `staff` |
//! | drafts and changes of the staff desk | `staff_changes` |
//!
//! Invariants: a failing database costs records and never an answer; no address, name of a user or id
//! of a messenger is stored; the words of a person in danger are not stored. This folder imports no
//! other folder of the crate.

mod database;
mod masking;
mod on_demand;
mod reading;
mod recorder;
mod retention;
mod salt;
mod staff;
mod staff_changes;
mod turn;
mod writer;

pub use database::{Database, Error, Location};
pub use masking::mask;
pub use on_demand::OnDemand;
pub use reading::{Count, Further, Recorded};
pub use recorder::{Counts, Recorder};
pub use staff::{StaffAction, StaffSession};
pub use staff_changes::{StoredChange, StoredDraft};
pub use turn::{HELP_CENTRE, Kind, Turn};
pub use writer::{Options, Writer};
