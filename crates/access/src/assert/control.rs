//! Positive controls: an assertion is about something that exists. What would hold of a misspelt
//! name holds of nothing.

use rbacform_core::assertion::Target;
use rbacform_core::{Assertion, Claim, Deed, hint};

use super::known::{self, Known};
use super::paths::of_path;
use super::region::{names, rules, split};
use super::told::{Nowhere, Part, Reason};
use super::world::Planned;
use crate::Version;
use crate::resources;

/// Whether something exists.
pub(super) enum Control {
    Exists,
    Nowhere(Box<Nowhere>),
    /// Nothing that is known names it, and what would is not known whole.
    Doubtful(Box<Nowhere>, Reason),
    Untold(Reason),
}

/// The methods by which paths are asked for.
const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];

/// The namespaces that every cluster has.
const NAMESPACES: [&str; 4] = ["default", "kube-system", "kube-public", "kube-node-lease"];

/// The controls of verbs, resources and namespaces, those of which something is wrong first.
pub(super) fn of_deed(assertion: &Assertion, world: &Planned<'_>) -> Vec<Control> {
    let (Claim::Can(_, deed) | Claim::Cannot(_, deed) | Claim::WhoCan(deed, _)) = &assertion.claim
    else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for target in &deed.resources {
        found.push(scope(target, deed, world.sight.version));
        if !assertion.custom {
            found.push(resource(target, world));
        }
    }
    if !assertion.custom {
        found.extend(deed.verbs.iter().map(|verb| of_verb(verb, deed, world)));
    }
    found.extend(deed.namespaces.iter().map(|name| namespace(name, world)));
    // That one of them exists nowhere is certain, whatever else is not known.
    found.sort_by_key(|control| !matches!(control, Control::Nowhere(_)));
    found
}

pub(super) fn nowhere(part: Part, message: String, help: String) -> Control {
    Control::Nowhere(Box::new(Nowhere {
        part,
        message,
        help,
    }))
}

/// Resources without a namespace are not asked for in one.
fn scope(target: &Target, deed: &Deed, version: Version) -> Control {
    let (base, _) = split(&target.name);
    let known = of_group(base, target, version);
    let is_namespaced = known.iter().any(|it| it.is_namespaced);
    if deed.namespaces.is_empty() || known.is_empty() || is_namespaced {
        return Control::Exists;
    }
    let help = match base {
        "namespaces" => "leave `namespace` out; `resource_names` says which one is meant",
        _ => "leave `namespace` out",
    };
    let message = format!("`{base}` are in no namespace");
    nowhere(Part::Namespace, message, help.to_owned())
}

fn of_group(base: &str, target: &Target, version: Version) -> Vec<Known> {
    let mut known = known::named(base, version);
    let group = target.api_group.as_deref();
    known.retain(|it| group.is_none_or(|group| group == it.group || group == "*"));
    known
}

/// A resource is one of the API server's own, or a rule names it; `*` names none.
fn resource(target: &Target, world: &Planned<'_>) -> Control {
    if target.name.starts_with('/') {
        return of_path(&target.name, world);
    }
    let (base, subresource) = split(&target.name);
    let has = |known: &Known| subresource == "*" || known.has(subresource);
    let version = world.sight.version;
    if base == "*" || of_group(base, target, version).iter().any(has) {
        return Control::Exists;
    }
    let named = rules(world.facts).any(|rule| {
        let of_group = |group: &str| {
            let mut groups = rule.api_groups.iter();
            groups.any(|held| held == "*" || group == "*" || held == group)
        };
        target.api_group.as_deref().is_none_or(of_group)
            && match subresource {
                "" => names(rule, base),
                _ => rule.resources.iter().any(|held| {
                    let (held, its) = split(held);
                    its == subresource && held == base
                }),
            }
    });
    if named {
        return Control::Exists;
    }
    let group = match target.api_group.as_deref() {
        None | Some("") => String::new(),
        Some(group) => format!(" of `{group}`"),
    };
    let what = format!(
        "`{}`{group} is none of the cluster's own resources",
        target.name
    );
    of_rules(world, Part::Resource, what, meant(target, version))
}

