//! Addresses: names of resources, printed and parsed alike.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Text;

/// The address of one resource instance.
///
/// ```text
/// kubernetes.role.reader
/// kubernetes.role.reader["bob"]
/// module.tenant["a"].gcp.iam_member.x
/// manifests.seed.kubernetes.role["bob/user-role"]
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The modules it is in, outermost first.
    pub modules: Vec<(Text, Option<Text>)>,
    /// The `[[manifests]]` block it comes from; then `name` is empty and `key` names the object.
    pub manifests: Option<Text>,
    /// The resource type, e.g. `kubernetes.role`.
    pub type_name: Text,
    /// The name it was declared under.
    pub name: Text,
    /// The key, where it was declared with `for_each`.
    pub key: Option<Text>,
}

/// A text that is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an address: {why}")]
pub struct AddressError {
    text: String,
    why: &'static str,
}

impl Address {
    /// A resource of the root module.
    pub fn new(type_name: impl Into<Text>, name: impl Into<Text>, key: Option<Text>) -> Self {
        Self {
            modules: Vec::new(),
            manifests: None,
            type_name: type_name.into(),
            name: name.into(),
            key,
        }
    }

    /// An object of a `[[manifests]]` block, keyed by `namespace/name` or `name`.
    pub fn manifest(block: &str, type_name: impl Into<Text>, key: impl Into<Text>) -> Self {
        Self {
            manifests: Some(block.into()),
            ..Self::new(type_name, "", Some(key.into()))
        }
    }

    /// Whether `self` is `other`, or the whole `for_each` resource that `other` is an instance of.
    pub fn covers(&self, other: &Self) -> bool {
        self == other
            || (self.key.is_none()
                && *self
                    == Self {
                        key: None,
                        ..other.clone()
                    })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (module, key) in &self.modules {
            write!(f, "module.{module}")?;
            write_key(f, key.as_deref())?;
            f.write_str(".")?;
        }
        match &self.manifests {
            Some(block) => write!(f, "manifests.{block}.{}", self.type_name)?,
            None => write!(f, "{}.{}", self.type_name, self.name)?,
        }
        write_key(f, self.key.as_deref())
    }
}

fn write_key(f: &mut fmt::Formatter<'_>, key: Option<&str>) -> fmt::Result {
    let Some(key) = key else { return Ok(()) };
    f.write_str("[\"")?;
    for character in key.chars() {
        match character {
            '"' | '\\' => write!(f, "\\{character}")?,
            // Nothing of a key may reach a terminal that it obeys, or that reads as something else.
            c if c.is_control() || is_bidirectional(c) => write!(f, "\\u{{{:x}}}", u32::from(c))?,
            c => write!(f, "{c}")?,
        }
    }
    f.write_str("\"]")
}

fn is_bidirectional(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).map_err(|why| AddressError {
            text: text.to_owned(),
            why,
        })
    }
}

type Segment = (Text, Option<Text>);

fn parse(text: &str) -> Result<Address, &'static str> {
    let mut segments = segments(text)?.into_iter().peekable();
    let mut modules = Vec::new();
    while segments
        .peek()
        .is_some_and(|(name, key)| name == "module" && key.is_none())
    {
        segments.next();
        modules.push(
            segments
                .next()
                .ok_or("`module.` must be followed by a name")?,
        );
    }
    let rest: Vec<Segment> = segments.collect();
    let address = match rest.as_slice() {
        [
            (word, None),
            (block, None),
            (provider, None),
            (kind, Some(key)),
        ] if word == "manifests" => {
            Address::manifest(block, format!("{provider}.{kind}"), key.clone())
        }
        [(provider, None), (kind, None), (name, key)] if provider != "manifests" => {
            Address::new(format!("{provider}.{kind}"), name.clone(), key.clone())
        }
        _ => {
            return Err(
                "write it like `kubernetes.role.reader` or `kubernetes.role.reader[\"key\"]`",
            );
        }
    };
    Ok(Address { modules, ..address })
}

/// Splits `a.b["k"].c` at the dots outside of keys.
fn segments(text: &str) -> Result<Vec<Segment>, &'static str> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let legal = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || !name.chars().all(legal) {
            return Err("a part of it is empty or has characters that no name has");
        }
        let (key, after) = match after.strip_prefix('[') {
            Some(inner) => key(inner).map(|(key, after)| (Some(key), after))?,
            None => (None, after),
        };
        found.push((name.into(), key));
        if after.is_empty() {
            return Ok(found);
        }
        rest = after
            .strip_prefix('.')
            .ok_or("after a key comes a dot or the end")?;
    }
}

fn key(inner: &str) -> Result<(Text, &str), &'static str> {
    let body = inner
        .strip_prefix('"')
        .ok_or("a key is written in double quotes")?;
    let mut key = Text::default();
    let mut chars = body.char_indices();
    while let Some((at, character)) = chars.next() {
        match character {
            '"' => {
                let after = body.get(at + 1..).unwrap_or_default();
                let after = after.strip_prefix(']').ok_or("a key ends with `\"]`")?;
                return Ok((key, after));
            }
            '\\' => key.push(escaped(&mut chars)?),
            c => key.push(c),
        }
    }
    Err("a key is not closed")
}

fn escaped(chars: &mut std::str::CharIndices<'_>) -> Result<char, &'static str> {
    const WRONG: &str = "an escape in a key is one of `\\\"`, `\\\\` and `\\u{..}`";
    match chars.next() {
        Some((_, c @ ('"' | '\\'))) => Ok(c),
        Some((_, 'u')) => {
            let hex: String = chars
                .map(|(_, c)| c)
                .skip_while(|c| *c == '{')
                .take_while(|c| *c != '}')
                .collect();
            u32::from_str_radix(&hex, 16)
                .ok()
                .and_then(char::from_u32)
                .ok_or(WRONG)
        }
        _ => Err(WRONG),
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_it_parses() {
        for text in [
            "kubernetes.role.reader",
            "kubernetes.role.reader[\"bob\"]",
            "kubernetes.role.reader[\"a \\\"quoted\\\" \\\\ key.with[dots]\"]",
            "module.tenant[\"a\"].gcp.iam_member.x",
            "module.a.module.b[\"k\"].gcp.iam_member.x[\"y\"]",
            "manifests.seed.kubernetes.role[\"bob/user-role\"]",
            "kubernetes.role.reader[\"bell\\u{7}\"]",
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
        }
    }

    #[test]
    fn refuses_what_is_no_address() {
        for text in [
            "",
            "role",
            "kubernetes.role",
            "kubernetes.role.x[",
            "kubernetes.role.x[bob]",
            "a.b.c.d",
            "kubernetes..x",
            "kubernetes.role.x[\"a\"]y",
            "module.x",
            "manifests.seed.kubernetes.role",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_whole_resource_covers_its_instances() {
        let whole: Address = "kubernetes.role.reader".parse().unwrap();
        let one: Address = "kubernetes.role.reader[\"bob\"]".parse().unwrap();
        assert!(whole.covers(&one) && whole.covers(&whole) && !one.covers(&whole));
    }
}
