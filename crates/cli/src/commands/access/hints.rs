//! Notes on a question: words that nobody knows, and what a question does not say by itself.

use rbacform_access::{Facts, PolicyRule, Request, ResourceRequest, Version, resources};
use rbacform_core::hint::closest;

use super::world::World;
use crate::render::text::safe;
use crate::session::Session;

/// What a person should know about a question. None of it is wrong: verbs and resources may be
/// anybody's own.
pub(super) fn of(request: &Request, world: &World, version: Version) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(verb(request, &world.facts));
    if let Request::Resource(asked) = request {
        notes.extend(resource(asked, &world.facts));
        notes.extend(subresource_as_name(asked));
        notes.extend(scope(asked));
        notes.extend(session(asked, version));
        notes.extend(impersonation(asked));
    }
    notes
}

/// What a person should know about the world that is asked.
pub(super) fn of_world(world: &World) -> Vec<String> {
    let mut notes = world.unseen.notes.clone();
    if world.declared_only {
        notes.push(
            "judged by what is declared here and by the platform's own roles; what else stands in a \
             cluster is seen with `--from live`"
                .to_owned(),
        );
    }
    notes
}

/// Says them, beside the answer.
pub(super) fn tell(notes: &[String], session: &Session) {
    for note in notes {
        session.ui.talk(&format!("note: {}\n", safe(note)));
    }
}

fn verb(request: &Request, facts: &Facts) -> Option<String> {
    let verb = request.verb();
    let is_url = matches!(request, Request::NonResource(_));
    let known = resources::VERBS.contains(&verb) || ["*", "head", "options"].contains(&verb);
    if known || (is_url && ["post", "put"].contains(&verb)) {
        return None;
    }
    let named = |rule: &PolicyRule| rule.verbs.iter().any(|known| known == verb);
    (!verb.contains(':') && !any_rule(facts, named)).then(|| {
        let mut verbs = facts.all_rules().flat_map(|rule| &rule.verbs);
        // Case counts.
        let meant = match verbs.find(|known| known.eq_ignore_ascii_case(verb)) {
            Some(known) => format!("; did you mean `{known}`?"),
            None => did_you_mean(verb, resources::VERBS),
        };
        format!("`{verb}` is no verb of Kubernetes itself, and no rule here names it{meant}")
    })
}

fn resource(asked: &ResourceRequest, facts: &Facts) -> Option<String> {
    let (name, group) = (asked.resource.as_str(), asked.api_group.as_str());
    let full = asked.full_resource();
    let known = resources::called(name, Some(group)).is_some();
    if known || name == "*" || group == "*" || resources::is_virtual(name) {
        return None;
    }
    let named = |rule: &PolicyRule| {
        let of_group = rule
            .api_groups
            .iter()
            .any(|known| known == group || known == "*");
        of_group
            && rule
                .resources
                .iter()
                .any(|known| known == name || *known == full)
    };
    if any_rule(facts, named) {
        return None;
    }
    let of = if group.is_empty() {
        String::new()
    } else {
        format!(" of `{group}`")
    };
    let elsewhere = resources::called(name, None);
    let named = group_of_rules(facts, name).filter(|_| elsewhere.is_none());
    if let Some(named) = named {
        let of = match group {
            "" => "the core group".to_owned(),
            group => format!("`{group}`"),
        };
        return Some(format!(
            "no rule here names `{name}` of {of}; some name `{name}.{named}`"
        ));
    }
    let told =
        format!("`{name}`{of} is no resource of Kubernetes itself, and no rule here names it");
    Some(match elsewhere.map(|found| found.group) {
        Some("") => format!("{told}; `{name}` is of the core group, `--api-group ''`"),
        Some(group) => format!("{told}; `{name}` is of `{group}`"),
        None => format!(
            "{told}{}",
            did_you_mean(name, resources::all().map(|known| known.name))
        ),
    })
}

/// A group of which rules name a resource.
fn group_of_rules(facts: &Facts, name: &str) -> Option<String> {
    let rules = facts.all_rules();
    let naming = rules.filter(|rule| rule.resources.iter().any(|known| known == name));
    let groups = naming.flat_map(|rule| &rule.api_groups);
    groups
        .filter(|group| !matches!(group.as_str(), "" | "*"))
        .min()
        .cloned()
}

/// `pods/log` is what `--subresource log` is for.
fn subresource_as_name(asked: &ResourceRequest) -> Option<String> {
    let known = resources::called(&asked.resource, Some(&asked.api_group))?;
    let name = asked.name.as_str();
    known.subresources().any(|word| word == name).then(|| {
        let resource = &asked.resource;
        format!(
            "`{resource}/{name}` asks about an object called `{name}`; for the subresource say \
             `{resource} --subresource {name}`"
        )
    })
}

fn scope(asked: &ResourceRequest) -> Option<String> {
    let known = resources::called(&asked.resource, Some(&asked.api_group))?;
    let own = known.name == "namespaces" && asked.name == asked.namespace;
    (!known.is_namespaced && !asked.namespace.is_empty() && !own).then(|| {
        format!(
            "`{}` have no namespace: no real request for them names one",
            known.name
        )
    })
}

/// kubectl exec and its like send a GET that is authorized twice.
fn session(asked: &ResourceRequest, version: Version) -> Option<String> {
    let sessions = ["exec", "attach", "portforward"];
    let is_session = asked.resource == "pods" && sessions.contains(&asked.subresource.as_str());
    let get = is_session && asked.api_group.is_empty() && asked.verb == "get";
    (get && version.get_of_a_pod_session_needs_create()).then(|| {
        format!(
            "from Kubernetes 1.35 a GET of `pods/{}` needs the verb `create` too",
            asked.subresource
        )
    })
}

/// One check of several.
fn impersonation(asked: &ResourceRequest) -> Option<String> {
    (asked.verb == "impersonate").then(|| {
        "whether a request may be sent as somebody else is asked with `--impersonate`: groups and \
         constrained impersonation count too"
            .to_owned()
    })
}

fn any_rule(facts: &Facts, is: impl Fn(&PolicyRule) -> bool) -> bool {
    facts.all_rules().any(is)
}

fn did_you_mean<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> String {
    closest(word, known).map_or_else(String::new, |close| format!("; did you mean `{close}`?"))
}
