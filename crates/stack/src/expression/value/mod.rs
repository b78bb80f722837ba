//! Data as CEL sees it: lists and maps are converted only when a builtin asks for them whole.

mod list;
mod map;
mod resource;

use std::sync::Arc;

use cel::ExecutionError;
use cel::common::types::{
    CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelNull, CelString, CelUInt,
};
use cel::common::value::{CowVal, Val};
use rbacform_core::Text;

use super::data::Data;
use super::message;
use list::ListVal;
use map::MapVal;
use resource::ResourceVal;

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
