//! Requests that a project may make in a window, where a test wants it so.

use std::collections::BTreeMap;

use serde_json::json;

use super::api::GoogleApi;
use super::clock::Moment;
use super::failure::Failure;
use super::name;
use super::route::Operation;
use super::settings::GoogleQuota;

/// Requests of the running windows.
#[derive(Debug, Default)]
pub(crate) struct Spent(BTreeMap<Key, Window>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    api: GoogleApi,
    project: String,
    is_read: bool,
}

#[derive(Debug)]
struct Window {
    began: Moment,
    count: u64,
}

impl Spent {
    /// Counts a request, or refuses it where its window is used up.
    pub(crate) fn spend(
        &mut self,
        quota: GoogleQuota,
        operation: &Operation,
        now: Moment,
    ) -> Result<(), Failure> {
        let is_read = operation.is_read();
        let project = name::project_of(&operation.name)
            .unwrap_or_default()
            .to_owned();
        let key = Key {
            api: operation.api,
            project: project.clone(),
            is_read,
        };
        let fresh = Window {
            began: now,
            count: 0,
        };
        let window = self.0.entry(key).or_insert(fresh);
        if window.began.plus(quota.window) <= now {
            *window = Window {
                began: now,
                count: 0,
            };
        }
        let limit = if is_read { quota.reads } else { quota.writes };
        if window.count < limit {
            window.count += 1;
            return Ok(());
        }
        let left = window.began.plus(quota.window).seconds_since(now);
        Err(exceeded(operation.api, &project, is_read, limit).retry_in(left))
    }
}

fn exceeded(api: GoogleApi, project: &str, is_read: bool, limit: u64) -> Failure {
    let (metric, slug) = match is_read {
        true => ("Read requests", "ReadRequestsPerMinutePerProject"),
        false => ("Write requests", "WriteRequestsPerMinutePerProject"),
    };
    let host = api.host();
    let consumer = match name::is_number(project) {
        true => format!("project_number:{project}"),
        false => format!("project_number:{}", name::project_number(project)),
    };
    let message = format!(
        "Quota exceeded for quota metric '{metric}' and limit '{metric} per minute' of service \
         '{host}' for consumer '{consumer}'."
    );
    let metadata = json!({
        "service": host, "quota_limit": slug, "quota_limit_value": limit.to_string(),
        "quota_metric": format!("{host}/{}", metric.to_lowercase().replace(' ', "_")),
        "consumer": consumer.replace("project_number:", "projects/"),
    });
    Failure::exhausted(message).info("RATE_LIMIT_EXCEEDED", "googleapis.com", metadata)
}
