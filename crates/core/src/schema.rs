//! Schemas: what a resource type's arguments are. Data, so that checking a stack, the JSON Schema
//! for editors and the reference pages all come from one place.

/// The schema of one resource type.
#[derive(Debug, PartialEq, Eq)]
pub struct TypeSchema {
    /// The name in stack files, e.g. `kubernetes.role`.
    pub name: &'static str,
    /// The object's kind, e.g. `Role`.
    pub kind: &'static str,
    /// One paragraph for the reference.
    pub doc: &'static str,
    /// Its own arguments; those that every resource takes are not among them.
    pub arguments: &'static [Argument],
    /// Attributes of the canonical form that cannot change in place: a change is a replacement.
    pub immutable: &'static [&'static str],
    /// What happens when it is no longer declared and its lifecycle does not say.
    pub abandon_by_default: bool,
}

/// One argument.
#[derive(Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: Type,
    /// Whether it must be given.
    pub required: bool,
    /// One or two sentences for the reference.
    pub doc: &'static str,
}

/// The type of an argument.
#[derive(Debug, PartialEq, Eq)]
pub enum Type {
    /// Text.
    String,
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// Text that is one of these.
    Enum(&'static [&'static str]),
    /// A list of values of one type.
    List(&'static Type),
    /// A map from text to values of one type.
    Map(&'static Type),
    /// A map with these keys.
    Object(&'static [Argument]),
    /// A reference to a resource of one of these types, e.g. `${kubernetes.role.reader}`.
    Reference(&'static [&'static str]),
    /// Any one of these.
    OneOf(&'static [Type]),
    /// Anything.
    Any,
}

impl Argument {
    /// An argument that must be given.
    pub const fn required(name: &'static str, ty: Type, doc: &'static str) -> Self {
        Self {
            name,
            ty,
            required: true,
            doc,
        }
    }

    /// An argument that may be left out.
    pub const fn optional(name: &'static str, ty: Type, doc: &'static str) -> Self {
        Self {
            name,
            ty,
            required: false,
            doc,
        }
    }
}

impl TypeSchema {
    /// The argument of that name.
    pub fn argument(&self, name: &str) -> Option<&'static Argument> {
        self.arguments.iter().find(|argument| argument.name == name)
    }
}

impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::String => f.write_str("a string"),
            Self::Bool => f.write_str("a boolean"),
            Self::Int => f.write_str("an integer"),
            Self::Enum(names) => {
                write!(
                    f,
                    "one of {}",
                    names
                        .iter()
                        .map(|n| format!("`{n}`"))
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            }
            Self::List(_) => f.write_str("a list"),
            Self::Map(_) | Self::Object(_) => f.write_str("a map"),
            Self::Reference(types) => write!(f, "a reference to a `{}`", types.join("` or `")),
            Self::OneOf(types) => f.write_str(
                &types
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(" or "),
            ),
            Self::Any => f.write_str("any value"),
        }
    }
}
