//! Service accounts.

mod create;
mod delete;
mod model;
mod patch;
mod read;
mod switch;

pub(crate) use create::{create, grown};
pub(crate) use delete::{delete, undelete};
pub(crate) use model::Account;
pub(crate) use patch::{patch, update};
pub(crate) use read::{get, list};
pub(crate) use switch::{disable, enable};

use crate::google::call::Call;
use crate::google::failure::Failure;
use crate::google::target::Target;

/// The living account that a request names, if the caller may.
pub(crate) fn named(call: &mut Call<'_>, permission: &str) -> Result<Account, Failure> {
    let sort = Target::of("projects/p/serviceAccounts/e");
    let target = sort.ok_or_else(Failure::no_such_method)?;
    let name = call.existing(target)?;
    call.require(permission, &name)?;
    let account = call.cloud.living(crate::google::name::last(&name));
    account
        .cloned()
        .ok_or_else(|| Failure::not_found("Unknown service account"))
}

/// The lengths that Google takes, in bytes.
fn check_texts(display_name: &str, description: &str) -> Result<(), Failure> {
    if display_name.len() > 100 {
        return Err(Failure::invalid(
            "The display name must be at most 100 UTF-8 bytes long.",
        ));
    }
    if description.len() > 256 {
        return Err(Failure::invalid(
            "The description must be at most 256 UTF-8 bytes long.",
        ));
    }
    Ok(())
}
