use rbacform_core::{Address, Edit, ObjectId};
use rbacform_state::Verb;

/// What happens during a run, for a progress display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A call is being sent.
    Started(Subject),
    /// It was done.
    Finished(Subject),
    /// It failed, or nobody knows what became of it.
    Failed(Subject, String),
    /// It was not started, and why.
    Skipped(Subject, String),
}

/// Which edit an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The resource.
    pub address: Address,
    /// The object.
    pub object: ObjectId,
    /// What is done to it.
    pub verb: Verb,
    /// The edit's number in the plan, from 1.
    pub index: usize,
    /// How many edits the plan has.
    pub total: usize,
}

impl Subject {
    pub(crate) fn of(edit: &Edit, index: usize, total: usize) -> Self {
        Self {
            address: edit.address.clone(),
            object: edit.object.clone(),
            verb: Verb::from(&edit.kind),
            index: index + 1,
            total,
        }
    }
}
