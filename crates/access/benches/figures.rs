//! How fast the engine answers. Run by `cargo bench -p rbacform-access`.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark prints its figures"
)]

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use rbacform_access::delta::Known;
use rbacform_access::{
    ClusterRole, ClusterRoleBinding, Evaluator, Facts, PolicyRule, RBAC_GROUP, Request,
    ResourceRequest, Role, RoleBinding, RoleRef, Subject, User, delta, google, who_can,
};

const NAMESPACES: usize = 100;
const USERS: usize = 3_000;
const GROUPS: usize = 100;
const VERBS: [&str; 6] = ["get", "list", "watch", "create", "update", "delete"];
const RESOURCES: [&str; 6] = [
    "pods",
    "pods/log",
    "secrets",
    "configmaps",
    "services",
    "jobs",
];

fn main() {
    decisions(10_000);
    index(10_000);
    everybody(100_000, 10);
    everybody(100_000, 1);
    difference(10_000, 100);
    policies(10_000, 100);
}

fn strings(items: &[&str]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

/// Two or three rules, others for each number.
fn rules(number: usize) -> Vec<PolicyRule> {
    (0..2 + number % 2)
        .map(|rule| PolicyRule {
            verbs: strings(&[VERBS[number % 6], VERBS[(number + rule + 1) % 6]]),
            api_groups: strings(&["", "apps"]),
            resources: strings(&[RESOURCES[(number / 6 + rule) % 6]]),
            resource_names: match number % 7 {
                0 => vec![format!("object-{number}")],
                _ => Vec::new(),
            },
            ..PolicyRule::default()
        })
        .collect()
}

fn subjects(number: usize) -> Vec<Subject> {
    let (kind, name) = match number % 4 {
        0 => ("Group", format!("group-{}", number % GROUPS)),
        1 => ("ServiceAccount", format!("account-{}", number % 10)),
        _ => ("User", format!("user-{}", number % USERS)),
    };
    vec![Subject {
        kind: kind.to_owned(),
        name,
        ..Subject::default()
    }]
}

fn role_ref(kind: &str, name: String) -> RoleRef {
    RoleRef {
        api_group: RBAC_GROUP.to_owned(),
        kind: kind.to_owned(),
        name,
    }
}

fn namespace(number: usize) -> String {
    format!("namespace-{}", number % NAMESPACES)
}

/// One of `wide` bindings holds in the whole cluster; half of the others are of roles of their
/// namespace.
fn world(bindings: usize, wide: usize) -> Facts {
    let mut facts = Facts::default();
    for number in 0..200 {
        facts.put_cluster_role(ClusterRole {
            name: format!("role-{number}"),
            rules: rules(number),
            ..ClusterRole::default()
        });
    }
    for number in 0..bindings {
        let name = format!("binding-{number}");
        if number % wide == 0 {
            facts.put_cluster_role_binding(ClusterRoleBinding {
                name,
                subjects: subjects(number / 10),
                role_ref: role_ref("ClusterRole", format!("role-{}", number % 200)),
            });
            continue;
        }
        let role = match number % 2 {
            0 => role_ref("ClusterRole", format!("role-{}", number % 200)),
            _ => role_ref("Role", format!("role-{number}")),
        };
        if number % 2 == 1 {
            facts.put_role(Role {
                namespace: namespace(number),
                name: role.name.clone(),
                rules: rules(number),
            });
        }
        facts.put_role_binding(RoleBinding {
            namespace: namespace(number),
            name,
            subjects: subjects(number),
            role_ref: role,
        });
    }
    facts
}

fn questions() -> Vec<(User, Request)> {
    (0..10_000)
        .map(|number| {
            let user = User {
                name: format!("user-{}", number % USERS),
                groups: vec![
                    format!("group-{}", number % GROUPS),
                    format!("group-{}", (number * 7) % GROUPS),
                    "system:authenticated".to_owned(),
                ],
            };
            let request = Request::Resource(ResourceRequest {
                verb: VERBS[number % 6].to_owned(),
                resource: RESOURCES[(number / 6) % 6].to_owned(),
                namespace: namespace(number / 3),
                name: "web".to_owned(),
                ..ResourceRequest::default()
            });
            (user, request)
        })
        .collect()
}

fn decisions(bindings: usize) {
    let facts = world(bindings, 10);
    let evaluator = Evaluator::new(&facts);
    let questions = questions();
    let mut allowed = 0;
    let took = best(|| {
        let answers = questions
            .iter()
            .map(|(user, request)| evaluator.decide(user, black_box(request)));
        allowed = answers.filter(|answer| answer.is_allowed()).count();
    });
    let rate = questions.len() as f64 / took.as_secs_f64();
    println!(
        "decisions with their reason, {bindings} bindings, one core: {rate:.0} a second ({allowed} of \
         {} allowed)",
        questions.len()
    );
    let took = best(|| {
        for (user, request) in &questions {
            black_box(evaluator.allows(user, black_box(request)));
        }
    });
    let rate = questions.len() as f64 / took.as_secs_f64();
    println!("the same, yes or no only: {rate:.0} a second");
}

fn index(bindings: usize) {
    let facts = world(bindings, 10);
    let took = best(|| {
        black_box(Evaluator::new(&facts));
    });
    println!("indexing {bindings} bindings: {took:.1?}");
}

/// One of so many bindings holds in the whole cluster.
fn everybody(bindings: usize, wide: usize) {
    let facts = world(bindings, wide);
    let request = Request::Resource(ResourceRequest {
        verb: "get".to_owned(),
        resource: "secrets".to_owned(),
        namespace: namespace(0),
        name: "web".to_owned(),
        ..ResourceRequest::default()
    });
    let mut found = 0;
    let took = best(|| found = who_can(&facts, &request).len());
    println!(
        "who-can over {bindings} bindings, {} of them cluster-wide: {took:.1?} ({found} grants)",
        bindings / wide
    );
}

/// Half of the objects are bindings; of the changes, half are of roles and half of bindings.
fn difference(objects: usize, changes: usize) {
    let before = world(objects * 2 / 3, 10);
    let mut after = before.clone();
    let step = objects / changes;
    for change in 0..changes {
        let number = change * step * 2 / 3 / 2 * 2 + 1;
        if change % 2 == 0 {
            after.put_role(Role {
                namespace: namespace(number),
                name: format!("role-{number}"),
                rules: rules(number + 1),
            });
        } else {
            after.put_role_binding(RoleBinding {
                namespace: namespace(number),
                name: format!("binding-{number}"),
                subjects: subjects(number + 2),
                role_ref: role_ref("Role", format!("role-{number}")),
            });
        }
    }
    let known = Known::all(true);
    let mut told = (0, 0);
    let took = best(|| {
        let delta = delta(&before, &after, &known);
        told = (delta.gained.len(), delta.lost.len());
    });
    println!(
        "access diff of {objects} objects with {changes} changes: {took:.1?} ({} gained, {} lost)",
        told.0, told.1
    );
    let mut wide = before.clone();
    wide.put_cluster_role(ClusterRole {
        name: "role-0".to_owned(),
        rules: rules(1),
        ..ClusterRole::default()
    });
    let took = best(|| {
        black_box(delta(&before, &wide, &known));
    });
    println!("the same with one cluster role changed that is bound in many places: {took:.1?}");
}

/// A few roles, of which one holds many permissions.
struct Table;

impl google::Roles for Table {
    fn holds(&self, role: &str, permission: &str) -> Option<bool> {
        Some(self.permissions(role)?.contains(&permission))
    }

    fn permissions(&self, role: &str) -> Option<Vec<&str>> {
        let all: Vec<&str> = PERMISSIONS.iter().map(String::as_str).collect();
        let many = match role {
            "roles/owner" => all.len(),
            "roles/editor" => all.len() / 2,
            _ => 20,
        };
        all.get(..many).map(<[&str]>::to_vec)
    }
}

static PERMISSIONS: LazyLock<Vec<String>> = LazyLock::new(|| {
    (0..10_000)
        .map(|number| format!("service.things.do{number:05}"))
        .collect()
});

/// Grants of one member each, in policies of five hundred; of the changes, half give what is held
/// anyway.
fn policies(grants: usize, changes: usize) {
    let put = |facts: &mut google::Facts, number: usize, role: &str| {
        let binding = google::Binding {
            role: role.to_owned(),
            members: vec![format!("user:user-{}@example.com", number % 500)],
            condition: None,
            object: None,
        };
        facts.put_binding(&format!("projects/project-{}", number / 500), binding);
    };
    let mut before = google::Facts::default();
    for number in 0..grants {
        put(&mut before, number, "roles/editor");
    }
    let mut after = before.clone();
    for change in 0..changes {
        let role = ["roles/owner", "roles/viewer"][change % 2];
        put(&mut after, change * (grants / changes), role);
    }
    let [before, after] = [&before, &after].map(|facts| google::Evaluator {
        facts,
        roles: &Table,
        now: 0,
    });
    let mut told = (0, 0);
    let took = best(|| {
        let [gained, lost] = [after.gained_since(&before), before.gained_since(&after)];
        told = (gained.gains.len(), lost.gains.len());
    });
    println!(
        "access diff of {grants} grants at Google with {changes} changes: {took:.1?} ({} gained, {} \
         lost)",
        told.0, told.1
    );
}

/// The best of a few runs: what else the machine does only ever makes it slower.
fn best(mut work: impl FnMut()) -> Duration {
    let times = (0..7).map(|_| {
        let since = Instant::now();
        work();
        since.elapsed()
    });
    times.min().unwrap_or_default()
}
