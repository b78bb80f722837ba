//! Resources as CEL sees them.

use std::any::Any;

use cel::ExecutionError;
use cel::common::traits::Indexer;
use cel::common::types::{CelNull, CelString, Type};
use cel::common::value::{CowVal, StaticVal, Val};

use super::super::data::{Data, Instance};
use super::super::message;
use super::boxed;

/// A whole resource, or one that is not there.
#[derive(Clone, Debug)]
pub(super) struct ResourceVal(pub(super) Data);

fn resource_type() -> &'static Type {
    static TYPE: Type = Type::new_unspecified_type("resource");
    &TYPE
}

impl Val for ResourceVal {
    fn get_type(&self) -> &Type {
        resource_type()
    }
    fn cel_type() -> &'static Type {
        resource_type()
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
    fn equals(&self, other: &dyn Val) -> bool {
        match (&self.0, other.downcast_ref::<Self>().map(|other| &other.0)) {
            (Data::Resource(a), Some(Data::Resource(b))) => a.address == b.address,
            _ => false,
        }
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
}

impl StaticVal for ResourceVal {}

impl Indexer for ResourceVal {
    fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let instance: &Instance = match &self.0 {
            Data::Resource(instance) => instance,
            Data::Absent(address) => return Err(message::absent(address)),
            _ => return Err(message::broken()),
        };
        let name = index.downcast_ref::<CelString<'_>>();
        let name = name.map(CelString::inner).unwrap_or_default();
        match instance.attributes.get(name) {
            Some(Data::Broken) => Err(message::broken()),
            Some(Data::Later(later)) => Err(message::later(later)),
            Some(data) => Ok(CowVal::Owned(boxed(data))),
            None if instance.schema.argument(name).is_some() => Ok(CowVal::owned(CelNull)),
            None => Err(ExecutionError::no_such_key(name)),
        }
    }

    fn steal<'v>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(index).map(CowVal::into_owned)
    }
}
