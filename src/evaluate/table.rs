//! Tables of figures, independent of the language and the form of output.

use std::fmt;

/// A table of `madoguchi evaluate`. All names are English keys; the command line translates them.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What the rows are; the heading of the first column.
    pub heading: &'static str,
    /// The names of the columns.
    pub columns: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// A row of a [`Table`].
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// A style, an act, or a name for all.
    pub name: String,
    /// Number of cases.
    pub count: usize,
    /// A cell for each column.
    pub cells: Vec<Cell>,
}

/// A cell of a [`Table`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell {
    /// A rate, 0 to 1; `None` if no case counts.
    Rate(Option<f64>),
    /// A number of cases.
    Count(usize),
}

impl fmt::Display for Cell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rate(Some(rate)) => write!(formatter, "{rate:.3}"),
            Self::Rate(None) => formatter.write_str("-"),
            Self::Count(count) => write!(formatter, "{count}"),
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:<18}{:>6}", self.heading, "n")?;
        for column in &self.columns {
            write!(formatter, "{column:>18}")?;
        }
        writeln!(formatter)?;
        for row in &self.rows {
            write!(formatter, "{:<18}{:>6}", row.name, row.count)?;
            for cell in &row.cells {
                write!(formatter, "{:>18}", cell.to_string())?;
            }
            writeln!(formatter)?;
        }
        Ok(())
    }
}
