//! A file of the knowledge folder before and after a change.

use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

/// A change of one file. The texts are complete and exact, with marks and line breaks as in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// The path within the knowledge folder, with `/`.
    pub path: String,
    /// The text before; `None` if there was no such file.
    pub before: Option<String>,
    /// The text after; `None` if the file is removed.
    pub after: Option<String>,
}

impl FileChange {
    /// Returns the change that undoes this one.
    #[must_use]
    pub fn undone(&self) -> Self {
        Self {
            path: self.path.clone(),
            before: self.after.clone(),
            after: self.before.clone(),
        }
    }

    /// Returns whether the path leads to a TOML file of the folder or of one of its folders.
    #[must_use]
    pub fn is_in_folder(&self) -> bool {
        let path = Path::new(&self.path);
        let is_toml = path.extension().is_some_and(|ending| ending == "toml");
        let parts: Vec<Component<'_>> = path.components().collect();
        let is_plain = |part: &Component<'_>| matches!(part, Component::Normal(_));
        is_toml && (1..=2).contains(&parts.len()) && parts.iter().all(is_plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_folder_can_be_changed() {
        for (path, expected) in [
            ("lexicon.toml", true),
            ("selas/1_membership.toml", true),
            ("selas/a/b.toml", false),
            ("../a.toml", false),
            ("selas/../../a.toml", false),
            ("/etc/a.toml", false),
            ("selas/a.txt", false),
            ("", false),
        ] {
            let change = FileChange {
                path: path.to_owned(),
                before: None,
                after: None,
            };
            assert_eq!(change.is_in_folder(), expected, "{path}");
        }
    }
}
