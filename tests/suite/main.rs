//! The behaviours of Madoguchi; one crate, so that tantivy and the dictionary are linked once.

mod business_hours;
