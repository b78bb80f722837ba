//! A session: what every command has at hand.

use crate::environment::Environment;
use crate::failure::Failure;
use crate::ui::Ui;

/// Environment and words, and a way to wait for the network.
pub(crate) struct Session {
    pub(crate) environment: Environment,
    pub(crate) ui: Ui,
}

impl Session {
    /// Runs what talks to a world. Only commands that do so pay for it.
    ///
    /// One thread: the server is what everybody waits for. It is a thread of its own, because the
    /// system allocator then gives it the memory that the one which read the stack let go.
    pub(crate) fn block_on<T, F>(&self, work: impl FnOnce() -> F + Send) -> Result<T, Failure>
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
            let result = runtime.block_on(work());
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
