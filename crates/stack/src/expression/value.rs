//! Data as CEL sees it: lists and maps are converted only when a builtin asks for them whole.

use std::any::Any;
use std::sync::Arc;

use cel::ExecutionError;
use cel::common::traits::{Adder, Container, Indexer, Iterable, Sizer, Zeroer};
use cel::common::types::{
    CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelNull, CelString, CelUInt, LIST_TYPE,
    MAP_TYPE, Type,
};
use cel::common::value::{BuiltinRef, CowVal, StaticVal, Val};
use rbacform_core::Text;

use super::data::{Data, Instance, ListBody, MapBody};
use super::message;

/// A value for CEL that borrows where it can.
pub(crate) fn lend(data: &Data) -> CowVal<'_, '_> {
    match data {
        Data::String(text) => CowVal::owned(CelString::from(text.as_str())),
        other => CowVal::Owned(boxed(other)),
    }
}

fn boxed(data: &Data) -> Box<dyn Val> {
    match data {
        Data::Null => Box::new(CelNull),
        Data::Bool(flag) => Box::new(CelBool::from(*flag)),
        Data::Int(number) => Box::new(CelInt::from(*number)),
        Data::Float(number) => Box::new(CelDouble::from(*number)),
        Data::String(text) => Box::new(CelString::from(text.to_string())),
        Data::List(list) => Box::new(ListVal(Arc::clone(list))),
        Data::Map(map) => Box::new(MapVal(Arc::clone(map))),
        Data::Resource(_) | Data::Later(_) | Data::Absent(_) | Data::Broken => {
            Box::new(ResourceVal(data.clone()))
        }
    }
}

/// What an expression came to. `None` for values that no argument can hold: bytes, types.
pub(crate) fn take(value: &(dyn Val + '_)) -> Option<Data> {
    if let Some(text) = value.downcast_ref::<CelString<'_>>() {
        return Some(Data::String(Text::from(text.inner())));
    }
    if let Some(list) = value.downcast_ref::<ListVal>() {
        return Some(Data::List(Arc::clone(&list.0)));
    }
    if let Some(map) = value.downcast_ref::<MapVal>() {
        return Some(Data::Map(Arc::clone(&map.0)));
    }
    if let Some(resource) = value.downcast_ref::<ResourceVal>() {
        return Some(resource.0.clone());
    }
    if let Some(flag) = value.downcast_ref::<CelBool>() {
        return Some(Data::Bool(*flag.inner()));
    }
    if let Some(number) = value.downcast_ref::<CelInt>() {
        return Some(Data::Int(*number.inner()));
    }
    if let Some(number) = value.downcast_ref::<CelUInt>() {
        return i64::try_from(*number.inner()).ok().map(Data::Int);
    }
    if let Some(number) = value.downcast_ref::<CelDouble>() {
        return number
            .inner()
            .is_finite()
            .then_some(Data::Float(*number.inner()));
    }
    if value.downcast_ref::<CelNull>().is_some() {
        return Some(Data::Null);
    }
    if let Some(list) = value.downcast_ref::<CelList<'_>>() {
        let items: Option<Vec<Data>> = list.inner().iter().map(|v| take(v.as_ref())).collect();
        return items.map(Data::list);
    }
    let map = value.downcast_ref::<CelMap<'_>>()?;
    let entries: Option<Vec<(Text, Data)>> = map
        .inner()
        .iter()
        .map(|(key, value)| match key {
            CelMapKey::String(key) => Some((Text::from(key.inner()), take(value.as_ref())?)),
            _ => None,
        })
        .collect();
    entries.map(Data::map)
}

#[derive(Clone, Debug)]
struct ListVal(Arc<ListBody>);

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

#[derive(Clone, Debug)]
struct MapVal(Arc<MapBody>);

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

/// A whole resource, or one that is not there.
#[derive(Clone, Debug)]
struct ResourceVal(Data);

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

/// The keys of a map in order; anything else as it is. Comprehensions go over this, because a CEL
/// map has no stable order.
pub(super) fn in_order<'b, 'v>(
    mut arguments: Vec<CowVal<'b, 'v>>,
) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let Some(range) = arguments.pop() else {
        return Err(ExecutionError::missing_argument_or_target());
    };
    if let Some(map) = range.downcast_ref::<MapVal>() {
        let keys = map.0.entries().iter();
        return Ok(key_list(keys.map(|(key, _)| key.to_string()).collect()));
    }
    if range.downcast_ref::<ListVal>().is_some() {
        return Ok(range);
    }
    let Some(map) = range.downcast_ref::<CelMap<'_>>() else {
        return match range.downcast_ref::<ResourceVal>() {
            Some(ResourceVal(Data::Absent(address))) => Err(message::absent(address)),
            Some(ResourceVal(Data::Broken)) => Err(message::broken()),
            _ => Ok(range),
        };
    };
    let mut keys: Vec<&CelMapKey<'_>> = map.inner().keys().collect();
    keys.sort_by(|a, b| place(a).cmp(&place(b)));
    let keys = keys.into_iter().map(|key| key.inner().clone_as_boxed());
    let list: Vec<Box<dyn Val + 'v>> = keys.collect();
    Ok(CowVal::owned(CelList::from(list)))
}

/// Where a key comes: booleans, then numbers, then strings.
fn place<'k>(key: &'k CelMapKey<'_>) -> (u8, i128, &'k str) {
    match key {
        CelMapKey::Bool(flag) => (0, i128::from(*flag.inner()), ""),
        CelMapKey::Int(number) => (1, i128::from(*number.inner()), ""),
        CelMapKey::UInt(number) => (1, i128::from(*number.inner()), ""),
        CelMapKey::String(text) => (2, 0, text.inner()),
    }
}

fn key_list<'b, 'v>(keys: Vec<String>) -> CowVal<'b, 'v> {
    let keys = keys
        .into_iter()
        .map(|key| Box::new(CelString::from(key)) as Box<dyn Val>);
    CowVal::owned(CelList::from(keys.collect::<Vec<_>>()))
}
