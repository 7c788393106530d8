//! Reads numbers from a TOML table.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::toml_reader::TableReader;
use crate::knowledge::language::localized;

impl TableReader<'_> {
    /// Reads a required number.
    pub(super) fn number(&mut self, key: &'static str) -> Option<f32> {
        let value = self.require(key, &format!("{key} = 0.0"))?;
        let number = number_of(value.get_ref());
        if number.is_none() {
            let expected = localized!(ja: "数", en: "a number");
            self.wrong_type(key, value, &expected, &format!("{key} = 0.0"));
        }
        number
    }

    /// Reads an optional table of numbers by name.
    pub(super) fn numbers(&mut self, key: &'static str) -> BTreeMap<String, f32> {
        let mut numbers = BTreeMap::new();
        let Some(value) = self.get(key) else {
            return numbers;
        };
        let Some(table) = value.get_ref().as_table() else {
            let expected = localized!(ja: "数の表", en: "a table of numbers");
            self.wrong_type(key, value, &expected, &format!("[{key}]"));
            return numbers;
        };
        for (name, value) in table.iter() {
            match number_of(value.get_ref()) {
                Some(number) => {
                    numbers.insert(name.get_ref().to_string(), number);
                }
                None => {
                    let name = name.get_ref();
                    let expected = localized!(ja: "数", en: "a number");
                    self.wrong_type(name, value, &expected, &format!("{name} = 0.0"));
                }
            }
        }
        numbers
    }
}

fn number_of(value: &DeValue<'_>) -> Option<f32> {
    let text = match value {
        DeValue::Float(float) => float.as_str(),
        DeValue::Integer(integer) => integer.as_str(),
        _ => return None,
    };
    text.parse().ok().filter(|number: &f32| number.is_finite())
}
