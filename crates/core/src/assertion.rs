//! Assertions: what a stack says must hold of access, as tests of its own.

use serde::Serialize;

use crate::{Argument, Span, Text, Type};

/// One `[[assert]]`, resolved; one for each key of its `for_each`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// Its name, with the key of `for_each` where it has one: `tenants stay apart["a"]`.
    pub name: String,
    /// What it says.
    pub claim: Claim,
    /// Whether the subject, and its groups, are known to exist although nothing names them.
    pub known: bool,
    /// Whether verbs and resources are known to exist although nothing names them.
    pub custom: bool,
    /// Where its parts are written.
    pub places: Places,
}

/// Where the parts of an assertion are written; the whole where a part was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// Its header.
    pub whole: Span,
    /// `subject`.
    pub subject: Span,
    /// `groups`.
    pub groups: Span,
    /// `can`, `cannot`, `can_only` or `who_can`.
    pub verbs: Span,
    /// `resource`.
    pub resource: Span,
    /// `namespace`.
    pub namespace: Span,
}

/// What an assertion says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Claim {
    /// The subject can do all of it.
    Can(Asker, Deed),
    /// The subject can do nothing of it.
    Cannot(Asker, Deed),
    /// The subject can do nothing but this.
    CanOnly(Asker, Vec<Limit>),
    /// These can do it and nobody else.
    WhoCan(Deed, Holders),
}

/// Whose access is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asker {
    /// Who, as stack files spell it; at Google a member.
    pub subject: Text,
    /// Groups that the subject is in besides those that its name implies.
    pub groups: Vec<Text>,
}

impl Asker {
    /// The names of its groups: `group:dev` is `dev`, as in other places of a stack.
    pub fn group_names(&self) -> impl Iterator<Item = &str> {
        let written = self.groups.iter();
        written.map(|group| group.strip_prefix("group:").unwrap_or(group))
    }
}

/// What is done to what. What is left out is meant in its strongest sense: `can` means all of it,
/// `cannot` any of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Deed {
    /// Verbs, `*` for all; at Google permissions.
    pub verbs: Vec<Text>,
    /// What of.
    pub resources: Vec<Target>,
    /// Single objects; all of them where empty.
    pub names: Vec<Text>,
    /// Namespaces; the whole cluster where empty.
    pub namespaces: Vec<Text>,
    /// Whether resources with a policy of their own are meant (Google), rather than kinds.
    pub on_policies: bool,
}

/// What a deed is done to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Target {
    /// `pods`, `pods/log`, `/metrics`, `*`; at Google a resource's full name.
    pub name: Text,
    /// The API group; every group that has such resources where it was left out.
    pub api_group: Option<Text>,
}

/// What `can_only` allows: a rule, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// Verbs, or `*`.
    pub verbs: Vec<Text>,
    /// API groups, or `*`.
    pub api_groups: Vec<Text>,
    /// Resources: `pods`, `pods/log`, `*`.
    pub resources: Vec<Text>,
    /// Single objects; all of them where empty.
    pub resource_names: Vec<Text>,
    /// Paths outside of the API groups.
    pub non_resource_urls: Vec<Text>,
    /// Namespaces; everywhere where empty.
    pub namespaces: Vec<Text>,
}

/// Who may be found among those who can.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Holders {
    /// All of these and nobody else.
    Exactly(Vec<Text>),
    /// Some of these, and nobody else.
    AtMost(Vec<Text>),
}

impl Claim {
    /// The resources with policies of their own that it is about (Google).
    pub fn policies(&self) -> impl Iterator<Item = &Text> {
        let deed = match self {
            Self::Can(_, deed) | Self::Cannot(_, deed) | Self::WhoCan(deed, _) => Some(deed),
            Self::CanOnly(..) => None,
        };
        let deed = deed.filter(|deed| deed.on_policies).into_iter();
        deed.flat_map(|deed| deed.resources.iter().map(|target| &target.name))
    }

