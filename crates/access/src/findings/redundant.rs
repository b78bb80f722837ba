//! Grants that another grant gives already.

use std::collections::{BTreeMap, BTreeSet};

use crate::cover::covers_rule;
use crate::delta::{Bound, Through, Who, bindings, groups_of};
use crate::{Facts, PolicyRule};

/// A subject of a binding who has everything that the binding gives through another one too, or
/// through a group that it names as well.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Redundant {
    /// The binding.
    pub through: Through,
    /// The subject, as stack files spell it.
    pub subject: String,
    /// The binding that gives at least as much, to the subject or to a group it is in; the same one
    /// where it names both.
    pub by: Through,
}

/// Every such grant of the bindings that are asked about, one binding against another: what only
/// several together give is not told of, since nobody would see it in the files. Of two that give
/// the same, the narrower is the redundant one, else the later by name.
pub fn redundant_grants(facts: &Facts, asked: impl Fn(&Through) -> bool) -> Vec<Redundant> {
    let all: Vec<Grant<'_>> = bindings(facts)
        .map(|bound| Grant::of(bound, facts))
        .collect();
    let held = held(&all);
    let mut dropped: BTreeSet<(usize, Who)> = BTreeSet::new();
    let mut found = Vec::new();
    // Cluster-wide ones come first, so from behind the narrow ones do.
    for (index, grant) in all.iter().enumerate().rev() {
        if grant.gives_nothing() || !asked(&grant.bound.through()) {
            continue;
        }
        for who in grant.bound.whom() {
            let holders = groups_of(&who);
            let mut holders = std::iter::once(&who).chain(&holders);
            let by = holders.find_map(|holder| {
                let stands = |other: &usize| {
                    (*other != index || *holder != who)
                        && !dropped.contains(&(*other, holder.clone()))
                };
                let others = others(holder, grant.bound.namespace, &held).filter(stands);
                let mut others = others.filter_map(|other| all.get(other));
                others.find(|other| other.covers(grant))
            });
            if let Some(by) = by.map(|by| by.bound.through()) {
                found.push(Redundant {
                    through: grant.bound.through(),
                    subject: who.spelled(),
                    by,
                });
                dropped.insert((index, who));
            }
        }
    }
    found.sort();
    found
}

/// The bindings of everybody, by scope, and each by its place among all.
type Held<'a> = BTreeMap<Who, Vec<(&'a str, usize)>>;

fn held<'a>(all: &[Grant<'a>]) -> Held<'a> {
    let mut held = Held::new();
    for (index, grant) in all.iter().enumerate() {
        for who in grant.bound.whom() {
            let scope = (grant.bound.namespace, index);
            held.entry(who).or_default().push(scope);
        }
    }
    for scopes in held.values_mut() {
        scopes.sort_unstable();
        scopes.shrink_to_fit();
    }
    held
}

/// The bindings that give somebody something in a namespace too, cluster-wide ones first.
fn others<'h>(who: &Who, namespace: &str, held: &'h Held<'_>) -> impl Iterator<Item = usize> + 'h {
    let scopes = held.get(who).map(Vec::as_slice).unwrap_or_default();
    let at = |namespace: &str| {
        let start = scopes.partition_point(|(scope, _)| *scope < namespace);
        let end = scopes.partition_point(|(scope, _)| *scope <= namespace);
        scopes.get(start..end).unwrap_or_default()
    };
    let local = match namespace {
        "" => &[],
        namespace => at(namespace),
    };
    at("").iter().chain(local).map(|(_, index)| *index)
}

struct Grant<'a> {
    bound: Bound<'a>,
    /// What it gives; none where its role is not known.
    rules: Option<Vec<&'a PolicyRule>>,
}

impl<'a> Grant<'a> {
    fn of(bound: Bound<'a>, facts: &'a Facts) -> Self {
        // A request for a URL has no namespace: no role binding is ever asked.
        let reaches = |rule: &&PolicyRule| bound.namespace.is_empty() || !rule.resources.is_empty();
        let rules = bound.rules(facts);
        Self {
            bound,
            rules: rules.map(|rules| rules.iter().filter(reaches).collect()),
        }
    }

