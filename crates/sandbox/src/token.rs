//! Tokens of service accounts: signed by the sandbox, and refused once what they are bound to is
//! gone.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use rbacform_access::User;
use rbacform_access::subject::{implied_groups, service_account_username};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::authn::Caller;
use crate::kinds::Kind;
use crate::object::meta;
use crate::world::World;

/// The key a world signs its tokens with.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SigningKey(String);

impl SigningKey {
    pub(crate) fn generate() -> Self {
        let part = || uuid::Uuid::new_v4().simple().to_string();
        Self(part() + &part())
    }

    pub(crate) fn from_text(text: String) -> Self {
        Self(text)
    }

    /// For the world's own file alone.
    pub(crate) fn to_text(&self) -> String {
        self.0.clone()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

/// What a token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) namespace: String,
    pub(crate) account: String,
    pub(crate) account_uid: String,
    /// The Secret whose end is the token's end, and its uid.
    pub(crate) bound_secret: Option<(String, String)>,
    /// Seconds since 1970; `None` never ends.
    pub(crate) expires: Option<i64>,
    pub(crate) id: String,
}

/// Signs a token. It has the shape of a JWT; only the sandbox can read it.
pub(crate) fn sign(key: &SigningKey, claims: &Claims) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let payload = serde_json::to_vec(claims).unwrap_or_default();
    let body = format!("{header}.{}", URL_SAFE_NO_PAD.encode(payload));
    let signature = mac(key, &body).map(|mac| mac.finalize().into_bytes());
    format!(
        "{body}.{}",
        URL_SAFE_NO_PAD.encode(signature.unwrap_or_default())
    )
}

/// The caller behind a token of this world; `None` for any other, expired or revoked token.
pub(crate) fn authenticate(world: &World, token: &str) -> Option<Caller> {
    let (body, signature) = token.rsplit_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    mac(world.signing_key(), body)?
        .verify_slice(&signature)
        .ok()?;
    let (_, payload) = body.split_once('.')?;
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    if claims
        .expires
        .is_some_and(|end| end <= Timestamp::now().as_second())
    {
        return None;
    }
    let account = world.get(Kind::ServiceAccount, &claims.namespace, &claims.account)?;
    if meta(&account.value, "uid") != claims.account_uid {
        return None;
    }
    if let Some((name, uid)) = &claims.bound_secret {
        let secret = world.get(Kind::Secret, &claims.namespace, name)?;
        if meta(&secret.value, "uid") != uid {
            return None;
        }
    }
    Some(caller(&claims))
}

fn caller(claims: &Claims) -> Caller {
    let name = service_account_username(&claims.namespace, &claims.account);
    let groups = implied_groups(&name);
    let mut extra = BTreeMap::new();
    extra.insert(
        "authentication.kubernetes.io/credential-id".to_owned(),
        vec![format!("JTI={}", claims.id)],
    );
    Caller {
        user: User { name, groups },
        uid: claims.account_uid.clone(),
        extra,
    }
}

fn mac(key: &SigningKey, text: &str) -> Option<Hmac<Sha256>> {
    // HMAC takes a key of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(key.0.as_bytes()).ok()?;
    mac.update(text.as_bytes());
    Some(mac)
}
