//! The shapes of the modelled kinds: what a field is called, what it holds, and how server-side
//! apply merges it. From Kubernetes' OpenAPI schema (`structType`, `listType`, `omitempty`).

/// What a field holds.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A string.
    Text,
    /// A boolean.
    Flag,
    /// A whole number.
    Whole,
    /// Base64 text in JSON, bytes in Go.
    Bytes,
    /// Anything; one leaf.
    Opaque,
    /// A list.
    List(&'static Shape, ListMerge),
    /// A map with free keys, merged key by key.
    Map(&'static Shape),
    /// A struct with known fields.
    Struct(&'static Struct),
}

/// How a list is owned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListMerge {
    /// As one value.
    Atomic,
    /// Item by item, each by its value.
    Set,
    /// Item by item, each by the value of this key.
    Keyed(&'static str),
}

/// A struct of Kubernetes' Go types.
#[derive(Debug)]
pub(crate) struct Struct {
    /// Its Go name, which decoding errors print.
    pub(crate) go_name: &'static str,
    /// Whether it is owned as one value.
    pub(crate) atomic: bool,
    pub(crate) fields: &'static [Field],
}

/// A field of a struct.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) presence: Presence,
}

/// When a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Left out where it is empty or null.
    OmitEmpty,
    /// A Go pointer: left out where it is null, kept where it is zero.
    Pointer,
    /// Always written: `null`, `""` or a struct of zeroes where it is not given.
    Always,
}

impl Struct {
    pub(crate) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

impl Shape {
    /// Whether server-side apply owns a value of this shape as a whole.
    pub(crate) fn is_leaf(&self) -> bool {
        match self {
            Self::Text | Self::Flag | Self::Whole | Self::Bytes | Self::Opaque => true,
            Self::List(_, merge) => *merge == ListMerge::Atomic,
            Self::Map(_) => false,
            Self::Struct(shape) => shape.atomic,
        }
    }

    /// The Go type, as decoding errors print it.
    pub(crate) fn go_type(&self) -> String {
        match self {
            Self::Text => "string".to_owned(),
            Self::Flag => "bool".to_owned(),
            Self::Whole => "int64".to_owned(),
            Self::Bytes => "[]uint8".to_owned(),
            Self::Opaque => "interface {}".to_owned(),
            Self::List(item, _) => format!("[]{}", item.go_type()),
            Self::Map(value) => format!("map[string]{}", value.go_type()),
            Self::Struct(shape) => format!("v1.{}", shape.go_name),
        }
    }
}

const fn field(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        shape,
        presence: Presence::OmitEmpty,
    }
}

const fn always(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        shape,
        presence: Presence::Always,
    }
}

const fn pointer(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        shape,
        presence: Presence::Pointer,
    }
}

const STRINGS: Shape = Shape::List(&Shape::Text, ListMerge::Atomic);
const STRING_MAP: Shape = Shape::Map(&Shape::Text);

static OWNER_REFERENCE: Struct = Struct {
    go_name: "OwnerReference",
    atomic: true,
    fields: &[
        always("apiVersion", Shape::Text),
        always("kind", Shape::Text),
        always("name", Shape::Text),
        always("uid", Shape::Text),
        pointer("controller", Shape::Flag),
        pointer("blockOwnerDeletion", Shape::Flag),
    ],
};

static OBJECT_META: Struct = Struct {
    go_name: "ObjectMeta",
    atomic: false,
    fields: &[
        field("name", Shape::Text),
        field("generateName", Shape::Text),
        field("namespace", Shape::Text),
        field("selfLink", Shape::Text),
        field("uid", Shape::Text),
        field("resourceVersion", Shape::Text),
        field("generation", Shape::Whole),
        field("creationTimestamp", Shape::Text),
        field("deletionTimestamp", Shape::Text),
        pointer("deletionGracePeriodSeconds", Shape::Whole),
        field("labels", STRING_MAP),
        field("annotations", STRING_MAP),
        field(
            "ownerReferences",
            Shape::List(&Shape::Struct(&OWNER_REFERENCE), ListMerge::Keyed("uid")),
        ),
        field("finalizers", Shape::List(&Shape::Text, ListMerge::Set)),
        field(
            "managedFields",
            Shape::List(&Shape::Opaque, ListMerge::Atomic),
        ),
    ],
};

const METADATA: Field = always("metadata", Shape::Struct(&OBJECT_META));
const API_VERSION: Field = field("apiVersion", Shape::Text);
const KIND: Field = field("kind", Shape::Text);

static POLICY_RULE: Struct = Struct {
    go_name: "PolicyRule",
    atomic: false,
    fields: &[
        always("verbs", STRINGS),
        field("apiGroups", STRINGS),
        field("resources", STRINGS),
        field("resourceNames", STRINGS),
        field("nonResourceURLs", STRINGS),
    ],
};

static RULE: Shape = Shape::Struct(&POLICY_RULE);
const RULES: Field = always("rules", Shape::List(&RULE, ListMerge::Atomic));

static REQUIREMENT: Struct = Struct {
    go_name: "LabelSelectorRequirement",
    atomic: false,
    fields: &[
        always("key", Shape::Text),
        always("operator", Shape::Text),
        field("values", STRINGS),
    ],
};

