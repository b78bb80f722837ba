//! Writing service accounts. Everything after the creation goes by unique id, so that an account
//! made again under the same address is never mistaken for the one that was planned.

use http::{Method, StatusCode};
use rbacform_core::{Edit, EditKind, ObservedObject, Value, compare};
use rbacform_provider::{ErrorKind, ProviderError, WriteOutcome, Written};
use serde::Deserialize;
use serde_json::{Map as JsonMap, json};

use super::{Account, parts};
use crate::client::errors::{refused, unreadable};
use crate::client::http::Call;
use crate::client::retry::{Answer, Patience};
use crate::client::transport::Reply;
use crate::client::write::{Writer, deleted, in_the_way, made, stale, unknown};
use crate::target::Api;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Restored {
    restored_account: Account,
}

impl Writer {
    /// Carries out an edit of a service account.
    pub(in crate::client) async fn service_account(&self, edit: &Edit) -> WriteOutcome {
        let Some((project, email)) = parts(&edit.object) else {
            let message = format!("`{}` names no service account", edit.object.ident);
            return Err(ProviderError::new(ErrorKind::Invalid, message));
        };
        match &edit.kind {
            EditKind::Create { attributes, .. } => {
                self.create(edit, project, email, attributes).await
            }
            EditKind::Update { attributes, .. } => {
                let account = self.fresh(edit, project).await?;
                self.bring_to(edit, project, &account, attributes).await
            }
            EditKind::Delete => self.delete(edit, project).await,
            EditKind::Abandon { .. } | EditKind::Record => Ok(made(
                edit.precondition.uid.clone().unwrap_or_default(),
                None,
            )),
        }
    }

    async fn create(
        &self,
        edit: &Edit,
        project: &str,
        email: &str,
        attributes: &Value,
    ) -> WriteOutcome {
        let known = edit.records.as_ref().map(|record| record.uid.as_str());
        if let Some(uid) = known.filter(|uid| !uid.is_empty())
            && let Some(account) = self.undelete(project, email, uid).await?
        {
            self.made_service_account(email);
            self.http
                .until_visible(&edit.object, &account.unique_id)
                .await;
            return self.bring_to(edit, project, &account, attributes).await;
        }
        let account = self.make(edit, project, email, attributes).await?;
        self.made_service_account(email);
        self.http
            .until_visible(&edit.object, &account.unique_id)
            .await;
        if attributes.get("disabled").and_then(Value::as_bool) == Some(true) && !account.disabled {
            self.set_disabled(project, email, &account.unique_id, true)
                .await
                // It stands, and is not what was planned: the next run must know of it.
                .map_err(|error| unknown(&edit.object, &error))?;
        }
        Ok(written_as(&account))
    }

    /// Sends the creation until there is an account that is ours.
    async fn make(
        &self,
        edit: &Edit,
        project: &str,
        email: &str,
        attributes: &Value,
    ) -> Result<Account, ProviderError> {
        let text = |key: &str| attributes.get(key).and_then(Value::as_str);
        let mut account = JsonMap::new();
        for (key, name) in TEXTS {
            if let Some(text) = text(key) {
                account.insert(name.to_owned(), text.into());
            }
        }
        let account_id = text("account_id").unwrap_or_default();
        let body = json!({"accountId": account_id, "serviceAccount": account});
        let path = format!("v1/projects/{project}/serviceAccounts");
        let call = Call::write(Method::POST, Api::Iam, path, Some(body), email);
        let mut patience = Patience::new();
        let mut sent_before = false;
        loop {
            let lost = match self.http.once(&call, &mut patience).await? {
                Answer::Reply(reply) if reply.status == StatusCode::OK => {
                    return decoded(&reply, email);
                }
                Answer::Reply(reply) if reply.status == StatusCode::CONFLICT => {
                    match self.found(edit).await? {
                        Some(found) if sent_before && is_wanted(&found, attributes) => {
                            return Ok(found);
                        }
                        Some(found) => {
                            let found = found.observed(&edit.object.instance, project);
                            return Err(in_the_way(edit, attributes, &found));
                        }
                        // Its address is taken, and reads do not know it yet.
                        None => {
                            if !patience.wait(None).await {
                                return Err(refused(&reply, email));
                            }
                            continue;
                        }
                    }
                }
                Answer::Reply(reply) => return Err(refused(&reply, email)),
                Answer::Lost(lost) => lost,
            };
            sent_before = true;
            match self.found(edit).await {
                Ok(Some(found)) if is_wanted(&found, attributes) => return Ok(found),
                // Not made, or not seen yet: where it is made, another creation says so.
                Ok(_) => {}
                Err(error) => return Err(unknown(&edit.object, &error)),
            }
            if !patience.wait(None).await {
                return Err(lost);
            }
        }
    }

    async fn found(&self, edit: &Edit) -> Result<Option<Account>, ProviderError> {
        self.http.service_account(&edit.object, None).await
    }

    /// Brings back an account that was deleted, by the unique id that state knows: a new one of
    /// the same address would hold none of its grants. `None` where it cannot come back.
    async fn undelete(
        &self,
        project: &str,
        email: &str,
        unique_id: &str,
    ) -> Result<Option<Account>, ProviderError> {
        let path = format!("v1/projects/{project}/serviceAccounts/{unique_id}:undelete");
        let call = Call::write(Method::POST, Api::Iam, path, Some(json!({})), email);
        let reply = self.http.repeat(&call).await?;
        match reply.status.as_u16() {
            200 => {
                let restored: Restored =
                    serde_json::from_slice(&reply.body).map_err(|_| unreadable(email))?;
                Ok(Some(restored.restored_account))
            }
            // Purged after thirty days, or its address is another's by now.
            400 | 404 | 409 => Ok(None),
            _ => Err(refused(&reply, email)),
        }
    }

