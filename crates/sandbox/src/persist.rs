//! A world on disk: one line a change, written before the reply, so that a killed process loses
//! nothing it answered for. Read and compacted when a sandbox starts.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kinds::Kind;
use crate::object::{Object, meta};
use crate::token::SigningKey;
use crate::world::World;

const FORMAT: &str = "rbacform.sandbox-world/1";
const LOG: &str = "world.jsonl";
const LOCK: &str = "world.lock";

/// Why a world cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum PersistError {
    /// Another process serves this world.
    #[error("the sandbox world in `{}` is in use by process {holder}: wait for it to end", path.display())]
    InUse {
        /// The world's directory.
        path: PathBuf,
        /// The process id that the holder wrote, or `?`.
        holder: String,
    },
    /// The log is not one of ours, or of a newer version.
    #[error("`{}` line {line} cannot be read as a sandbox world: remove it to start anew", path.display())]
    Unreadable {
        /// The log file.
        path: PathBuf,
        /// The first line that makes no sense, from 1.
        line: usize,
    },
    /// The log lost what every world begins with.
    #[error("the sandbox world in `{}` is cut short: remove it to start anew", path.display())]
    CutShort {
        /// The world's directory.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("cannot keep the sandbox world in `{}`: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A line of the log.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Head {
        format: String,
        revision: u64,
        key: String,
    },
    Put {
        put: String,
        object: Value,
    },
    Remove {
        remove: String,
        at: String,
        revision: u64,
    },
}

/// An open log; its directory stays locked as long as it lives.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    file: File,
    _lock: File,
}

impl Log {
    pub(crate) fn put(&mut self, kind: Kind, object: &Object) -> Result<(), PersistError> {
        let line = format!(
            "{{\"put\":\"{}\",\"object\":{}}}\n",
            kind.info().resource,
            object.text
        );
        self.append(line.as_bytes())
    }

    pub(crate) fn remove(
        &mut self,
        kind: Kind,
        at: &str,
        revision: u64,
    ) -> Result<(), PersistError> {
        let remove = kind.info().resource.to_owned();
        let line = to_line(&Line::Remove {
            remove,
            at: at.to_owned(),
            revision,
        });
        self.append(line.as_bytes())
    }

    fn append(&mut self, line: &[u8]) -> Result<(), PersistError> {
        self.file.write_all(line).map_err(at(&self.path))
    }
}

/// Opens the world kept in a directory, made with mode 0700 where it is missing, and returns it
/// with its log attached; `None` where there is none yet.
pub(crate) fn open(directory: &Path) -> Result<(Option<World>, Log), PersistError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(at(directory))?;
    let lock = lock(directory)?;
    let path = directory.join(LOG);
    let world = match File::open(&path) {
        Ok(file) => read(&path, file)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(at(&path)(error)),
    };
    let file = open_private(&path, OpenOptions::new().create(true).append(true))?;
    Ok((
        world,
        Log {
            path,
            file,
            _lock: lock,
        },
    ))
}

/// Rewrites a log as the world stands: one line an object.
pub(crate) fn compact(log: &mut Log, world: &World) -> Result<(), PersistError> {
    let fresh = log.path.with_extension("jsonl.new");
    let mut file = open_private(
        &fresh,
        OpenOptions::new().create(true).write(true).truncate(true),
    )?;
    let mut text = to_line(&Line::Head {
        format: FORMAT.to_owned(),
        revision: world.revision(),
        key: world.signing_key().to_text(),
    });
    for kind in Kind::ALL {
        for object in world.list(kind, "") {
            text.push_str(&format!(
                "{{\"put\":\"{}\",\"object\":{}}}\n",
                kind.info().resource,
                object.text
            ));
        }
    }
    file.write_all(text.as_bytes()).map_err(at(&fresh))?;
    std::fs::rename(&fresh, &log.path).map_err(at(&log.path))?;
    log.file = open_private(&log.path, OpenOptions::new().append(true))?;
    Ok(())
}

fn lock(directory: &Path) -> Result<File, PersistError> {
    let path = directory.join(LOCK);
    let mut file = open_private(
        &path,
        OpenOptions::new().create(true).read(true).write(true),
    )?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0).map_err(at(&path))?;
            write!(file, "{}", std::process::id()).map_err(at(&path))?;
            Ok(file)
        }
        Err(std::fs::TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // The holder's id is a courtesy: without it the message is still true.
            let _ = file
                .seek(SeekFrom::Start(0))
                .and_then(|_| file.read_to_string(&mut holder));
            let is_id = !holder.is_empty() && holder.bytes().all(|b| b.is_ascii_digit());
            let holder = if is_id { holder } else { "?".to_owned() };
            Err(PersistError::InUse {
                path: directory.to_owned(),
                holder,
            })
        }
        Err(std::fs::TryLockError::Error(error)) => Err(at(&path)(error)),
    }
}

fn read(path: &Path, file: File) -> Result<Option<World>, PersistError> {
    let mut world: Option<World> = None;
    let mut reader = BufReader::new(file);
    let mut text = String::new();
    for number in 1.. {
        text.clear();
        if reader.read_line(&mut text).map_err(at(path))? == 0 {
            break;
        }
        // A kill can tear the last line; nobody was told of that change.
        if !text.ends_with('\n') {
            break;
        }
        let unreadable = || PersistError::Unreadable {
            path: path.to_owned(),
            line: number,
        };
        let line = serde_json::from_str(&text).map_err(|_| unreadable())?;
        replay(&mut world, line).ok_or_else(unreadable)?;
    }
    Ok(world)
}

fn replay(world: &mut Option<World>, line: Line) -> Option<()> {
    match line {
        Line::Head {
            format,
            revision,
            key,
        } => {
            if format != FORMAT {
                return None;
            }
            *world = Some(World::new(SigningKey::from_text(key), revision));
        }
        Line::Put { put, object } => {
            let kind = kind_of(&put)?;
            let revision = meta(&object, "resourceVersion").parse().ok()?;
            let world = world.as_mut()?;
            world.restore(kind, Object::new(object));
            world.advance(revision);
        }
        Line::Remove {
            remove,
            at,
            revision,
        } => {
            let kind = kind_of(&remove)?;
            let (namespace, name) = match kind.info().namespaced {
                true => at.split_once('/')?,
                false => ("", at.as_str()),
            };
            let world = world.as_mut()?;
            world.forget(kind, namespace, name);
            world.advance(revision);
        }
    }
    Some(())
}

fn kind_of(resource: &str) -> Option<Kind> {
    Kind::ALL
        .into_iter()
        .find(|kind| kind.info().resource == resource)
}

fn to_line(line: &Line) -> String {
    // Strings and numbers always serialise.
    let mut text = serde_json::to_string(line).unwrap_or_default();
    text.push('\n');
    text
}

pub(crate) fn open_private(path: &Path, options: &mut OpenOptions) -> Result<File, PersistError> {
    options.mode(0o600).open(path).map_err(at(path))
}

pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> PersistError + use<> {
    let path = path.to_owned();
    move |source| PersistError::Io { path, source }
}
