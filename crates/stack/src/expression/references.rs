//! What an expression refers to, read off its syntax tree.

use cel::common::ast::{EntryExpr, Expr, IdedExpr, LiteralValue, operators};
use rbacform_core::Text;

/// Something an expression refers to, in the order of the syntax tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    /// What it is.
    pub(crate) target: Target,
    /// The syntax tree's number of the identifier it begins with.
    pub(crate) id: u64,
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// `vars.NAME`
    Variable(Text),
    /// `local.NAME`
    Local(Text),
    /// `each.key` or `each.value`
    Each,
    /// `kubernetes.TYPE.NAME[KEY].ATTRIBUTE`
    Resource {
        /// E.g. `kubernetes.role`.
        type_name: Text,
        name: Text,
        key: Key,
        attribute: Option<Text>,
    },
    /// A path that leads nowhere, and what to write instead.
    Wrong { path: String, help: &'static str },
}

/// Which instance of a resource is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    None,
    Literal(Text),
    /// `[each.key]`
    Each,
    /// Known only when evaluated.
    Computed,
}

/// Types that CEL knows by name, as in `type(x) == string`.
const TYPES: [&str; 11] = [
    "bool",
    "bytes",
    "double",
    "dyn",
    "int",
    "list",
    "map",
    "null_type",
    "string",
    "type",
    "uint",
];

/// Providers whose types begin with their name.
const PROVIDERS: [&str; 2] = ["kubernetes", "gcp"];

/// Every mention of an expression.
pub(crate) fn mentions(expression: &IdedExpr) -> Vec<Mention> {
    let mut walk = Walk::default();
    walk.visit(expression);
    walk.found
}

/// How many nodes a tree has.
pub(crate) fn count(expression: &IdedExpr) -> usize {
    let mut walk = Walk::default();
    walk.visit(expression);
    walk.nodes
}

#[derive(Default)]
struct Walk<'e> {
    found: Vec<Mention>,
    bound: Vec<&'e str>,
    nodes: usize,
}

enum Segment<'e> {
    Field(&'e str),
    Index(&'e IdedExpr),
}

impl<'e> Walk<'e> {
    fn visit(&mut self, expression: &'e IdedExpr) {
        self.nodes += 1;
        if let Some((name, id, segments)) = path(expression) {
            self.nodes += segments.len();
            for segment in &segments {
                if let Segment::Index(index) = segment {
                    self.visit(index);
                }
            }
            if !self.bound.contains(&name)
                && let Some(target) = target(name, &segments)
            {
                self.found.push(Mention { target, id });
            }
            return;
        }
        match &expression.expr {
            Expr::Call(call) => {
                if let Some(target) = &call.target {
                    self.visit(target);
                }
                for argument in &call.args {
                    self.visit(argument);
                }
            }
            Expr::Comprehension(comprehension) => {
                self.visit(&comprehension.iter_range);
                self.visit(&comprehension.accu_init);
                let depth = self.bound.len();
                self.bound.push(&comprehension.iter_var);
                self.bound.push(&comprehension.accu_var);
                self.bound.extend(comprehension.iter_var2.as_deref());
                self.visit(&comprehension.loop_cond);
                self.visit(&comprehension.loop_step);
                self.visit(&comprehension.result);
                self.bound.truncate(depth);
            }
            Expr::List(list) => list.elements.iter().for_each(|item| self.visit(item)),
            Expr::Map(map) => map
                .entries
                .iter()
                .for_each(|entry| self.visit_entry(&entry.expr)),
            Expr::Struct(object) => object
                .entries
                .iter()
                .for_each(|entry| self.visit_entry(&entry.expr)),
            Expr::Select(select) => self.visit(&select.operand),
            Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
        }
    }

    fn visit_entry(&mut self, entry: &'e EntryExpr) {
        match entry {
            EntryExpr::MapEntry(entry) => {
                self.visit(&entry.key);
                self.visit(&entry.value);
            }
            EntryExpr::StructField(field) => self.visit(&field.value),
        }
    }
}

/// An identifier with the fields and indexes after it.
fn path(expression: &IdedExpr) -> Option<(&str, u64, Vec<Segment<'_>>)> {
    let mut segments = Vec::new();
    let mut at = expression;
    loop {
        match &at.expr {
            Expr::Ident(name) => {
                segments.reverse();
                return Some((name, at.id, segments));
            }
            Expr::Select(select) => {
                segments.push(Segment::Field(&select.field));
                at = &select.operand;
            }
            Expr::Call(call) if call.func_name == operators::INDEX => {
                let [operand, index] = call.args.as_slice() else {
                    return None;
                };
                segments.push(Segment::Index(index));
                at = operand;
            }
            _ => return None,
        }
    }
}

fn target(root: &str, segments: &[Segment<'_>]) -> Option<Target> {
    use Segment::{Field, Index};
    let wrong = |help| {
        let path = written(root, segments);
        Some(Target::Wrong { path, help })
    };
    match (root, segments) {
        ("vars", [Field(name), ..]) => Some(Target::Variable((*name).into())),
        ("vars", _) => wrong("write `vars.NAME`"),
        ("local", [Field(name), ..]) => Some(Target::Local((*name).into())),
        ("local", _) => wrong("write `local.NAME`"),
        ("each", [Field("key" | "value"), ..]) => Some(Target::Each),
        ("each", _) => wrong("write `each.key` or `each.value`"),
        (provider, rest) if PROVIDERS.contains(&provider) => match rest {
            [Field(kind), Field(name), after @ ..] => {
                let (key, after) = match after {
                    [Index(index), after @ ..] => (key(index), after),
                    _ => (Key::None, after),
                };
                let attribute = match after {
                    [Field(attribute), ..] => Some(Text::from(*attribute)),
                    _ => None,
                };
                Some(Target::Resource {
                    type_name: format!("{provider}.{kind}").into(),
                    name: (*name).into(),
                    key,
                    attribute,
                })
            }
            _ => wrong("write `PROVIDER.TYPE.NAME`, like `kubernetes.role.reader`"),
        },
        ("var", _) => wrong("variables are read as `vars.NAME`"),
        ("locals", _) => wrong("locals are read as `local.NAME`"),
        ("module", _) => wrong("modules are not supported in this version"),
        (name, []) if TYPES.contains(&name) => None,
        _ => wrong(
            "an expression knows `vars.NAME`, `local.NAME`, `each.key`, `each.value` and \
             resources like `kubernetes.role.reader`",
        ),
    }
}

/// A path as it is written, up to its first index and not too long.
fn written(root: &str, segments: &[Segment<'_>]) -> String {
    let fields = segments.iter().map_while(|segment| match segment {
        Segment::Field(name) => Some(*name),
        Segment::Index(_) => None,
    });
    let path: Vec<&str> = std::iter::once(root).chain(fields).collect();
    path.join(".").chars().take(80).collect()
}

fn key(index: &IdedExpr) -> Key {
    match &index.expr {
        Expr::Literal(LiteralValue::String(text)) => Key::Literal(text.inner().into()),
        Expr::Select(select)
            if select.field == "key"
                && matches!(&select.operand.expr, Expr::Ident(name) if name == "each") =>
        {
            Key::Each
        }
        _ => Key::Computed,
    }
}
