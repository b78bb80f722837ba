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
    /// Runs what talks to a world. Only commands that do so pay for the threads.
    pub(crate) fn block_on<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(std::thread::available_parallelism().map_or(2, |n| n.get().min(4)))
            .enable_all()
            .build()
            .map_err(|error| {
                Failure::error("no-runtime", format!("cannot start threads: {error}"))
            })?;
        let result = runtime.block_on(work);
        // A plugin that hangs must not hold up the end.
        runtime.shutdown_background();
        result
    }
}