static LABEL_SELECTOR: Struct = Struct {
    go_name: "LabelSelector",
    atomic: true,
    fields: &[
        field("matchLabels", STRING_MAP),
        field(
            "matchExpressions",
            Shape::List(&Shape::Struct(&REQUIREMENT), ListMerge::Atomic),
        ),
    ],
};

static AGGREGATION_RULE: Struct = Struct {
    go_name: "AggregationRule",
    atomic: false,
    fields: &[field(
        "clusterRoleSelectors",
        Shape::List(&Shape::Struct(&LABEL_SELECTOR), ListMerge::Atomic),
    )],
};

static SUBJECT: Struct = Struct {
    go_name: "Subject",
    atomic: true,
    fields: &[
        always("kind", Shape::Text),
        field("apiGroup", Shape::Text),
        always("name", Shape::Text),
        field("namespace", Shape::Text),
    ],
};

static ROLE_REF: Struct = Struct {
    go_name: "RoleRef",
    atomic: true,
    fields: &[
        always("apiGroup", Shape::Text),
        always("kind", Shape::Text),
        always("name", Shape::Text),
    ],
};

static ONE_SUBJECT: Shape = Shape::Struct(&SUBJECT);
const SUBJECTS: Field = field("subjects", Shape::List(&ONE_SUBJECT, ListMerge::Atomic));
const ROLE_REF_FIELD: Field = always("roleRef", Shape::Struct(&ROLE_REF));

static NAMESPACE_SPEC: Struct = Struct {
    go_name: "NamespaceSpec",
    atomic: false,
    fields: &[field("finalizers", STRINGS)],
};

static NAMESPACE_CONDITION: Struct = Struct {
    go_name: "NamespaceCondition",
    atomic: false,
    fields: &[
        always("type", Shape::Text),
        always("status", Shape::Text),
        field("lastTransitionTime", Shape::Text),
        field("reason", Shape::Text),
        field("message", Shape::Text),
    ],
};

static NAMESPACE_STATUS: Struct = Struct {
    go_name: "NamespaceStatus",
    atomic: false,
    fields: &[
        field("phase", Shape::Text),
        field(
            "conditions",
            Shape::List(
                &Shape::Struct(&NAMESPACE_CONDITION),
                ListMerge::Keyed("type"),
            ),
        ),
    ],
};

static OBJECT_REFERENCE: Struct = Struct {
    go_name: "ObjectReference",
    atomic: true,
    fields: &[
        field("kind", Shape::Text),
        field("namespace", Shape::Text),
        field("name", Shape::Text),
        field("uid", Shape::Text),
        field("apiVersion", Shape::Text),
        field("resourceVersion", Shape::Text),
        field("fieldPath", Shape::Text),
    ],
};

static LOCAL_OBJECT_REFERENCE: Struct = Struct {
    go_name: "LocalObjectReference",
    atomic: true,
    fields: &[field("name", Shape::Text)],
};

pub(crate) static NAMESPACE: Struct = Struct {
    go_name: "Namespace",
    atomic: false,
    fields: &[
        KIND,
        API_VERSION,
        METADATA,
        always("spec", Shape::Struct(&NAMESPACE_SPEC)),
        always("status", Shape::Struct(&NAMESPACE_STATUS)),
    ],
};

pub(crate) static SERVICE_ACCOUNT: Struct = Struct {
    go_name: "ServiceAccount",
    atomic: false,
    fields: &[
        KIND,
        API_VERSION,
        METADATA,
        field(
            "secrets",
            Shape::List(&Shape::Struct(&OBJECT_REFERENCE), ListMerge::Keyed("name")),
        ),
        field(
            "imagePullSecrets",
            Shape::List(&Shape::Struct(&LOCAL_OBJECT_REFERENCE), ListMerge::Atomic),
        ),
        pointer("automountServiceAccountToken", Shape::Flag),
    ],
};

pub(crate) static SECRET: Struct = Struct {
    go_name: "Secret",
    atomic: false,
    fields: &[
        KIND,
        API_VERSION,
        METADATA,
        pointer("immutable", Shape::Flag),
        field("data", Shape::Map(&Shape::Bytes)),
        field("stringData", STRING_MAP),
        field("type", Shape::Text),
    ],
};

pub(crate) static ROLE: Struct = Struct {
    go_name: "Role",
    atomic: false,
    fields: &[KIND, API_VERSION, METADATA, RULES],
};

pub(crate) static CLUSTER_ROLE: Struct = Struct {
    go_name: "ClusterRole",
    atomic: false,
    fields: &[
        KIND,
        API_VERSION,
        METADATA,
        RULES,
        pointer("aggregationRule", Shape::Struct(&AGGREGATION_RULE)),
    ],
};

pub(crate) static ROLE_BINDING: Struct = Struct {
    go_name: "RoleBinding",
    atomic: false,
    fields: &[KIND, API_VERSION, METADATA, SUBJECTS, ROLE_REF_FIELD],
};

pub(crate) static CLUSTER_ROLE_BINDING: Struct = Struct {
    go_name: "ClusterRoleBinding",
    atomic: false,
    fields: &[KIND, API_VERSION, METADATA, SUBJECTS, ROLE_REF_FIELD],
};
