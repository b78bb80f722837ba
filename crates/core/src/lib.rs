//! The vocabulary of rbacform: addresses, values, schemas, changes, plans, diagnostics.
//!
//! Everything else speaks in these types. Nothing here does I/O, reads a clock or an environment:
//!
//! ```text
//! stack files -> [Node] -> Semantics::resolve -> [DesiredResource] \
//!                                    state file -> [StateSnapshot]  -> planner -> Plan + [Step]
//!                           provider's read side -> [ObservedSet]  /
//! ```

pub mod address;
pub mod assertion;
pub mod binding;
pub mod compare;
pub mod desired;
pub mod diagnostic;
pub mod digest;
pub mod hint;
pub mod mark;
pub mod node;
pub mod object;
pub mod observed;
pub mod plan;
pub mod policy;
pub mod schema;
pub mod semantics;
pub mod source;
pub mod state;
pub mod step;
pub mod value;

pub use address::{Address, AddressError};
pub use assertion::{Asker, Assertion, Claim, Deed, Holders, Limit};
pub use binding::{Binding, Guarded, Removal};
pub use compact_str::CompactString as Text;
pub use compare::Difference;
pub use desired::{DesiredResource, Lifecycle, OnDestroy};
pub use diagnostic::{Diagnostic, Place, Severity};
pub use digest::Digest;
pub use mark::Mark;
pub use node::{Entry, Node, NodeKind, Reference};
pub use object::ObjectId;
pub use observed::{ObservedObject, ObservedSet, Writer};
pub use plan::{Action, Change, Plan, Reason};
pub use policy::{Gate, Policy, PolicyException};
pub use schema::{Argument, Type, TypeSchema};
pub use semantics::{Adoption, ResolvedObject, ResourceInput, Semantics};
pub use source::{FileId, Location, SourceMap, Span};
pub use state::{StateResource, StateSnapshot, WorldPin};
pub use step::{Edit, EditKind, Precondition, Step};
pub use value::{Map, Value};
