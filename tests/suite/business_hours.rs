//! Business hours: the national holidays agree with an independent table.

use std::collections::BTreeMap;
use std::fs;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use madoguchi::knowledge::holidays::holiday_name;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/holidays.tsv");

#[test]
fn every_holiday_from_2026_to_2030_agrees_with_the_table() {
    let text = fs::read_to_string(TABLE).expect("the table of holidays can be read");
    let table: BTreeMap<Date, &str> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (date, name) = line.split_once('\t').expect("a date, a tab, a name");
            (date.parse().expect("a date such as 2026-01-01"), name)
        })
        .collect();

    let differing: Vec<String> = date(2026, 1, 1)
        .series(1.day())
        .take_while(|date| *date <= self::date(2030, 12, 31))
        .map(|date| (date, holiday_name(date), table.get(&date).copied()))
        .filter(|(_, ours, theirs)| ours != theirs)
        .map(|(date, ours, theirs)| {
            let name = |name: Option<&str>| name.unwrap_or("no holiday").to_owned();
            format!(
                "{date}: {} computed, {} in the table",
                name(ours),
                name(theirs)
            )
        })
        .collect();
    assert!(
        differing.is_empty(),
        "{} days differ from {TABLE}:\n{}\nhelp: see the law cited in the holidays module; \
         the header of the table names its source",
        differing.len(),
        differing.join("\n"),
    );
}
