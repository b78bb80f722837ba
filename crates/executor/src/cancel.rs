use tokio::sync::watch;

/// The side that asks a run to stop, e.g. the handler of Ctrl-C.
#[derive(Debug)]
pub struct Canceller(watch::Sender<u8>);

/// The side that listens.
#[derive(Clone, Debug)]
pub struct Cancel(watch::Receiver<u8>);

/// A pair that knows of each other.
pub fn cancel() -> (Canceller, Cancel) {
    let (sender, receiver) = watch::channel(0);
    (Canceller(sender), Cancel(receiver))
}

impl Canceller {
    /// The first time: start nothing more, finish what is in flight. The second time: stop at
    /// once.
    pub fn cancel(&self) {
        self.0
            .send_modify(|presses| *presses = presses.saturating_add(1));
    }
}

impl Cancel {
    /// Whether nothing more may start.
    pub fn is_cancelled(&self) -> bool {
        *self.0.borrow() >= 1
    }

    /// Resolves once nothing more may start; never, where nobody can ask for it any more.
    pub async fn cancelled(&self) {
        self.reached(1).await;
    }

    /// Resolves once everything must stop at once.
    pub async fn stopped(&self) {
        self.reached(2).await;
    }

    async fn reached(&self, presses: u8) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|now| *now >= presses).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
