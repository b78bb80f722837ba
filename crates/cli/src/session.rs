//! A session: what every command has at hand.

use rbacform_executor::Cancel;

use crate::environment::Environment;
use crate::failure::Failure;
use crate::signals;
use crate::ui::Ui;

/// Environment and words, and a way to wait for the network.
pub(crate) struct Session {
    pub(crate) environment: Environment,
    pub(crate) ui: Ui,
}

impl Session {
    /// Runs what only reads a world: Ctrl-C ends it wherever it is.
    pub(crate) fn read<T, F>(&self, work: impl FnOnce() -> F + Send) -> Result<T, Failure>
    where
        T: Send,
        F: Future<Output = Result<T, Failure>>,
    {
        self.block_on(|cancel| async move { signals::unless_interrupted(&cancel, work()).await })
    }

    /// Runs what talks to a world. Only commands that do so pay for it. From here on Ctrl-C does
    /// not kill: the work is told by `Cancel`.
    ///
    /// One thread: the server is what everybody waits for. It is a thread of its own, because the
    /// system allocator then gives it the memory that the one which read the stack let go.
    pub(crate) fn block_on<T, F>(&self, work: impl FnOnce(Cancel) -> F + Send) -> Result<T, Failure>
    where
        T: Send,
        F: Future<Output = Result<T, Failure>>,
    {
        let run = || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let runtime = runtime.map_err(|error| {
                Failure::error(
                    "no-runtime",
                    format!("cannot wait for the network: {error}"),
                )
            })?;
            let (canceller, cancel) = rbacform_executor::cancel();
            let result = runtime.block_on(async {
                signals::watch(canceller);
                work(cancel).await
            });
            // A plugin that hangs must not hold up the end.
            runtime.shutdown_background();
            result
        };
        std::thread::scope(|scope| match scope.spawn(run).join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    }
}