    fn gives_nothing(&self) -> bool {
        self.rules.as_ref().is_some_and(Vec::is_empty)
    }

    fn covers(&self, other: &Self) -> bool {
        let same_namespace = self.bound.namespace == other.bound.namespace;
        if self.bound.role_ref == other.bound.role_ref
            && (same_namespace || self.bound.role_ref.kind == "ClusterRole")
        {
            return true;
        }
        match (&self.rules, &other.rules) {
            (Some(mine), Some(theirs)) => theirs.iter().all(|rule| covers_rule(mine, rule)),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(objects: serde_json::Value) -> Facts {
        let mut facts = Facts::default();
        facts.put_manifest(&objects).unwrap();
        facts.lay_bootstrap().unwrap();
        crate::aggregate::settle_written(&mut facts);
        facts
    }

    fn binding(
        kind: &str,
        namespace: &str,
        name: &str,
        role: &str,
        whom: &[&str],
    ) -> serde_json::Value {
        let subject = |spelled: &&str| {
            let (kind, name) = spelled.split_once(':').unwrap();
            serde_json::json!({"kind": kind, "name": name, "namespace": namespace})
        };
        serde_json::json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
            "metadata": {"name": name, "namespace": namespace},
            "subjects": whom.iter().map(subject).collect::<Vec<_>>(),
            "roleRef": {"kind": "ClusterRole", "name": role},
        })
    }

    fn told(bindings: Vec<serde_json::Value>) -> Vec<String> {
        let facts = facts(serde_json::Value::Array(bindings));
        let found = redundant_grants(&facts, |through| !through.binding.starts_with("system:"));
        let line =
            |it: Redundant| format!("{} {} by {}", it.through.binding, it.subject, it.by.binding);
        found.into_iter().map(line).collect()
    }

    #[test]
    fn a_wider_grant_makes_a_narrow_one_redundant_for_the_subject_who_has_it() {
        let wide = binding("ClusterRoleBinding", "", "wide", "edit", &["User:ana"]);
        let narrow = binding(
            "RoleBinding",
            "team",
            "narrow",
            "view",
            &["User:ana", "User:bo"],
        );
        assert_eq!(told(vec![wide, narrow]), ["narrow user:ana by wide"]);
    }

    #[test]
    fn of_two_alike_one_is_redundant() {
        let one = binding("RoleBinding", "team", "a", "unknown", &["Group:dev"]);
        let other = binding("RoleBinding", "team", "b", "unknown", &["Group:dev"]);
        assert_eq!(told(vec![one, other]), ["b group:dev by a"]);
    }

    #[test]
    fn a_group_that_a_subject_is_in_by_its_name_gives_it_too() {
        let group = "Group:system:serviceaccounts:team";
        let all = binding("RoleBinding", "team", "all", "view", &[group]);
        let own = binding(
            "RoleBinding",
            "team",
            "own",
            "view",
            &["ServiceAccount:job"],
        );
        assert_eq!(told(vec![all, own]), ["own serviceaccount:team/job by all"]);
    }

    #[test]
    fn a_group_beside_a_subject_gives_it_too() {
        let group = "Group:system:serviceaccounts:team";
        let both = ["ServiceAccount:job", group];
        let both = binding("RoleBinding", "team", "both", "view", &both);
        assert_eq!(told(vec![both]), ["both serviceaccount:team/job by both"]);
    }

    #[test]
    fn grants_in_other_namespaces_and_of_less_say_nothing() {
        let bindings = vec![
            binding("RoleBinding", "team", "a", "view", &["User:ana"]),
            binding("RoleBinding", "other", "b", "view", &["User:ana"]),
            binding("RoleBinding", "other", "c", "unknown", &["User:ana"]),
            binding(
                "ClusterRoleBinding",
                "",
                "d",
                "system:node-problem-detector",
                &["User:ana"],
            ),
        ];
        assert_eq!(told(bindings), [""; 0]);
    }
}
