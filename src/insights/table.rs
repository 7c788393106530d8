//! The report as CSV that Excel opens: UTF-8 with a byte order mark, one table with a column that names
//! the part of the report.

use super::report::Report;
use super::uses::Use;
use crate::exchange::is_formula;

const HEADINGS: [&str; 8] = [
    "part",
    "name",
    "text",
    "count",
    "conversations",
    "helpful",
    "not_helpful",
    "examples",
];

/// Writes the report.
///
/// # Errors
/// None that can happen in memory; those of the writer are passed on.
pub fn csv(report: &Report) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(vec![0xEF, 0xBB, 0xBF]);
    writer.write_record(HEADINGS)?;
    let mut row = |part: &str, cells: [String; 7]| {
        let cells = cells.iter().map(|cell| plain(cell));
        writer.write_record(std::iter::once(part.to_owned()).chain(cells))
    };
    let empty = String::new;
    for (day, channels) in &report.days {
        for (channel, count) in channels {
            let cells = [
                day.clone(),
                channel.clone(),
                count.to_string(),
                empty(),
                empty(),
                empty(),
                empty(),
            ];
            row("day", cells)?;
        }
    }
    for (part, counts) in [("channel", &report.channels), ("outcome", &report.outcomes)] {
        for (name, count) in counts {
            let cells = [
                name.clone(),
                empty(),
                count.to_string(),
                empty(),
                empty(),
                empty(),
                empty(),
            ];
            row(part, cells)?;
        }
    }
    for (part, entries) in [
        ("most_asked", &report.most_asked),
        ("least_helpful", &report.least_helpful),
        ("unused", &report.unused),
    ] {
        for of_entry in entries {
            row(part, entry(of_entry))?;
        }
    }
    for (part, groups) in [
        ("unanswered", &report.unanswered),
        ("abandoned", &report.abandoned),
    ] {
        for group in groups {
            let examples = group
                .examples
                .iter()
                .skip(1)
                .map(|example| example.text.as_str());
            let examples = examples.collect::<Vec<_>>().join(" / ");
            let text = group.examples.first().map(|example| example.text.clone());
            row(
                part,
                [
                    empty(),
                    text.unwrap_or_default(),
                    group.count.to_string(),
                    group.conversations.to_string(),
                    empty(),
                    empty(),
                    examples,
                ],
            )?;
        }
    }
    for route in &report.rerouted {
        let from = route.from.as_deref().unwrap_or("-");
        row(
            "rerouted",
            [
                format!("{from} -> {}", route.to),
                route.wording.text.clone(),
                route.wording.count.to_string(),
                route.wording.conversations.len().to_string(),
                empty(),
                empty(),
                empty(),
            ],
        )?;
    }
    for desk in &report.escalations {
        for (text, count) in [
            ("open", desk.open),
            ("closed", desk.closed),
            ("without_hours", desk.without_hours),
        ] {
            let cells = [
                desk.desk.clone(),
                text.to_owned(),
                count.to_string(),
                empty(),
                empty(),
                empty(),
                empty(),
            ];
            row("escalation", cells)?;
        }
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}

fn entry(of_entry: &Use) -> [String; 7] {
    [
        of_entry.id.clone(),
        of_entry.question.clone(),
        of_entry.shown().to_string(),
        String::new(),
        of_entry.helpful.to_string(),
        of_entry.not_helpful.to_string(),
        of_entry.examples.join(" / "),
    ]
}

/// Keeps a cell from being read as a formula: members write what they like.
fn plain(cell: &str) -> String {
    match is_formula(cell) && cell != "-" {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        assert_eq!(plain("=1+1"), "'=1+1");
        assert_eq!(plain("@SUM"), "'@SUM");
        assert_eq!(plain("＝１＋１"), "'＝１＋１");
        assert_eq!(plain("-"), "-");
        assert_eq!(plain("会費は"), "会費は");
    }
}
