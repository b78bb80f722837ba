//! Maps of values.

use super::Value;
use crate::Text;

/// A map from text to values, kept sorted by key.
///
/// A sorted vector, not a tree: most maps hold one to six entries and a plan holds tens of
/// thousands of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Map(Vec<(Text, Value)>);

impl Map {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value at `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        let index = self.position(key).ok()?;
        self.0.get(index).map(|(_, value)| value)
    }

    /// The value at `key`, for changing in place.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        let index = self.position(key).ok()?;
        self.0.get_mut(index).map(|(_, value)| value)
    }

    /// Sets `key`, giving back what it held.
    pub fn insert(&mut self, key: impl Into<Text>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        match self.position(&key) {
            Ok(index) => self
                .0
                .get_mut(index)
                .map(|slot| std::mem::replace(&mut slot.1, value)),
            Err(index) => {
                // Most maps have one entry or two, and there are tens of thousands of them.
                if self.0.len() < 4 {
                    self.0.reserve_exact(1);
                }
                self.0.insert(index, (key, value));
                None
            }
        }
    }

    /// Removes `key`, giving back what it held.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let index = self.position(key).ok()?;
        let (_, held) = self.0.remove(index);
        if self.0.is_empty() {
            // What carried only our mark keeps no room for it.
            self.0 = Vec::new();
        }
        Some(held)
    }

    /// Whether `key` is set.
    pub fn contains_key(&self, key: &str) -> bool {
        self.position(key).is_ok()
    }

    /// The entries in order of key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// The keys in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn position(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(held, _)| held.as_str().cmp(key))
    }
}

impl<K: Into<Text>, V: Into<Value>> FromIterator<(K, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut sorted: Vec<(Text, Value)> = entries
            .into_iter()
            .map(|(key, value)| (key.into(), value.into()))
            .collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        sorted.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                std::mem::swap(&mut later.1, &mut earlier.1);
            }
            same
        });
        sorted.shrink_to_fit();
        Self(sorted)
    }
}

impl IntoIterator for Map {
    type Item = (Text, Value);
    type IntoIter = std::vec::IntoIter<(Text, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
