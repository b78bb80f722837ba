//! What Google can be asked about an assertion: which permissions the caller holds.

use rbacform_core::{Assertion, Claim, Deed, Holders};

use crate::google::canonical;

/// One question that the caller can ask about itself, and the answer by which the assertion holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PermissionQuestion {
    /// `storage.objects.get`.
    pub permission: String,
    /// The resource, as the assertion names it.
    pub resource: String,
    /// Whether it must be held.
    pub held: bool,
}

/// The questions that one assertion comes to for a caller, as policies name it. `testIamPermissions`
/// answers for whoever asks: of others, ceilings, and who else can, nothing can be asked.
pub fn permission_questions(assertion: &Assertion, caller: &str) -> Vec<PermissionQuestion> {
    let is_caller = |subject: &str| canonical(subject) == canonical(caller);
    let (deed, held) = match &assertion.claim {
        claim if !claim.is_on_policies() => return Vec::new(),
        Claim::Can(asker, deed) if is_caller(&asker.subject) => (deed, true),
        Claim::Cannot(asker, deed) if is_caller(&asker.subject) => (deed, false),
        Claim::WhoCan(deed, Holders::Exactly(all)) if all.iter().any(|it| is_caller(it)) => {
            (deed, true)
        }
        _ => return Vec::new(),
    };
    each(deed, held)
}

fn each(deed: &Deed, held: bool) -> Vec<PermissionQuestion> {
    let asked = deed.resources.iter().flat_map(|target| {
        let permissions = deed.verbs.iter();
        permissions.map(|permission| PermissionQuestion {
            permission: permission.to_string(),
            resource: target.name.to_string(),
            held,
        })
    });
    asked.collect()
}
