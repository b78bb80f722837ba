//! Lists as CEL sees them.

use std::any::Any;
use std::sync::Arc;

use cel::ExecutionError;
use cel::common::traits::{Adder, Container, Indexer, Iterable, Sizer, Zeroer};
use cel::common::types::{CelInt, CelList, LIST_TYPE, Type};
use cel::common::value::{BuiltinRef, CowVal, StaticVal, Val};

use super::super::data::ListBody;
use super::boxed;

/// A list, converted whole only where that is asked for.
#[derive(Clone, Debug)]
pub(super) struct ListVal(pub(super) Arc<ListBody>);

impl ListVal {
    fn cel(&self) -> &CelList<'static> {
        self.0
            .cel
            .get_or_init(|| CelList::from(self.0.items.iter().map(boxed).collect::<Vec<_>>()))
    }
}

impl Val for ListVal {
    fn get_type(&self) -> &Type {
        &LIST_TYPE
    }
    fn cel_type() -> &'static Type {
        &LIST_TYPE
    }
    fn as_adder<'b, 'v>(&'b self) -> Option<&'b (dyn Adder + 'v)>
    where
        Self: 'v,
    {
        Some(self.cel())
    }
    fn as_container(&self) -> Option<&dyn Container> {
        Some(self.cel())
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
        BuiltinRef::List(self.cel())
    }
}

impl StaticVal for ListVal {}

impl Sizer for ListVal {
    fn size(&self) -> CelInt {
        (self.0.items.len() as i64).into()
    }
}

impl Indexer for ListVal {
    fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.cel().get(index)
    }

    fn steal<'v>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(index).map(CowVal::into_owned)
    }
}
