//! The forms of pages: read and filled in as a browser does.

/// A form with its fields, as a browser would send it.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    /// The path that it is sent to.
    pub(crate) action: String,
    fields: Vec<(String, String)>,
}

impl Form {
    /// Reads the first form of a page that is sent to a path.
    pub(crate) fn read(page: &str, action: &str) -> Self {
        let start = page.find(&format!("action=\"{action}\""));
        let start = start.unwrap_or_else(|| panic!("no form for `{action}`: {page}"));
        let (form, _) = page[start..].split_once("</form>").expect("the end");
        let mut fields = Vec::new();
        let tags = form.match_indices('<').map(|(at, _)| &form[at..]);
        for tag in tags {
            let name = || attribute(tag, "name").unwrap_or_default();
            if tag.starts_with("<input") {
                let is_box = ["checkbox", "radio"]
                    .iter()
                    .any(|kind| attribute(tag, "type").as_deref() == Some(kind));
                if !is_box || has(tag, "checked") {
                    fields.push((name(), attribute(tag, "value").unwrap_or_default()));
                }
            } else if tag.starts_with("<textarea") {
                let (_, rest) = tag.split_once('>').expect("the end of a tag");
                let (text, _) = rest.split_once("</textarea>").expect("the end");
                // Browsers leave out the first line break.
                let text = text.strip_prefix('\n').unwrap_or(text);
                fields.push((name(), plain(text)));
            } else if tag.starts_with("<select") {
                let (options, _) = tag.split_once("</select>").expect("the end");
                let mut options = options.split("<option").skip(1);
                let first = options.clone().next().unwrap_or_default();
                let chosen = options.find(|option| has(option, "selected"));
                let value = attribute(chosen.unwrap_or(first), "value");
                fields.push((name(), value.unwrap_or_default()));
            }
        }
        fields.retain(|(name, _)| !name.is_empty());
        let action = action.to_owned();
        Self { action, fields }
    }

    /// Returns the value of a field.
    pub(crate) fn value(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map_or_else(|| panic!("no field `{name}`"), |(_, value)| value)
    }

    /// Fills a field in, or ticks a box.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        match self.fields.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value.to_owned(),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
    }

    /// Takes the tick of a box away.
    pub(crate) fn untick(&mut self, name: &str) {
        self.fields.retain(|(known, _)| known != name);
    }

    /// Returns the name of the field with a value.
    pub(crate) fn name_of(&self, value: &str) -> String {
        let found = self.fields.iter().find(|(_, known)| known == value);
        let found = found.unwrap_or_else(|| panic!("no field has `{value}`: {self:?}"));
        found.0.clone()
    }

    /// Returns the fields with their values.
    pub(crate) fn fields(&self) -> Vec<(&str, &str)> {
        let fields = self.fields.iter();
        fields
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }
}

/// Returns the opening tag, up to its end.
fn opening(tag: &str) -> &str {
    &tag[..tag.find('>').unwrap_or(tag.len())]
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = opening(tag).split_once(&format!(" {name}=\""))?;
    Some(plain(rest.split('"').next()?))
}

fn has(tag: &str, name: &str) -> bool {
    opening(tag).split_whitespace().any(|part| part == name)
}

/// Decodes what `maud` escapes.
fn plain(text: &str) -> String {
    let pairs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&amp;", "&"),
    ];
    pairs
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}
