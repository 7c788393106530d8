//! Charts as SVG: columns by day, stacked by channel, and bars. Each also has its numbers in the page.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::words::{Heading, name, number};
use crate::knowledge::Language;

/// Colours of channels that differ in lightness, so that they also differ in print.
const COLOURS: [&str; 4] = ["#1d4e89", "#f2a541", "#5f9e6e", "#9b5094"];

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 50.0;
const BOTTOM: f64 = 24.0;

/// Draws the turns of each day as a column, stacked by channel.
#[must_use]
pub fn columns(
    days: &BTreeMap<String, BTreeMap<String, u64>>,
    channels: &BTreeMap<String, u64>,
    language: Language,
) -> Markup {
    let colour = |channel: &str| {
        let place = channels.keys().position(|known| known == channel);
        COLOURS[place.unwrap_or_default() % COLOURS.len()]
    };
    let most = days.values().map(|day| day.values().sum::<u64>()).max();
    let most = most.unwrap_or(1).max(1) as f64;
    let height = HEIGHT - BOTTOM - 10.0;
    let step = (WIDTH - LEFT) / days.len().max(1) as f64;
    let mut columns = Vec::new();
    for (index, (day, counts)) in days.iter().enumerate() {
        let mut top = HEIGHT - BOTTOM;
        for (channel, count) in counts {
            let size = *count as f64 / most * height;
            top -= size;
            let x = LEFT + step * index as f64;
            let title = format!("{day} {}: {}", name(channel, language), number(count));
            columns.push((x, top, size, colour(channel), title));
        }
    }
    // About ten labels, so that they do not overlap.
    let every = days.len().div_ceil(10).max(1);
    let labels = days
        .keys()
        .enumerate()
        .filter(|(index, _)| index % every == 0);
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(Heading::PerDay.text(language)) {
            @for share in [0.0, 0.5, 1.0] {
                @let y = HEIGHT - BOTTOM - height * share;
                line x1=(LEFT) x2=(WIDTH) y1=(y) y2=(y) stroke="#bbb" stroke-width="1" {}
                text x=(LEFT - 6.0) y=(y + 4.0) text-anchor="end" { (number((most * share).round())) }
            }
            @for (x, y, size, colour, title) in &columns {
                rect x=(format!("{x:.1}")) y=(format!("{y:.1}")) width=(format!("{:.1}", step * 0.8))
                    height=(format!("{size:.1}")) fill=(colour) { title { (title) } }
            }
            @for (index, day) in labels {
                text x=(format!("{:.1}", LEFT + step * index as f64)) y=(HEIGHT - 6.0) { (day.get(5..).unwrap_or(day)) }
            }
        }
        p.legend {
            @for channel in channels.keys() {
                span {
                    // Pages that forbid styles in attributes allow this.
                    svg.key viewBox="0 0 10 10" aria-hidden="true" { rect width="10" height="10" fill=(colour(channel)) {} }
                    (name(channel, language))
                }
            }
        }
    }
}

/// Draws named counts as bars with their shares.
pub(super) fn bars(title: &str, counts: &BTreeMap<String, u64>, language: Language) -> Markup {
    let total = counts.values().sum::<u64>().max(1) as f64;
    let most = counts.values().copied().max().unwrap_or(1).max(1) as f64;
    let row = 26.0;
    let height = row * counts.len() as f64;
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(title) {
            @for (index, (key, count)) in counts.iter().enumerate() {
                @let y = row * index as f64;
                @let share = *count as f64 * 100.0 / total;
                text x="210" y=(y + 17.0) text-anchor="end" { (name(key, language)) }
                rect x="220" y=(y + 4.0) height="18" fill=(COLOURS[0])
                    width=(format!("{:.1}", *count as f64 / most * 540.0)) {}
                text x=(format!("{:.1}", 228.0 + *count as f64 / most * 540.0)) y=(y + 17.0) {
                    (number(count)) " (" (format!("{share:.1}")) " %)"
                }
            }
        }
    }
}
