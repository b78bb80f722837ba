//! Assertions about Google's permissions on small worlds.

mod asked;
mod held;
mod nowhere;
mod who;

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::assertion::Target;
use rbacform_core::{Asker, Assertion, Claim, Deed, Holders};

use super::permission_questions;
use crate::assert::tests::{asker, assertion, texts};
use crate::assert::{Part, Planned, Policies, Sight, Status, Verdict, check};
use crate::bridge::{Bridge, Workloads};
use crate::google::{Binding, Condition, CustomRole, Evaluator, Facts, Missing, Parent, Roles};

/// 2027-01-01T00:00:00Z.
const NOW: i64 = 1_798_761_600;
const GET: &str = "storage.objects.get";
const BUCKET: &str = "projects/acme/buckets/data";

/// Google's roles, as far as these cases need them.
struct Table(BTreeMap<&'static str, Vec<&'static str>>);

impl Table {
    fn new() -> Self {
        Self(BTreeMap::from([
            (
                "roles/storage.objectViewer",
                vec![GET, "storage.objects.list"],
            ),
            (
                "roles/storage.objectCreator",
                vec!["storage.objects.create"],
            ),
            (
                "roles/iam.workloadIdentityUser",
                vec!["iam.serviceAccounts.getAccessToken"],
            ),
        ]))
    }
}

impl Roles for Table {
    fn holds(&self, role: &str, permission: &str) -> Option<bool> {
        Some(self.0.get(role)?.contains(&permission))
    }

    fn permissions(&self, role: &str) -> Option<Vec<&str>> {
        self.0.get(role).cloned()
    }

    fn knows(&self, permission: &str) -> bool {
        self.0.values().flatten().any(|held| *held == permission)
    }

    fn closest(&self, permission: &str) -> Option<String> {
        let all = self.0.values().flatten().copied();
        rbacform_core::hint::closest(permission, all).map(str::to_owned)
    }
}

/// A project that is in nothing, and a bucket in it: all of both is known.
fn acme() -> Facts {
    let mut facts = Facts::default();
    facts.put_whole("projects/acme");
    facts.put_whole("buckets/data");
    facts.put_parent("projects/acme", Parent::Nothing);
    facts
}

fn grant(facts: &mut Facts, resource: &str, role: &str, member: &str, when: Option<&str>) {
    facts.put_binding(
        resource,
        Binding {
            role: role.to_owned(),
            members: vec![member.to_owned()],
            condition: when.map(|expression| Condition {
                title: "when".to_owned(),
                expression: expression.to_owned(),
            }),
            object: None,
        },
    );
}

fn viewed(member: &str) -> Facts {
    let mut facts = acme();
    grant(
        &mut facts,
        "buckets/data",
        "roles/storage.objectViewer",
        member,
        None,
    );
    facts
}

fn deed(permissions: &[&str], resource: &str) -> Deed {
    Deed {
        verbs: texts(permissions),
        resources: vec![Target {
            name: resource.into(),
            api_group: None,
        }],
        on_policies: true,
        ..Deed::default()
    }
}

fn can(subject: &str) -> Assertion {
    assertion(Claim::Can(asker(subject), deed(&[GET], BUCKET)))
}

fn cannot(subject: &str) -> Assertion {
    assertion(Claim::Cannot(asker(subject), deed(&[GET], BUCKET)))
}

fn exactly(subjects: &[&str]) -> Assertion {
    let holders = Holders::Exactly(texts(subjects));
    assertion(Claim::WhoCan(deed(&[GET], BUCKET), holders))
}

fn at_most(subjects: &[&str]) -> Assertion {
    let holders = Holders::AtMost(texts(subjects));
    assertion(Claim::WhoCan(deed(&[GET], BUCKET), holders))
}

/// A world around the policies.
#[derive(Default)]
struct Around {
    sight: Sight,
    absent: BTreeSet<String>,
    pool: Option<&'static str>,
    workloads: Workloads,
}

impl Around {
    fn test(&self, assertion: &Assertion, facts: &Facts) -> Verdict {
        let (table, cluster) = (Table::new(), crate::Facts::default());
        let mut workloads = self.workloads.clone();
        workloads.project = self.pool.map(str::to_owned);
        let policies = Policies {
            bridge: Bridge {
                google: Evaluator {
                    facts,
                    roles: &table,
                    now: NOW,
                },
                kubernetes: &cluster,
                workloads: &workloads,
            },
            absent: &self.absent,
        };
        let planned = Planned::new(&cluster, &self.sight).unwrap();
        check(assertion, &planned.with_policies(policies))
    }
}

fn test(assertion: &Assertion, facts: &Facts) -> Verdict {
    Around::default().test(assertion, facts)
}

fn told(verdict: &Verdict) -> (Status, &str) {
    (verdict.status, verdict.message.as_str())
}
