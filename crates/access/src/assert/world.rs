//! The world that assertions are tested on, and how much of it is known.

use std::collections::BTreeSet;

use crate::bridge::Bridge;
use crate::{Evaluator, Facts, InvalidObject, Version};

/// What is known of a world besides its roles and bindings, and how much of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sight {
    /// Kinds that are known whole, such as `RoleBinding`: what is not there does not exist.
    pub whole: BTreeSet<String>,
    /// Namespaces of which every RoleBinding is known, where not those of all are.
    pub role_bindings_in: BTreeSet<String>,
    /// Namespaces that are declared or there.
    pub namespaces: BTreeSet<String>,
    /// Service accounts that are declared or there, as `NAMESPACE/NAME`.
    pub service_accounts: BTreeSet<String>,
    /// Subjects that grants outside of the cluster name, as stack files spell them.
    pub named: BTreeSet<String>,
    /// Why there may be more than is known, whatever the kind.
    pub partial: Option<String>,
    /// The server's version, which says what is served.
    pub version: Version,
}

impl Sight {
    /// Whether an object of a kind that is not known does not exist.
    pub(super) fn is_whole(&self, kind: &str) -> bool {
        self.partial.is_none() && self.whole.contains(kind)
    }
}

/// A world, ready to be tested.
pub struct Planned<'f> {
    pub(super) facts: &'f Facts,
    pub(super) evaluator: Evaluator<'f>,
    pub(super) sight: &'f Sight,
    pub(super) fresh: Facts,
    pub(super) policies: Option<Policies<'f>>,
}

/// What is known of policies on Google resources.
#[derive(Clone, Copy)]
pub struct Policies<'f> {
    /// Answers questions about them, and who of the cluster's service accounts acts as whom.
    pub bridge: Bridge<'f>,
    /// Resources, by name without the host, that were looked for and are not there.
    pub absent: &'f BTreeSet<String>,
}

impl<'f> Planned<'f> {
    /// Prepares a world.
    ///
    /// # Errors
    /// Never, as long as the objects of a fresh cluster that this crate holds can be read.
    pub fn new(facts: &'f Facts, sight: &'f Sight) -> Result<Self, InvalidObject> {
        let mut fresh = Facts::default();
        fresh.lay_bootstrap()?;
        crate::aggregate::settle_empty(&mut fresh);
        Ok(Self {
            facts,
            evaluator: Evaluator::new(facts),
            sight,
            fresh,
            policies: None,
        })
    }

    /// The same world, with policies on Google resources.
    #[must_use]
    pub fn with_policies(self, policies: Policies<'f>) -> Self {
        Self {
            policies: Some(policies),
            ..self
        }
    }
}
