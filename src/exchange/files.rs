//! Writes and copies the files of a knowledge folder.

use std::fs;
use std::io::Write;
use std::path::Path;

/// Writes a file in one step, with the permissions that it had.
///
/// # Errors
/// The I/O error; then the file is as before.
pub fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    // The file behind a link is replaced, not the link, which may lead to a shared folder.
    let target = if path.is_symlink() {
        fs::canonicalize(path)?
    } else {
        path.to_owned()
    };
    let path = target.as_path();
    let parent = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent)?;
    let mut file = tempfile::NamedTempFile::new_in(parent)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    // A temporary file is private; the service may run as another user.
    if let Ok(existing) = fs::metadata(path) {
        file.as_file().set_permissions(existing.permissions())?;
    } else {
        make_readable(file.as_file())?;
    }
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(unix)]
fn make_readable(file: &fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &fs::File) -> std::io::Result<()> {
    Ok(())
}

/// Copies the TOML files of a knowledge folder.
pub(super) fn copy_toml(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            fs::create_dir_all(&target)?;
            for inner in fs::read_dir(&path)? {
                let inner = inner?;
                if inner
                    .path()
                    .extension()
                    .is_some_and(|ending| ending == "toml")
                {
                    fs::copy(inner.path(), target.join(inner.file_name()))?;
                }
            }
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_link_still_leads_to_its_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, link) = (
            folder.path().join("shared.toml"),
            folder.path().join("faq.toml"),
        );
        fs::write(&file, "old").expect("a file");
        std::os::unix::fs::symlink("shared.toml", &link).expect("a link");
        replace(&link, "new").expect("a written file");
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&file).expect("a file"), "new");
        // A link to nothing is an error, and stays.
        fs::remove_file(&file).expect("a file");
        assert!(replace(&link, "newer").is_err());
        assert!(link.is_symlink());
    }
}
