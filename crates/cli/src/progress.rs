//! Progress on a terminal. Elsewhere silence: the end says it all.

use indicatif::{ProgressBar, ProgressStyle};
use rbacform_executor::Event;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::ui::Ui;

/// A display that follows a run's events.
pub(crate) struct Progress {
    display: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts one where somebody watches and there is something to see.
    pub(crate) fn start(ui: &Ui, steps: usize) -> (Self, Option<mpsc::UnboundedSender<Event>>) {
        if steps == 0 || !ui.is_watched() {
            return (Self { display: None }, None);
        }
        let (sender, receiver) = mpsc::unbounded_channel();
        (
            Self {
                display: Some(tokio::spawn(follow(receiver))),
            },
            Some(sender),
        )
    }

    /// Waits until everything was shown.
    pub(crate) async fn finish(self) {
        if let Some(display) = self.display {
            // A display that failed takes nothing with it.
            let _ = display.await;
        }
    }
}

async fn follow(mut events: mpsc::UnboundedReceiver<Event>) {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
        bar.set_style(style);
    }
    while let Some(event) = events.recv().await {
        match event {
            Event::Started(subject) => {
                bar.set_length(subject.total as u64);
                bar.set_message(format!("{} {}", subject.verb.as_str(), subject.address));
            }
            Event::Finished(_) | Event::Skipped(..) => bar.inc(1),
            Event::Failed(subject, why) => {
                bar.inc(1);
                let why = crate::render::text::safe_lines(&why);
                bar.println(format!("failed {}: {why}", subject.address));
            }
        }
    }
    bar.finish_and_clear();
}
