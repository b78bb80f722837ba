//! Writing a journal: append only, group-committed. Many wait, one thread writes, and one sync
//! serves everybody who came in the meantime.

use std::fs::{File, OpenOptions};
use std::future::Future;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll};
use std::thread::JoinHandle;

use futures_channel::oneshot;
use rbacform_core::Edit;

use crate::record::{self, FORMAT};
use crate::{
    Checkpoint, Header, Intent, LocalStore, Outcome, Point, Record, RunInfo, StateError, durable,
};

/// The journal of this run. Dropping it stops the writer and leaves the file, which the next run
/// settles; [`Journal::close`] gives back the path once nothing is in flight.
#[derive(Debug)]
pub struct Journal {
    handle: JournalHandle,
    writer: Option<JoinHandle<()>>,
    path: PathBuf,
}

/// A way to write to a journal, cheap to clone.
#[derive(Clone, Debug)]
pub struct JournalHandle {
    queue: mpsc::Sender<Message>,
    path: Arc<Path>,
    checkpoint: Checkpoint,
}

/// What the run of a carried-over journal is called: it did nothing itself.
pub(crate) const CARRIED_OVER: &str = "carried-over";

type Reply = Result<(), StateError>;

#[derive(Debug)]
enum Message {
    Append(Vec<u8>, oneshot::Sender<Reply>),
    Stop,
}

impl Journal {
    /// Begins the journal of a run on the state of that lineage and serial. The header is durable
    /// on return.
    pub fn begin(
        store: &LocalStore,
        lineage: &str,
        serial: u64,
        run: RunInfo,
    ) -> Result<Self, StateError> {
        let path = store.files().journal(&run.id);
        let file = create(store, &path, &header(lineage, serial, run), &[])?;
        store.checkpoint().reach(Point::Header);
        let (queue, messages) = mpsc::channel();
        let shared: Arc<Path> = path.as_path().into();
        let owned = Arc::clone(&shared);
        let writer = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || Writer { file, path: owned }.run(&messages))
            .map_err(StateError::io("start the writer of", &path))?;
        Ok(Self {
            handle: JournalHandle {
                queue,
                path: shared,
                checkpoint: store.checkpoint().clone(),
            },
            writer: Some(writer),
            path,
        })
    }

    /// Writes down intents that a commit leaves open, in a journal bound to the serial that the
    /// commit makes.
    pub(crate) fn carry_over(
        store: &LocalStore,
        lineage: &str,
        serial: u64,
        open: &[Intent],
    ) -> Result<PathBuf, StateError> {
        let id = uuid::Uuid::new_v4().to_string();
        let path = store.files().journal(&id);
        let run = RunInfo {
            id,
            operation: CARRIED_OVER.to_owned(),
            ..RunInfo::default()
        };
        // Numbered anew: they may come from several journals.
        let renumbered = open.iter().zip(0..).map(|(intent, seq)| {
            Record::Intent(Box::new(Intent {
                seq,
                ..intent.clone()
            }))
        });
        let records: Vec<Record> = renumbered.collect();
        create(store, &path, &header(lineage, serial, run), &records)?;
        Ok(path)
    }

    /// A way to write to it.
    pub fn handle(&self) -> JournalHandle {
        self.handle.clone()
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Ends the writing; everything that was sent is written first.
    pub fn close(mut self) -> PathBuf {
        self.stop();
        self.path.clone()
    }

    fn stop(&mut self) {
        let _ = self.handle.queue.send(Message::Stop);
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has failed every receipt already.
            let _ = writer.join();
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.stop();
    }
}

fn header(lineage: &str, serial: u64, run: RunInfo) -> Header {
    Header {
        format: FORMAT.to_owned(),
        lineage: lineage.to_owned(),
        serial,
        run,
    }
}

fn create(
    store: &LocalStore,
    path: &Path,
    header: &Header,
    records: &[Record],
) -> Result<File, StateError> {
    let encode = |error: serde_json::Error| StateError::Unwritable(error.to_string());
    let mut bytes = record::line(header).map_err(encode)?;
    for entry in records {
        bytes.extend(record::line(entry).map_err(encode)?);
    }
    durable::private_dir(store.files().dir())?;
    let mut file = durable::open_private(OpenOptions::new().append(true).create_new(true), path)
        .map_err(StateError::io("create", path))?;
    file.write_all(&bytes)
        .map_err(StateError::io("write", path))?;
    file.sync_all()
        .map_err(StateError::io("make durable", path))?;
    durable::sync_dir(store.files().dir())?;
    Ok(file)
}

impl JournalHandle {
    /// Journals what is about to be done. The call may be sent once the receipt is good.
    pub fn intent(&self, seq: u64, edit: &Edit) -> Receipt {
        self.checkpoint.reach(Point::Intent);
        self.append(record::intent_line(seq, edit))
    }

    /// Journals what became of it. Whoever depends on it may start once the receipt is good.
    pub fn outcome(&self, seq: u64, outcome: Outcome) -> Receipt {
        self.append(record::line(&Record::Outcome {
            seq,
            result: outcome,
        }))
    }

    /// The hook for crash tests.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    fn append(&self, line: serde_json::Result<Vec<u8>>) -> Receipt {
        let (reply, receipt) = oneshot::channel();
        match line {
            Ok(bytes) => {
                // Where the writer is gone, dropping the reply is the answer.
                let _ = self.queue.send(Message::Append(bytes, reply));
            }
            Err(error) => {
                let _ = reply.send(Err(StateError::Unwritable(error.to_string())));
            }
        }
        Receipt {
            reply: receipt,
            path: Arc::clone(&self.path),
        }
    }
}

/// Resolves once what was journaled is durable, or could not be made so.
#[derive(Debug)]
pub struct Receipt {
    reply: oneshot::Receiver<Reply>,
    path: Arc<Path>,
}

impl Future for Receipt {
    type Output = Result<(), StateError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.reply).poll(context).map(|answer| {
            answer.unwrap_or_else(|_| {
                let gone = std::io::Error::other("the journal is closed");
                Err(StateError::io("write", &self.path)(gone))
            })
        })
    }
}

struct Writer {
    file: File,
    path: Arc<Path>,
}

impl Writer {
    fn run(mut self, messages: &mpsc::Receiver<Message>) {
        let mut failed: Option<StateError> = None;
        let mut stop = false;
        while !stop {
            let Ok(first) = messages.recv() else { return };
            let mut bytes = Vec::new();
            let mut waiting = Vec::new();
            for message in std::iter::once(first).chain(messages.try_iter()) {
                match message {
                    Message::Append(line, reply) => {
                        bytes.extend(line);
                        waiting.push(reply);
                    }
                    Message::Stop => stop = true,
                }
            }
            if failed.is_none() && !waiting.is_empty() {
                failed = self.write(&bytes).err();
            }
            // Once a write or a sync failed, nobody knows what is on the disk: all later ones
            // fail too, rather than being appended behind a hole.
            let answer = failed.clone().map_or(Ok(()), Err);
            for reply in waiting {
                let _ = reply.send(answer.clone());
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), StateError> {
        self.file
            .write_all(bytes)
            .map_err(StateError::io("write", &self.path))?;
        self.file
            .sync_data()
            .map_err(StateError::io("make durable", &self.path))
    }
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
