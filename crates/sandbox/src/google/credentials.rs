//! Short-lived credentials: impersonation, the token endpoints, and what a token says.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::account::named;
use super::call::Call;
use super::caller::{Caller, Member, OWNER_EMAIL};
use super::failure::Failure;
use crate::query::Query;

const HOUR: Duration = Duration::from_secs(3600);
const CLOUD_PLATFORM: &str = "https://www.googleapis.com/auth/cloud-platform";

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct AccessTokenRequest {
    delegates: Vec<String>,
    scope: Vec<String>,
    lifetime: String,
}

/// `projects.serviceAccounts.generateAccessToken`. Each of the chain must let the one before it.
pub(crate) fn generate_access_token(call: &mut Call<'_>) -> Result<Value, Failure> {
    let request: AccessTokenRequest = call.json()?;
    if request.scope.is_empty() {
        return Err(Failure::invalid("The scope list must not be empty."));
    }
    let lifetime = lifetime(&request.lifetime)?;
    for delegate in &request.delegates {
        let email = super::name::last(delegate);
        let account = call.cloud.living(email).cloned();
        let account = account.ok_or_else(|| Failure::not_found("Unknown service account"))?;
        call.require("iam.serviceAccounts.implicitDelegation", &account.name())?;
        call.caller = Caller::Member(bearer(&account.member()));
    }
    let account = named(call, "iam.serviceAccounts.getAccessToken")?;
    if account.disabled {
        return Err(Failure::precondition("Service account is disabled."));
    }
    let (token, expires) = call.tokens.mint(
        bearer(&account.member()),
        Some(account.unique_id.clone()),
        request.scope,
        lifetime,
        call.now,
    );
    Ok(json!({"accessToken": token, "expireTime": expires.to_text()}))
}

/// `oauth2.googleapis.com/token`: a signed assertion of a service account, or a refresh token. The
/// sandbox holds no public keys: who an assertion names is believed. A refresh token is the token
/// of an identity that the sandbox was started with.
pub(crate) fn token(call: &mut Call<'_>) -> Result<Value, Failure> {
    let form = form(call);
    match form.get("grant_type") {
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => {
            let issuer = issuer(form.get("assertion"));
            let account = issuer.and_then(|email| call.cloud.living(&email).cloned());
            let Some(account) = account.filter(|account| !account.disabled) else {
                return Err(Failure::oauth(
                    "invalid_grant",
                    "Invalid grant: account not found",
                ));
            };
            let id = Some(account.unique_id.clone());
            Ok(issued(call, bearer(&account.member()), id))
        }
        "refresh_token" => exchanged(call, form.get("refresh_token")),
        _ => Err(Failure::oauth(
            "unsupported_grant_type",
            "Invalid grant_type",
        )),
    }
}

/// `sts.googleapis.com/v1/token`: the subject token is that of an identity, as above.
pub(crate) fn exchange(call: &mut Call<'_>) -> Result<Value, Failure> {
    let subject = match serde_json::from_slice::<Value>(call.body) {
        Ok(body) => {
            let text = |field: &str| body.get(field).and_then(Value::as_str).map(str::to_owned);
            text("subjectToken")
                .or_else(|| text("subject_token"))
                .unwrap_or_default()
        }
        Err(_) => form(call).get("subject_token").to_owned(),
    };
    let mut reply = exchanged(call, &subject)?;
    if let Some(reply) = reply.as_object_mut() {
        let kind = "urn:ietf:params:oauth:token-type:access_token";
        reply.insert("issued_token_type".to_owned(), json!(kind));
    }
    Ok(reply)
}

/// What an access token says (`oauth2.tokeninfo`, and its newer spelling `v3`).
pub(crate) fn info(call: &mut Call<'_>) -> Result<Value, Failure> {
    let asked = match call.query.get("access_token") {
        "" => form(call).get("access_token").to_owned(),
        token => token.to_owned(),
    };
    let invalid = || Failure::oauth("invalid_token", "Invalid Value");
    let (email, left, scopes) = match call.tokens.living(&asked, call.cloud, call.now) {
        Some(minted) => {
            let left = minted.expires.seconds_since(call.now);
            (
                minted.member.email().to_owned(),
                left,
                minted.scopes.join(" "),
            )
        }
        None => {
            let settings = call.settings;
            let email = match settings.identities.get(&asked) {
                Some(member) => member.email().to_owned(),
                None if settings.owner_tokens.contains(&asked) => OWNER_EMAIL.to_owned(),
                None => return Err(invalid()),
            };
            (email, HOUR.as_secs(), CLOUD_PLATFORM.to_owned())
        }
    };
    let id = call
        .cloud
        .living(&email)
        .map(|account| account.unique_id.clone());
    let id = id.unwrap_or_else(|| super::name::project_number(&email));
    if call.operation.version == "v3" {
        return Ok(json!({
            "azp": id, "aud": id, "sub": id, "scope": scopes, "expires_in": left.to_string(),
            "email": email, "email_verified": "true", "access_type": "online",
        }));
    }
    Ok(json!({
        "issued_to": id, "audience": id, "user_id": id, "scope": scopes, "expires_in": left,
        "email": email, "verified_email": true,
    }))
}

fn exchanged(call: &mut Call<'_>, known: &str) -> Result<Value, Failure> {
    match call.settings.identities.get(known).cloned() {
        Some(member) => Ok(issued(call, member, None)),
        None => Err(Failure::oauth("invalid_grant", "Bad Request")),
    }
}

fn issued(call: &mut Call<'_>, member: Member, unique_id: Option<String>) -> Value {
    let scopes = vec![CLOUD_PLATFORM.to_owned()];
    let (token, _) = call.tokens.mint(member, unique_id, scopes, HOUR, call.now);
    json!({"access_token": token, "expires_in": HOUR.as_secs(), "token_type": "Bearer"})
}

fn bearer(member: &str) -> Member {
    Member {
        member: member.to_owned(),
        groups: Vec::new(),
    }
}

fn form(call: &Call<'_>) -> Query {
    Query::parse(&String::from_utf8_lossy(call.body))
}

/// Who a JWT says it is from.
fn issuer(assertion: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(assertion.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    claims.get("iss")?.as_str().map(str::to_owned)
}

/// `3600s`; an hour where it is left out, twelve at most.
fn lifetime(text: &str) -> Result<Duration, Failure> {
    if text.is_empty() {
        return Ok(HOUR);
    }
    let seconds = text
        .strip_suffix('s')
        .and_then(|number| number.parse().ok());
    match seconds.map(Duration::from_secs) {
        Some(lifetime) if !lifetime.is_zero() && lifetime <= HOUR * 12 => Ok(lifetime),
        _ => Err(Failure::invalid(
            "The lifetime must be a positive number of seconds, such as 3600s, and 12 hours at \
             most.",
        )),
    }
}
