//! The page of resource types, from their schemas.

use rbacform_core::{Argument, Semantics, Type, TypeSchema};
use rbacform_gcp::GcpSemantics;
use rbacform_kubernetes::KubernetesSemantics;

const HEAD: &str = "\
# Resource types

<!-- Generated from the schemas by tests/docs: UPDATE_DOCS=1 cargo test -p rbacform --test docs -->

A resource is a table `[TYPE.NAME]` in a stack file. Besides the arguments below every resource
takes `for_each`, `when`, `depends_on` and `lifecycle`; see [stack files](stack-files.md#resources).
Every argument can be read as an attribute: `${kubernetes.namespace.team.name}`. An argument in
**bold** must be given.
";

/// The whole page.
pub(crate) fn page() -> String {
    let mut page = HEAD.to_owned();
    let schemas = || {
        let types = |semantics: &&'static dyn Semantics| {
            let semantics = *semantics;
            semantics
                .types()
                .iter()
                .map(move |schema| (semantics, schema))
        };
        PROVIDERS.iter().flat_map(types)
    };
    page.push('\n');
    for (_, schema) in schemas() {
        let anchor = schema.name.replace('.', "");
        page.push_str(&format!(
            "- [`{}`](#{anchor}): {}\n",
            schema.name, schema.kind
        ));
    }
    for (semantics, schema) in schemas() {
        resource_type(&mut page, semantics, schema);
    }
    for semantics in PROVIDERS {
        let provider = semantics.provider();
        page.push_str(&format!(
            "\n## Settings of `[providers.{provider}]`\n\n{}\n\n",
            about(provider)
        ));
        table(&mut page, "", semantics.settings());
    }
    page
}

static PROVIDERS: [&dyn Semantics; 2] = [&KubernetesSemantics, &GcpSemantics];

fn about(provider: &str) -> &'static str {
    match provider {
        "kubernetes" => {
            "Which cluster a stack is for. Never with which credentials: those come from the \
             kubeconfig,\nflags and the environment, because a stack file may be a stranger's \
             pull request."
        }
        _ => {
            "Which project, and as whom. Credentials and endpoints come from the environment, as \
             gcloud reads\nit, because a stack file may be a stranger's pull request."
        }
    }
}

fn resource_type(page: &mut String, semantics: &dyn Semantics, schema: &TypeSchema) {
    page.push_str(&format!("\n## {}\n\n{}\n\n", schema.name, schema.doc));
    table(page, "", schema.arguments);
    let exported = semantics.exported(schema);
    if !exported.is_empty() {
        page.push_str("\n| attribute besides | type | |\n|---|---|---|\n");
        rows(page, "", exported);
    }
    let mut notes = Vec::new();
    if schema.immutable == ["role_ref"] {
        notes.push(
            "What `role` or `cluster_role` names cannot change in place: such a change is a \
             replacement."
                .to_owned(),
        );
    }
    if semantics.grants_on_resources() && schema.immutable.len() > 1 {
        let names: Vec<String> = schema.immutable.iter().map(|n| format!("`{n}`")).collect();
        notes.push(format!(
            "{} are its identity: another value is another object.",
            names.join(", ")
        ));
    }
    let fate = if schema.abandon_by_default {
        "abandon"
    } else {
        "delete"
    };
    notes.push(format!(
        "`on_destroy` is `{fate}` where its lifecycle does not say."
    ));
    page.push_str(&format!("\n{}\n", notes.join(" ")));
}

fn table(page: &mut String, prefix: &str, arguments: &[Argument]) {
    page.push_str("| argument | type | |\n|---|---|---|\n");
    rows(page, prefix, arguments);
}

fn rows(page: &mut String, prefix: &str, arguments: &[Argument]) {
    for argument in arguments {
        let path = format!("{prefix}{}", argument.name);
        let name = match argument.required {
            true => format!("**`{path}`**"),
            false => format!("`{path}`"),
        };
        page.push_str(&format!(
            "| {name} | {} | {} |\n",
            kind(&argument.ty),
            argument.doc
        ));
        if let Some((within, arguments)) = fields(&argument.ty) {
            rows(page, &format!("{path}{within}."), arguments);
        }
    }
}

/// The keys of a map, or of the maps in a list, and how to get at them.
fn fields(ty: &Type) -> Option<(&'static str, &'static [Argument])> {
    match ty {
        Type::Object(arguments) => Some(("", arguments)),
        Type::List(item) => fields(item).map(|(_, arguments)| ("[]", arguments)),
        Type::OneOf(types) => types.iter().find_map(fields),
        _ => None,
    }
}

fn kind(ty: &Type) -> String {
    match ty {
        Type::String => "string".to_owned(),
        Type::Bool => "boolean".to_owned(),
        Type::Int => "integer".to_owned(),
        Type::Enum(names) => names
            .iter()
            .map(|name| format!("`\"{name}\"`"))
            .collect::<Vec<_>>()
            .join(", "),
        Type::List(item) => match item {
            Type::OneOf(_) => format!("list, each a {}", kind(item)),
            _ => format!("list of {}", plural(item)),
        },
        Type::Map(item) => format!("map of {}", plural(item)),
        Type::Object(_) => "map".to_owned(),
        Type::Reference(types) => format!("reference to a `{}`", types.join("` or a `")),
        Type::OneOf(types) => types.iter().map(kind).collect::<Vec<_>>().join(" or "),
        Type::Any => "anything".to_owned(),
    }
}

fn plural(ty: &Type) -> String {
    match ty {
        Type::String | Type::Bool | Type::Int | Type::Object(_) => format!("{}s", kind(ty)),
        Type::List(_) => "lists".to_owned(),
        other => kind(other),
    }
}
