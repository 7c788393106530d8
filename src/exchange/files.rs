//! Writes and copies the files of a knowledge folder.

use std::fs;
use std::io::Write;
use std::path::Path;

/// Writes a file in one step, with the permissions that it had.
pub(super) fn replace(path: &Path, text: &str) -> std::io::Result<()> {
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
