//! Grants and ways, in documents and in words.

use rbacform_access::bridge::{Proof, Step};
use rbacform_access::google::Grant;
use rbacform_core::Location;
use serde::Serialize;

use super::super::hints;
use super::super::world::World;
use crate::render::text::safe;

/// A grant of a policy of Google.
#[derive(Clone, Serialize)]
pub(super) struct Link {
    /// The object that declares it, or the policy it is in.
    binding: String,
    role: String,
    resource: String,
    member: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<String>,
    #[serde(flatten)]
    place: Option<Place>,
}

#[derive(Clone, Serialize)]
struct Place {
    file: String,
    line: u32,
}

/// One step of a way: somebody becomes somebody else.
#[derive(Serialize)]
pub(super) struct Through {
    how: String,
    becomes: String,
    #[serde(flatten)]
    proof: Option<Proven>,
    #[serde(skip)]
    words: String,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Proven {
    Google(Link),
    Kubernetes(Box<super::super::answer::Chain>),
}

impl World {
    /// A grant, with the place where it is declared.
    pub(super) fn link(&self, grant: &Grant) -> Link {
        let place = grant
            .object
            .as_ref()
            .and_then(|object| self.places.of(object));
        let binding = match &grant.object {
            Some(object) => object.to_string(),
            None => format!("gcp/IamPolicy/{}", grant.resource),
        };
        Link {
            binding,
            role: grant.role.clone(),
            resource: grant.resource.clone(),
            member: grant.member.clone(),
            condition: grant.condition.as_ref().map(|it| it.expression.clone()),
            place: place.map(|Location { file, line, .. }| Place { file, line }),
        }
    }

    /// What a person should know about the world that is asked.
    pub(in super::super) fn google_notes(&self) -> Vec<String> {
        let of_google = self.google.notes.iter().cloned();
        hints::of_world(self).into_iter().chain(of_google).collect()
    }

    /// A step, with its proof.
    pub(super) fn through(&self, step: &Step) -> Through {
        let (proof, words) = match &step.proof {
            Proof::Google(grant) => {
                let link = self.link(grant);
                let words = match step.becomes.strip_prefix("serviceAccount:") {
                    Some(email) if link.resource.ends_with(email) => link.role_words(),
                    _ => link.words(),
                };
                (Some(Proven::Google(link)), words)
            }
            Proof::Kubernetes(grant) => {
                let chain = self.chain(grant);
                let words = chain.binding_words();
                (Some(Proven::Kubernetes(Box::new(chain))), words)
            }
            Proof::Group(_) => (None, String::new()),
        };
        Through {
            how: step.how.clone(),
            becomes: step.becomes.clone(),
            proof,
            words,
        }
    }
}

impl Link {
    /// `roles/viewer on projects/p (stack.toml:3) while ...`.
    pub(super) fn words(&self) -> String {
        let on = format!(" on {}", safe(&self.resource));
        self.words_with(&on)
    }

    /// The same where the resource was told already.
    fn role_words(&self) -> String {
        self.words_with("")
    }

    fn words_with(&self, on: &str) -> String {
        let place = self.place.as_ref();
        let place = place.map(|at| format!(" ({}:{})", safe(&at.file), at.line));
        let condition = self.condition.as_ref();
        let condition = condition.map(|it| format!(" while {}", safe(it)));
        format!(
            "{}{on}{}{}",
            safe(&self.role),
            place.unwrap_or_default(),
            condition.unwrap_or_default()
        )
    }
}

impl Through {
    /// `as serviceaccount:a/b: create pods in namespace a, RoleBinding a/x (stack.toml:3)`.
    pub(super) fn words(&self) -> String {
        let (how, becomes) = (safe(&self.how), safe(&self.becomes));
        match &self.proof {
            None => how.into_owned(),
            Some(_) => format!("as {becomes}: {how}, {}", self.words),
        }
    }

    /// As whom one acts then.
    pub(super) fn whom(&self) -> &str {
        &self.becomes
    }
}
