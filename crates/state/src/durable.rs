//! Files that are private and survive a power cut.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::StateError;

/// Opens or makes a file that only its owner may read.
pub(crate) fn open_private(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path)
}

/// Makes a folder, and those above it, that only its owner may enter. One that exists is left as
/// it is.
pub(crate) fn private_dir(path: &Path) -> Result<(), StateError> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .map_err(StateError::io("make the folder", path))?;
    match path.parent() {
        Some(parent) if parent != Path::new("") => sync_dir(parent),
        _ => Ok(()),
    }
}

/// Makes what was created, renamed or removed in a folder durable.
pub(crate) fn sync_dir(path: &Path) -> Result<(), StateError> {
    // Only Unix lets a folder be opened and synced; elsewhere a rename is durable by itself.
    if cfg!(unix) {
        File::open(path)
            .and_then(|dir| dir.sync_all())
            .map_err(StateError::io("make durable", path))?;
    }
    Ok(())
}

/// The whole file, or `None` where there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, StateError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StateError::io("read", path)(error)),
    }
}

/// Writes a new private file and makes its content durable; its name is, once the folder is
/// synced. What stood there before is a leftover of a killed run.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), StateError> {
    remove(path)?;
    let mut file = open_private(OpenOptions::new().write(true).create_new(true), path)
        .map_err(StateError::io("create", path))?;
    file.write_all(bytes)
        .map_err(StateError::io("write", path))?;
    file.sync_all()
        .map_err(StateError::io("make durable", path))
}

/// Appends a line to a private file and makes it durable. One that a kill cut short stays a line
/// of its own.
pub(crate) fn append_line(path: &Path, line: &[u8]) -> Result<(), StateError> {
    let options = &mut OpenOptions::new();
    let mut file = open_private(options.read(true).append(true).create(true), path)
        .map_err(StateError::io("open", path))?;
    let mut bytes = Vec::with_capacity(line.len() + 2);
    if !ends_whole(&mut file).map_err(StateError::io("read", path))? {
        bytes.push(b'\n');
    }
    bytes.extend(line);
    bytes.push(b'\n');
    file.write_all(&bytes)
        .map_err(StateError::io("write", path))?;
    file.sync_all()
        .map_err(StateError::io("make durable", path))
}

fn ends_whole(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// Removes a file, if it is there.
pub(crate) fn remove(path: &Path) -> Result<(), StateError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(StateError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}
