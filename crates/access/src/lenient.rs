//! Reading of Kubernetes JSON, where `null` stands for an absent value.

use serde::{Deserialize, Deserializer};

/// Reads a value whose `null` means its default, as Go's decoder does.
pub(crate) fn null_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
