//! The lock of a run: a courtesy among the well-behaved, so that two applies do not work at cross
//! purposes. What keeps state whole is compare-and-swap, lock or not.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Seek, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::{LocalStore, Point, StateError, durable};

/// Who holds a lock, and for what. Filled in by the caller: nothing here reads a clock or an
/// environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockInfo {
    /// Names the lock; what `rbacform unlock` takes. Unique to the run.
    pub id: String,
    /// The command, e.g. `apply`.
    pub operation: String,
    /// The user.
    pub who: String,
    /// The machine.
    pub host: String,
    /// The process.
    pub pid: u32,
    /// Since when, RFC 3339.
    pub created: String,
}

impl fmt::Display for LockInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.id.is_empty() {
            return f.write_str("by a process that has not said who it is");
        }
        write!(
            f,
            "`{}` by {} on {} (process {}) since {}, lock id `{}`",
            self.operation, self.who, self.host, self.pid, self.created, self.id
        )
    }
}

/// A held lock. Released when dropped, and by the operating system when the process dies.
#[derive(Debug)]
pub struct LockGuard {
    store: LocalStore,
    info: LockInfo,
    /// Keeps the system's lock on the file.
    _file: File,
}

impl LockGuard {
    pub(crate) fn acquire(store: &LocalStore, info: LockInfo) -> Result<Self, StateError> {
        let path = store.files().lock();
        durable::private_dir(store.files().dir())?;
        let door = Door::enter(store)?;
        let mut file = durable::open_private(
            OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false),
            &path,
        )
        .map_err(StateError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StateError::Held {
                    holder: Box::new(holder(&path)?.unwrap_or_default()),
                    path,
                });
            }
            Err(TryLockError::Error(error)) => return Err(StateError::io("lock", &path)(error)),
        }
        let text = serde_json::to_vec(&info).unwrap_or_default();
        // What a dead holder wrote goes; nobody reads in between, for we hold the door.
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(&text))
            .map_err(StateError::io("write", &path))?;
        drop(door);
        store.checkpoint().reach(Point::Lock);
        Ok(Self {
            store: store.clone(),
            info,
            _file: file,
        })
    }

    /// Who holds it.
    pub fn info(&self) -> &LockInfo {
        &self.info
    }

    /// Whether nobody took it away with `unlock` meanwhile.
    pub fn is_ours(&self) -> bool {
        holder(&self.store.files().lock())
            .ok()
            .flatten()
            .is_some_and(|held| held.id == self.info.id)
    }
}

impl Drop for LockGuard {
    fn drop(&mut self) {
        // Failing here is harmless: the file stays, unlocked, and the next run takes it over.
        let Ok(_door) = Door::enter(&self.store) else {
            return;
        };
        if self.is_ours() {
            let _ = durable::remove(&self.store.files().lock());
        }
    }
}

/// Removes the lock of that id, whether or not its holder lives. A holder that does keeps
/// working, but can no longer commit once somebody else did.
pub(crate) fn unlock(store: &LocalStore, id: &str) -> Result<LockInfo, StateError> {
    let path = store.files().lock();
    if !path.exists() {
        return Err(StateError::NotLocked { path });
    }
    let _door = Door::enter(store)?;
    let held = holder(&path)?.ok_or_else(|| StateError::NotLocked { path: path.clone() })?;
    if held.id != id {
        return Err(StateError::OtherLock {
            found: held.id,
            given: id.to_owned(),
        });
    }
    durable::remove(&path)?;
    Ok(held)
}

/// What a lock file says; empty where it says nothing readable.
fn holder(path: &std::path::Path) -> Result<Option<LockInfo>, StateError> {
    Ok(durable::read(path)?.map(|bytes| serde_json::from_slice(&bytes).unwrap_or_default()))
}

/// A second lock, held for the milliseconds in which the lock file or the state file changes
/// hands. Its file is never removed, so that it always means one and the same thing.
pub(crate) struct Door {
    _file: File,
}

/// How long to wait at the door: a commit takes milliseconds, so this long means that a process
/// was stopped in the middle of one.
const PATIENCE: Duration = Duration::from_secs(20);

impl Door {
    pub(crate) fn enter(store: &LocalStore) -> Result<Self, StateError> {
        let path: PathBuf = store.files().door();
        let file = durable::open_private(
            OpenOptions::new().write(true).create(true).truncate(false),
            &path,
        )
        .map_err(StateError::io("open", &path))?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(2));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(StateError::io("lock", &path)(std::io::Error::new(
                        std::io::ErrorKind::TimedOut,
                        "another process is stopped in the middle of a commit",
                    )));
                }
                Err(TryLockError::Error(error)) => {
                    return Err(StateError::io("lock", &path)(error));
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "lock_tests.rs"]
mod tests;
