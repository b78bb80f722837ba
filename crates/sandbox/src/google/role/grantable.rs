//! Which roles can be granted on a resource, and which permissions can be asked about there.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::read::{is_full, predefined, table};
use crate::google::call::{Asked, Call, list_json};
use crate::google::failure::Failure;
use crate::google::policy::supports;
use crate::google::target::{Target, of_full_name};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct QueryRequest {
    full_resource_name: String,
    page_size: usize,
    page_token: String,
    view: String,
}

/// `roles.queryGrantableRoles`.
pub(crate) fn query_grantable(call: &mut Call<'_>) -> Result<Value, Failure> {
    let request: QueryRequest = call.json()?;
    let target = target(&request)?;
    let table = table(call)?;
    let names = table.names().into_iter();
    let grantable = names.filter(|role| supports(call, target, role) == Some(true));
    let (page, next) = pages(&request).page(grantable.collect(), 300, 3_000)?;
    Ok(list_json(
        "roles",
        predefined(table, page, is_full(&request.view)),
        next,
    ))
}

/// `permissions.queryTestablePermissions`.
pub(crate) fn query_testable(call: &mut Call<'_>) -> Result<Value, Failure> {
    let request: QueryRequest = call.json()?;
    let target = target(&request)?;
    let table = table(call)?;
    let mut permissions = BTreeSet::new();
    for role in table.names() {
        permissions.extend(table.permissions(&role).unwrap_or_default());
    }
    let testable = permissions.into_iter().filter(|permission| {
        let mut prefixes = target.meaningful.iter();
        target.meaningful.is_empty() || prefixes.any(|prefix| permission.starts_with(prefix))
    });
    let (page, next) = pages(&request).page(testable.collect(), 100, 1_000)?;
    let shown = page
        .into_iter()
        .map(|permission| json!({"name": permission, "stage": "GA"}));
    Ok(list_json("permissions", shown.collect(), next))
}

fn target(request: &QueryRequest) -> Result<&'static Target, Failure> {
    let known = of_full_name(&request.full_resource_name);
    known.ok_or_else(|| {
        Failure::invalid(format!(
            "Invalid full resource name \"{}\".",
            request.full_resource_name
        ))
    })
}

fn pages(request: &QueryRequest) -> Asked {
    Asked {
        size: request.page_size,
        token: request.page_token.clone(),
    }
}
