//! The Google half: IAM, Resource Manager, Vertex AI, GKE and what teams share most, with the
//! semantics of Google's public documentation and discovery documents. Where Google's own words
//! for an error are public they are used; the other texts are ours.

mod access;
mod account;
mod api;
mod call;
mod caller;
mod clock;
mod cloud;
mod cluster;
mod condition;
mod container;
mod credentials;
mod etag;
mod existence;
mod failure;
mod journal;
mod member;
mod name;
mod newcomers;
mod policy;
mod predefined;
mod purge;
mod quota;
mod resource;
mod role;
mod route;
mod routes;
mod serve;
mod settings;
mod target;
mod tokens;

pub use api::GoogleApi;
pub use predefined::PredefinedRoles;
pub use settings::{GoogleQuota, NewAccounts, OnFirstUse};

pub(crate) use caller::Member;
pub(crate) use failure::Failure;
pub(crate) use journal::Journal;
use route::Operation;
pub(crate) use route::is_read;
pub(crate) use serve::GoogleRequest;
pub(crate) use settings::Settings;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::persist::PersistError;
use crate::query::Query;
use call::Call;
use caller::{Caller, identify};
use clock::Clock;
use cloud::Cloud;
use journal::Change;
use newcomers::Newcomers;
use quota::Spent;
use tokens::Tokens;

/// The Google half of a running sandbox.
#[derive(Debug)]
pub(crate) struct Google {
    settings: Settings,
    clock: Clock,
    state: Mutex<State>,
}

/// What requests change. Nobody waits while holding it.
#[derive(Debug)]
struct State {
    cloud: Cloud,
    tokens: Tokens,
    newcomers: Newcomers,
    spent: Spent,
}

/// A request without HTTP.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) query: &'a Query,
    pub(crate) body: &'a [u8],
    pub(crate) bearer: Option<&'a str>,
    pub(crate) url: &'a str,
}

/// Why a resource cannot be made to exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResourceError {
    /// The sandbox serves nothing of that name.
    #[error("the sandbox knows no Google resource of the form `{0}`")]
    Unknown(String),
    /// The world's file cannot be written.
    #[error("the sandbox cannot keep the Google resource `{name}`: {why}")]
    NotKept {
        /// The resource.
        name: String,
        /// What the file system said.
        why: String,
    },
}

impl Google {
    /// As a journal has it, or new and in memory.
    pub(crate) fn open(
        settings: Settings,
        journal: Option<(Vec<Change>, Journal)>,
    ) -> Result<Self, PersistError> {
        let (known, journal) = match journal {
            Some((known, journal)) => (known, Some(journal)),
            None => (Vec::new(), None),
        };
        let mut cloud = Cloud::restore(known, journal)?;
        cloud.set_propagation(settings.propagation);
        Ok(Self {
            settings,
            clock: Clock::default(),
            state: Mutex::new(State {
                cloud,
                tokens: Tokens::default(),
                newcomers: Newcomers::default(),
                spent: Spent::default(),
            }),
        })
    }

    /// Makes everything exist that the settings name.
    pub(crate) fn settle(&self) -> Result<(), ResourceError> {
        let mut names = self.settings.resources.iter();
        names.try_for_each(|name| self.ensure(name))
    }

    /// Makes a resource exist, and the project it is in; nothing happens where it does.
    pub(crate) fn ensure(&self, name: &str) -> Result<(), ResourceError> {
        let unknown = || ResourceError::Unknown(name.to_owned());
        if !existence::can_exist(name) {
            return Err(unknown());
        }
        let now = self.clock.now();
        let state = &mut *self.lock();
        let kept = match name.split_once("/serviceAccounts/") {
            None => existence::create(&mut state.cloud, name, now),
            Some((project, email)) => {
                let project = project.trim_start_matches("projects/");
                let id = email.strip_suffix(&format!("@{}", name::account_domain(project)));
                let account = account::grown(project, id.ok_or_else(unknown)?);
                existence::create(&mut state.cloud, &format!("projects/{project}"), now).and_then(
                    |()| match state.cloud.living(email) {
                        Some(_) => Ok(()),
                        None => state.cloud.commit(vec![Change::Account(account)], now),
                    },
                )
            }
        };
        kept.map_err(|failure| ResourceError::NotKept {
            name: name.to_owned(),
            why: failure.message,
        })
    }

    /// Moves the clock of this half on.
    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// The email behind a token, which Kubernetes takes as the user's name, as GKE does.
    pub(crate) fn email_of(&self, bearer: &str) -> Option<String> {
        let state = self.lock();
        let now = self.clock.now();
        match identify(
            Some(bearer),
            &self.settings,
            &state.tokens,
            &state.cloud,
            now,
        ) {
            Ok(Caller::Member(member)) => Some(member.email().to_owned()),
            _ => None,
        }
    }

    /// Answers one request as one step.
    pub(crate) fn answer(&self, asked: &Asked<'_>) -> Result<Value, Failure> {
        let now = self.clock.now();
        let state = &mut *self.lock();
        purge::purge(&mut state.cloud, now)?;
        let operation = asked.operation;
        let is_for_anybody = matches!(operation.api, GoogleApi::OAuth2 | GoogleApi::Sts);
        let caller = match is_for_anybody {
            true => Caller::Owner,
            false => identify(
                asked.bearer,
                &self.settings,
                &state.tokens,
                &state.cloud,
                now,
            )?,
        };
        if let Some(quota) = self.settings.quota {
            state.spent.spend(quota, operation, now)?;
        }
        let mut call = Call {
            operation,
            query: asked.query,
            body: asked.body,
            caller,
            settings: &self.settings,
            url: asked.url,
            now,
            cloud: &mut state.cloud,
            tokens: &mut state.tokens,
            newcomers: &mut state.newcomers,
        };
        operation.run(&mut call)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