    /// The account as it is now, if it is still what the plan compared.
    async fn fresh(&self, edit: &Edit, project: &str) -> Result<Account, ProviderError> {
        let uid = edit.precondition.uid.as_deref();
        let found = self.http.service_account(&edit.object, uid).await?;
        let observed = found
            .as_ref()
            .map(|account| account.observed(&edit.object.instance, project));
        match (found, &observed) {
            (Some(account), Some(now))
                if edit.precondition.holds(&now.uid, &now.attributes) || is_done(edit, now) =>
            {
                Ok(account)
            }
            _ => Err(stale(edit, observed.as_ref())),
        }
    }

    /// Patches, enables or disables, only what differs.
    async fn bring_to(
        &self,
        edit: &Edit,
        project: &str,
        account: &Account,
        attributes: &Value,
    ) -> WriteOutcome {
        let email = account.email.as_str();
        let observed = account.observed(&edit.object.instance, project);
        let shape = &edit.precondition.compared;
        let now = compare::project(&observed.attributes, attributes, shape);
        let differences = compare::differences(&now, attributes);
        let differs = |key: &str| differences.iter().any(|found| found.path == key);
        let mut patch = JsonMap::new();
        let mut mask = Vec::new();
        for (key, name) in TEXTS {
            if differs(key) {
                let text = attributes.get(key).and_then(Value::as_str);
                patch.insert(name.to_owned(), text.unwrap_or_default().into());
                mask.push(name);
            }
        }
        let path = format!(
            "v1/projects/{project}/serviceAccounts/{}",
            account.unique_id
        );
        if !mask.is_empty() {
            let body = json!({"serviceAccount": patch, "updateMask": mask.join(",")});
            let call = Call::write(Method::PATCH, Api::Iam, path, Some(body), email);
            let reply = self.http.repeat(&call).await?;
            if reply.status != StatusCode::OK {
                return Err(refused(&reply, email));
            }
        }
        // Where the stack no longer says, it stays as it is.
        let wanted = attributes.get("disabled").and_then(Value::as_bool);
        if let Some(wanted) = wanted.filter(|_| differs("disabled")) {
            let uid = &account.unique_id;
            self.set_disabled(project, email, uid, wanted).await?;
        }
        Ok(written_as(account))
    }

    async fn set_disabled(
        &self,
        project: &str,
        email: &str,
        unique_id: &str,
        disabled: bool,
    ) -> Result<(), ProviderError> {
        let verb = if disabled { "disable" } else { "enable" };
        let path = format!("v1/projects/{project}/serviceAccounts/{unique_id}:{verb}");
        let call = Call::write(Method::POST, Api::Iam, path, Some(json!({})), email);
        let reply = self.http.repeat(&call).await?;
        match reply.status {
            StatusCode::OK => Ok(()),
            _ => Err(refused(&reply, email)),
        }
    }

    async fn delete(&self, edit: &Edit, project: &str) -> WriteOutcome {
        let uid = edit.precondition.uid.as_deref().unwrap_or_default();
        let email = parts(&edit.object).map_or("", |(_, email)| email);
        let found = self.http.service_account(&edit.object, Some(uid)).await?;
        let Some(account) = found else {
            return Ok(deleted(None));
        };
        let now = account.observed(&edit.object.instance, project);
        if !edit.precondition.holds(&now.uid, &now.attributes) {
            return Err(stale(edit, Some(&now)));
        }
        let path = format!("v1/projects/{project}/serviceAccounts/{uid}");
        let call = Call::write(Method::DELETE, Api::Iam, path, None, email);
        let reply = self.http.repeat(&call).await?;
        match reply.status {
            StatusCode::OK | StatusCode::NOT_FOUND => Ok(deleted(Some(&reply))),
            _ => Err(refused(&reply, email)),
        }
    }
}

/// Attributes that are texts, and Google's names for them.
const TEXTS: [(&str, &str); 2] = [
    ("display_name", "displayName"),
    ("description", "description"),
];

/// Whether an account is what we were about to make: an earlier try whose answer was lost made it.
fn is_wanted(found: &Account, attributes: &Value) -> bool {
    let text = |key: &str| {
        attributes
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    found.display_name == text("display_name") && found.description == text("description")
}

/// Whether somebody else has already made it what the edit wants.
fn is_done(edit: &Edit, now: &ObservedObject) -> bool {
    let EditKind::Update { attributes, .. } = &edit.kind else {
        return false;
    };
    let same_one = edit.precondition.uid.as_ref() == Some(&now.uid);
    let shape = &edit.precondition.compared;
    same_one
        && compare::same(
            &compare::project(&now.attributes, attributes, shape),
            attributes,
        )
}

fn decoded(reply: &Reply, email: &str) -> Result<Account, ProviderError> {
    let account: Account = serde_json::from_slice(&reply.body).map_err(|_| unreadable(email))?;
    match account.unique_id.is_empty() {
        true => Err(unreadable(email)),
        false => Ok(account),
    }
}

fn written_as(account: &Account) -> Written {
    made(account.unique_id.as_str().into(), None)
}
