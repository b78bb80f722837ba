//! Bindings: who holds which role where, whatever a platform calls the thing that says so.

use crate::ObjectId;

/// Who holds one role in one place, through one object: a Kubernetes binding, or one role of a
/// Google policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The role: a Kubernetes object, or `Role roles/x` for Google's own roles and the custom
    /// role's own object for others.
    pub role: ObjectId,
    /// The subjects as stack files spell them, e.g. `user:ana@example.com`.
    pub subjects: Vec<String>,
    /// Where it holds: a namespace, `cluster`, or a resource's full name without the host, e.g.
    /// `projects/acme-ml`.
    pub scope: String,
    /// The expression it holds under, where it is conditional.
    pub condition: Option<String>,
}

/// Access of one subject that a plan takes away through one of its objects.
#[derive(Clone, Copy, Debug)]
pub struct Removal<'a> {
    /// The object whose change takes it.
    pub object: &'a ObjectId,
    /// The role.
    pub role: &'a ObjectId,
    /// Where it held.
    pub scope: &'a str,
    /// Who loses it, as stack files spell it.
    pub subject: &'a str,
    /// The expression it held under, where it was conditional.
    pub condition: Option<&'a str>,
    /// Who carries the plan out, as the provider names it (an email at Google); none where it was
    /// not asked.
    pub identity: Option<&'a str>,
}

/// Why a removal must not happen by accident: the plan is refused unless a
/// [`PolicyException`](crate::PolicyException) of this code and the resource's address lets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guarded {
    /// A stable, kebab-case code, e.g. `service-agent-removed`.
    pub code: &'static str,
    /// What would happen: a lower-case fragment that names subject, role and place.
    pub message: String,
    /// What to do instead.
    pub help: String,
}
