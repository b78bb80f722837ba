//! Grants that another grant gives already.

use std::collections::{BTreeMap, BTreeSet};

use crate::cover::uncovered;
use crate::delta::{Bound, Through, Who, bindings, groups_of};
use crate::{Facts, PolicyRule};

/// A subject of a binding who has everything that the binding gives through another one too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Redundant {
    /// The binding.
    pub through: Through,
    /// The subject, as stack files spell it.
    pub subject: String,
    /// The binding that gives at least as much, to the subject or to a group it is in.
    pub by: Through,
}

/// Every such grant of the bindings that are asked about, one binding against another: what only
/// several together give is not told of, since nobody would see it in the files. Of two that give
/// the same, the narrower is the redundant one, else the later by name.
pub fn redundant_grants(facts: &Facts, asked: impl Fn(&Through) -> bool) -> Vec<Redundant> {
    let all: Vec<Grant<'_>> = bindings(facts)
        .map(|bound| Grant::of(bound, facts))
        .collect();
    let mut held: BTreeMap<(Who, &str), Vec<usize>> = BTreeMap::new();
    for (index, grant) in all.iter().enumerate() {
        for who in grant.bound.whom() {
            let scope = (who, grant.bound.namespace);
            held.entry(scope).or_default().push(index);
        }
    }
    let mut dropped: BTreeSet<(usize, Who)> = BTreeSet::new();
    let mut found = Vec::new();
    // Cluster-wide ones come first, so from behind the narrow ones do.
    for (index, grant) in all.iter().enumerate().rev() {
        if grant.gives_nothing() || !asked(&grant.bound.through()) {
            continue;
        }
        for who in grant.bound.whom() {
            let by = others(&who, grant.bound.namespace, &held).find_map(|(other, holder)| {
                let stands = other != index && !dropped.contains(&(other, holder.clone()));
                let other = all
                    .get(other)
                    .filter(|other| stands && other.covers(grant))?;
                Some(other.bound.through())
            });
            if let Some(by) = by {
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

/// The bindings that give somebody something in a namespace too, each with whom it names.
fn others<'a>(
    who: &Who,
    namespace: &'a str,
    held: &'a BTreeMap<(Who, &str), Vec<usize>>,
) -> impl Iterator<Item = (usize, Who)> {
    let holders = std::iter::once(who.clone()).chain(groups_of(who));
    let scopes: BTreeSet<&'a str> = BTreeSet::from(["", namespace]);
    holders.flat_map(move |holder| {
        let at = |scope: &&'a str| held.get(&(holder.clone(), *scope));
        let bindings: Vec<usize> = scopes.iter().filter_map(at).flatten().copied().collect();
        bindings
            .into_iter()
            .map(move |index| (index, holder.clone()))
    })
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
            (Some(mine), Some(theirs)) => theirs
                .iter()
                .all(|rule| uncovered(mine, std::slice::from_ref(*rule)).is_empty()),
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