    /// Whether it is about resources with policies of their own (Google).
    pub fn is_on_policies(&self) -> bool {
        match self {
            Self::Can(_, deed) | Self::Cannot(_, deed) | Self::WhoCan(deed, _) => deed.on_policies,
            Self::CanOnly(..) => false,
        }
    }
}

const STRINGS: Type = Type::List(&Type::String);

/// One or several.
const SOME: Type = Type::OneOf(&[Type::String, STRINGS]);

/// One or several, of which Google's may be references.
const RESOURCE: Type = Type::OneOf(&[
    Type::String,
    Type::Reference(&["gcp.service_account"]),
    Type::List(&Type::OneOf(&[
        Type::String,
        Type::Reference(&["gcp.service_account"]),
    ])),
]);

const SUBJECT: Type = Type::OneOf(&[
    Type::String,
    Type::Reference(&["kubernetes.service_account", "gcp.service_account"]),
]);

/// The arguments of `[[assert]]`, but for `for_each` and `when`.
pub const ARGUMENTS: [Argument; 15] = [
    Argument::required(
        "name",
        Type::String,
        "What is to hold, in words. No two assertions of a stack have one name.",
    ),
    Argument::optional(
        "subject",
        SUBJECT,
        "Whose access it is about: `user:NAME`, `group:NAME`, `serviceaccount:NAMESPACE/NAME` or a \
         reference to a service account; on a Google resource a member.",
    ),
    Argument::optional(
        "groups",
        STRINGS,
        "Groups that the subject is in, besides those that its name implies: `group:NAME`, or `NAME`.",
    ),
    Argument::optional(
        "can",
        STRINGS,
        "Verbs that the subject has, all of them; on a Google resource permissions.",
    ),
    Argument::optional(
        "cannot",
        STRINGS,
        "Verbs of which the subject has none; on a Google resource permissions.",
    ),
    Argument::optional(
        "can_only",
        Type::List(&Type::Object(&[
            Argument::optional(
                "api_groups",
                STRINGS,
                "API groups; `\"\"` is the core group.",
            ),
            Argument::optional("resources", STRINGS, "Resources: `pods`, `pods/log`, `*`."),
            Argument::required("verbs", STRINGS, "Verbs, or `*`."),
            Argument::optional("resource_names", STRINGS, "Names of single objects."),
            Argument::optional(
                "non_resource_urls",
                STRINGS,
                "Paths outside the API groups.",
            ),
            Argument::optional("namespaces", STRINGS, "Where; everywhere if left out."),
        ])),
        "A ceiling over everything that the subject holds: rules like those of a role, each with the \
         `namespaces` it is for.",
    ),
    Argument::optional(
        "who_can",
        STRINGS,
        "Verbs that only those of `exactly` or `at_most` have; on a Google resource permissions.",
    ),
    Argument::optional(
        "exactly",
        Type::List(&SUBJECT),
        "With `who_can`: all of these can, and nobody else.",
    ),
    Argument::optional(
        "at_most",
        Type::List(&SUBJECT),
        "With `who_can`: nobody but these can. An empty list means nobody.",
    ),
    Argument::optional(
        "resource",
        RESOURCE,
        "What of: `pods`, `pods/log`, `deployments.apps`, `*`, a path like `/metrics`, or the name \
         of a Google resource or a reference to a service account there; or a list of them.",
    ),
    Argument::optional(
        "api_group",
        Type::String,
        "The API group of `resource`; every group that has such resources if left out.",
    ),
    Argument::optional(
        "resource_names",
        STRINGS,
        "Single objects. Left out, `can` means all of them and `cannot` any.",
    ),
    Argument::optional(
        "namespace",
        SOME,
        "Where: a namespace, or a list of them. Left out, `can` means everywhere and `cannot` \
         anywhere.",
    ),
    Argument::optional(
        "known",
        Type::Bool,
        "Whether the subject and its groups are known to exist, although neither stack nor cluster \
         names them.",
    ),
    Argument::optional(
        "custom",
        Type::Bool,
        "Whether verbs and resource, or path, are known to exist, although the cluster's own API \
         does not have them and no rule names them.",
    ),
];
