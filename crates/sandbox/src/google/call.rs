//! One request while it is answered.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::access::{Access, policy_key};
use super::caller::Caller;
use super::clock::Moment;
use super::cloud::Cloud;
use super::failure::Failure;
use super::newcomers::Newcomers;
use super::predefined::PredefinedRoles;
use super::route::Operation;
use super::settings::Settings;
use super::target::Target;
use super::tokens::Tokens;
use crate::query::Query;

/// What an operation may see and change.
pub(crate) struct Call<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) query: &'a Query,
    pub(crate) body: &'a [u8],
    pub(crate) caller: Caller,
    pub(crate) settings: &'a Settings,
    /// The sandbox's base URL.
    pub(crate) url: &'a str,
    pub(crate) now: Moment,
    pub(crate) cloud: &'a mut Cloud,
    pub(crate) tokens: &'a mut Tokens,
    pub(crate) newcomers: &'a mut Newcomers,
}

/// A resource that exists, with the name it goes by.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) target: &'static Target,
    /// With the project's id and the account's email.
    pub(crate) name: String,
    /// What its policy is kept under.
    pub(crate) key: String,
}

impl Call<'_> {
    /// The body as JSON of a known shape; none at all is `{}`.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let body = match self.body.iter().all(u8::is_ascii_whitespace) {
            true => b"{}",
            false => self.body,
        };
        serde_json::from_slice(body).map_err(|error| {
            let text = error.to_string();
            match text
                .strip_prefix("unknown field `")
                .and_then(|rest| rest.split_once('`'))
            {
                Some((field, _)) => Failure::unknown_field(field),
                None => Failure::invalid(format!("Invalid JSON payload received. {text}")),
            }
        })
    }

    pub(crate) fn roles(&self) -> Option<&dyn PredefinedRoles> {
        self.settings.roles.as_deref()
    }

    pub(crate) fn access(&self) -> Access<'_> {
        Access {
            cloud: self.cloud,
            roles: self.settings.roles.as_deref(),
            parents: &self.settings.parents,
            now: self.now,
        }
    }

    /// Goes on only where the caller holds a permission on a resource.
    pub(crate) fn require(&self, permission: &str, resource: &str) -> Result<(), Failure> {
        if self.access().may(&self.caller, permission, resource) {
            return Ok(());
        }
        let full_name = match Target::of(resource) {
            Some(target) => target.full_name(resource),
            None => format!("//{}/{resource}", self.operation.api.host()),
        };
        Err(Failure::denied(self.operation.api, permission, &full_name))
    }

    /// A resource with a policy, which must exist.
    pub(crate) fn place(&mut self, target: &'static Target) -> Result<Place, Failure> {
        let name = self.existing(target)?;
        let key = policy_key(self.cloud, &name);
        Ok(Place { target, name, key })
    }

    /// A page of a list, and the token of the next one.
    pub(crate) fn page<T>(
        &self,
        items: Vec<T>,
        default_size: usize,
        max_size: usize,
    ) -> Result<(Vec<T>, Option<String>), Failure> {
        let asked = Asked {
            size: self.query.get("pageSize").parse().unwrap_or_default(),
            token: self.query.get("pageToken").to_owned(),
        };
        asked.page(items, default_size, max_size)
    }
}

/// Which page somebody asks for.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) size: usize,
    pub(crate) token: String,
}

impl Asked {
    pub(crate) fn page<T>(
        &self,
        items: Vec<T>,
        default_size: usize,
        max_size: usize,
    ) -> Result<(Vec<T>, Option<String>), Failure> {
        let size = match self.size {
            0 => default_size,
            size => size.min(max_size),
        };
        let start = match self.token.strip_prefix("after-") {
            Some(start) => start.parse().ok(),
            None => self.token.is_empty().then_some(0),
        };
        let start: usize = start.ok_or_else(|| Failure::invalid("Invalid page token."))?;
        let total = items.len();
        let page: Vec<T> = items.into_iter().skip(start).take(size).collect();
        let end = start.saturating_add(page.len());
        let next = (end < total && !page.is_empty()).then(|| format!("after-{end}"));
        Ok((page, next))
    }
}

/// A list reply: Google leaves out what is empty.
pub(crate) fn list_json(field: &str, items: Vec<Value>, next: Option<String>) -> Value {
    let mut out = serde_json::Map::new();
    if !items.is_empty() {
        out.insert(field.to_owned(), Value::Array(items));
    }
    if let Some(next) = next {
        out.insert("nextPageToken".to_owned(), Value::String(next));
    }
    Value::Object(out)
}

/// Whether a field mask names a field, in either spelling.
pub(crate) fn in_mask(mask: &str, field: &str) -> bool {
    mask.split(',').map(str::trim).any(|path| {
        let plain: String = path.chars().filter(|c| *c != '_').collect();
        plain.eq_ignore_ascii_case(field)
    })
}
