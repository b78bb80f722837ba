pub(super) use crate::binding::request as fields;