/// What no rule names exists nowhere, if all of them are known.
pub(super) fn of_rules(world: &Planned<'_>, part: Part, what: String, help: String) -> Control {
    let missing: Vec<&str> = ["Role", "ClusterRole"]
        .into_iter()
        .filter(|kind| !world.sight.is_whole(kind))
        .collect();
    if missing.is_empty() {
        return nowhere(part, format!("{what}, and no rule names it"), help);
    }
    let message = format!("{what}, and no rule that is known names it");
    let reason = Reason::new(message.clone(), &missing);
    let nowhere = Nowhere {
        part,
        message,
        help,
    };
    Control::Doubtful(Box::new(nowhere), reason)
}

fn meant(target: &Target, version: Version) -> String {
    let (base, subresource) = split(&target.name);
    if let Some(since) = first(target).filter(|since| *since > version) {
        return format!(
            "Kubernetes {since} is the first that has it, and this cluster is {version}"
        );
    }
    let known = known::named(base, version);
    let closest = match known.first() {
        Some(known) if !known.has(subresource) => {
            let closest = hint::closest(subresource, known.subresources.iter().copied());
            closest.map(|sub| format!("{base}/{sub}"))
        }
        Some(known) => Some(match known.group {
            "" => format!("{base}` with `api_group = \"\""),
            group => format!("{base}.{group}"),
        }),
        None => match resources::called(base, None) {
            Some(resource) => Some(resource.name.to_owned()),
            None if is_of_others(target) => None,
            None => {
                let names = resources::all().map(|resource| resource.name);
                hint::closest(base, names).map(str::to_owned)
            }
        },
    };
    match closest {
        Some(closest) if closest != target.name.as_str() => format!("did you mean `{closest}`?"),
        _ => "if it is one of a custom resource definition, say `custom = true`".to_owned(),
    }
}

/// Whether its API group is none of the API server's own.
fn is_of_others(target: &Target) -> bool {
    let group = target.api_group.as_deref();
    group.is_some_and(|group| resources::all().all(|resource| resource.group != group))
}

/// The first supported version that has a resource; none where none does.
fn first(target: &Target) -> Option<Version> {
    let (base, subresource) = split(&target.name);
    let mut versions =
        (Version::OLDEST.minor..=Version::NEWEST.minor).map(|minor| Version { minor });
    versions.find(|version| {
        let mut known = of_group(base, target, *version).into_iter();
        known.any(|known| known.has(subresource))
    })
}

/// Whether the controls of an assertion depend on the server's version: not every supported one has a
/// resource that it is about.
pub fn depends_on_version(assertion: &Assertion) -> bool {
    let (Claim::Can(_, deed) | Claim::Cannot(_, deed) | Claim::WhoCan(deed, _)) = &assertion.claim
    else {
        return false;
    };
    if assertion.custom || assertion.claim.is_on_policies() {
        return false;
    }
    let mut resources = deed.resources.iter();
    resources.any(|target| first(target).is_some_and(|it| it > Version::OLDEST))
}

fn of_verb(verb: &str, deed: &Deed, world: &Planned<'_>) -> Control {
    let paths = deed
        .resources
        .iter()
        .any(|target| target.name.starts_with('/'));
    let known: &[&str] = match paths {
        true => &METHODS,
        false => &resources::VERBS,
    };
    let by_rule = || rules(world.facts).any(|rule| rule.verbs.iter().any(|held| held == verb));
    if verb == "*" || known.contains(&verb) || by_rule() {
        return Control::Exists;
    }
    let help = match hint::closest(verb, known.iter().copied()) {
        Some(closest) => format!("did you mean `{closest}`?"),
        None => "if something asks for this verb all the same, say `custom = true`".to_owned(),
    };
    let what = format!("`{verb}` is none of the verbs that are asked for");
    of_rules(world, Part::Verbs, what, help)
}

pub(super) fn namespace(name: &str, world: &Planned<'_>) -> Control {
    if NAMESPACES.contains(&name) || world.sight.namespaces.contains(name) {
        return Control::Exists;
    }
    let message = format!("there is no namespace `{name}`");
    if !world.sight.is_whole("Namespace") {
        let message = format!("whether there is a namespace `{name}` is not known");
        return Control::Untold(Reason::new(message, &["Namespace"]));
    }
    let known = world.sight.namespaces.iter().map(String::as_str);
    let help = match hint::closest(name, known) {
        Some(closest) => format!("did you mean `{closest}`?"),
        None => "declare it, or mend the name".to_owned(),
    };
    nowhere(Part::Namespace, message, help)
}
