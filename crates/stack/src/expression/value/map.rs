//! Maps as CEL sees them.

use std::any::Any;
use std::sync::Arc;

use cel::ExecutionError;
use cel::common::traits::{Container, Indexer, Iterable, Sizer, Zeroer};
use cel::common::types::{CelInt, CelMap, CelMapKey, CelString, MAP_TYPE, Type};
use cel::common::value::{BuiltinRef, CowVal, StaticVal, Val};

use super::super::data::MapBody;
use super::super::message;
use super::boxed;

/// A map, converted whole only where that is asked for.
#[derive(Clone, Debug)]
pub(super) struct MapVal(pub(super) Arc<MapBody>);

impl MapVal {
    fn cel(&self) -> &CelMap<'static> {
        self.0.cel.get_or_init(|| {
            let entries = self.0.entries().iter();
            CelMap::from(
                entries
                    .map(|(key, data)| {
                        let key = CelMapKey::String(CelString::from(key.to_string()));
                        (key, boxed(data))
                    })
                    .collect::<std::collections::HashMap<_, _>>(),
            )
        })
    }
}

impl Val for MapVal {
    fn get_type(&self) -> &Type {
        &MAP_TYPE
    }
    fn cel_type() -> &'static Type {
        &MAP_TYPE
    }
    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }
    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }
    fn into_indexer<'v>(self: Box<Self>) -> Option<Box<dyn Indexer + 'v>>
    where
        Self: 'v,
    {
        Some(self)
    }
    fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
    where
        Self: 'v,
    {
        Some(self.cel())
    }
    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }
    fn as_zeroer(&self) -> Option<&dyn Zeroer> {
        Some(self.cel())
    }
    fn equals(&self, other: &dyn Val) -> bool {
        self.cel().equals(other)
    }
    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(self.clone())
    }
    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
    fn as_builtin<'b, 'v>(&'b self) -> BuiltinRef<'b, 'v>
    where
        Self: 'v,
    {
        BuiltinRef::Map(self.cel())
    }
}

impl StaticVal for MapVal {}

impl Sizer for MapVal {
    fn size(&self) -> CelInt {
        (self.0.entries().len() as i64).into()
    }
}

impl Container for MapVal {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        let key = value.downcast_ref::<CelString<'_>>();
        Ok(key.is_some_and(|key| self.0.get(key.inner()).is_some()))
    }
}

impl Indexer for MapVal {
    fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let Some(key) = index.downcast_ref::<CelString<'_>>() else {
            let kind = message::kind_name(index);
            return Err(message::failure(format!(
                "a map is read with a string, not {kind}"
            )));
        };
        match self.0.get(key.inner()) {
            Some(data) => Ok(CowVal::Owned(boxed(data))),
            None => Err(ExecutionError::no_such_key(key.inner())),
        }
    }

    fn steal<'v>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(index).map(CowVal::into_owned)
    }
}
