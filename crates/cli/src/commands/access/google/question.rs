//! What is asked about Google: `storage.objects.get`, or `get storage.objects`, and a resource.

use rbacform_access::google::Resource;
use rbacform_gcp::roles;
use serde::Serialize;

use super::super::args::WhatArgs;
use crate::failure::Failure;

/// A permission on a resource.
pub(super) struct Question {
    pub(super) permission: String,
    pub(super) resource: Resource,
}

/// The same as documents tell it.
#[derive(Serialize)]
pub(super) struct Told {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) groups: Vec<String>,
    pub(super) permission: String,
    pub(super) resource: String,
}

/// Whether a question is one about Google: it names a resource of Google, or its verb is a whole
/// permission.
pub(in super::super) fn is_asked(verb: &str, what: &WhatArgs) -> bool {
    what.on.is_some() || is_permission(verb)
}

fn is_permission(text: &str) -> bool {
    text.split('.').count() >= 3 && text.split('.').all(|part| !part.is_empty())
}

impl Question {
    /// Reads a verb and a word, or a permission, and `--resource`.
    pub(super) fn read(verb: &str, word: Option<&str>, what: &WhatArgs) -> Result<Self, Failure> {
        let permission = match word {
            Some(word) => format!("{word}.{verb}"),
            None => verb.to_owned(),
        };
        if !is_permission(&permission) {
            let message = format!("`{permission}` is no permission of Google");
            return Err(Failure::usage(message).help(
                "a permission is `SERVICE.TYPE.VERB`: write `storage.objects.get`, or `get \
                 storage.objects`",
            ));
        }
        if let (false, Some(close)) = (
            roles::permission_exists(&permission),
            roles::closest_permission(&permission),
        ) {
            let message = format!("no predefined role holds a permission `{permission}`");
            return Err(Failure::error("unknown-permission", message)
                .help(format!("did you mean `{close}`?")));
        }
        let Some(on) = &what.on else {
            return Err(Failure::usage(format!("`{permission}` on which resource?")).help(
                "give `--resource`, e.g. `--resource //storage.googleapis.com/projects/_/buckets/B`",
            ));
        };
        let resource = Resource::parse(on).map_err(|error| {
            Failure::usage(error.to_string()).help(
                "write its full name, with or without the host: \
                 `//storage.googleapis.com/projects/_/buckets/B`, `projects/P/secrets/S`",
            )
        })?;
        Ok(Self {
            permission,
            resource,
        })
    }

    pub(super) fn told(&self, user: Option<&str>, groups: &[String]) -> Told {
        Told {
            user: user.map(str::to_owned),
            groups: groups.to_vec(),
            permission: self.permission.clone(),
            resource: self.resource.as_str().to_owned(),
        }
    }
}

impl Told {
    /// In words: `storage.objects.get on buckets/data`.
    pub(super) fn words(&self) -> String {
        format!("{} on {}", self.permission, self.resource)
    }
}
