//! What the sandbox enforces is what the evaluator says: two codes, one reading of Google's pages.

use std::collections::BTreeMap;

use rbacform_access::google::{Decision, Evaluator, Facts, Parent, Principal, Resource, Roles};
use serde_json::{Value, json};

use super::client::{
    ACCOUNTS, PROJECT, account, bearer, bound, conditional, email, owner, set, strict, table,
};

const CALLERS: [(&str, &str, &[&str]); 3] = [
    (
        "token-ana",
        "user:ana@example.com",
        &["group:ml@example.com"],
    ),
    ("token-bo", "user:bo@other.org", &[]),
    (
        "token-builder",
        "serviceAccount:builder@acme-ml.iam.gserviceaccount.com",
        &["group:ml@example.com"],
    ),
];
const MEMBERS: [&str; 4] = [
    "user:ana@example.com",
    "user:bo@other.org",
    "group:ml@example.com",
    "serviceAccount:builder@acme-ml.iam.gserviceaccount.com",
];
const GRANTED: [&str; 4] = [
    "roles/viewer",
    "roles/iam.serviceAccountTokenCreator",
    "roles/iam.serviceAccountAdmin",
    "projects/acme-ml/roles/reader",
];
const ASKED: [&str; 4] = [
    "resourcemanager.projects.get",
    "iam.serviceAccounts.get",
    "iam.serviceAccounts.getAccessToken",
    "iam.serviceAccounts.create",
];
const CONDITIONS: [&str; 4] = [
    "request.time < timestamp('2099-01-01T00:00:00Z')",
    "request.time < timestamp('2020-01-01T00:00:00Z')",
    "request.time > timestamp('2020-01-01T00:00:00Z') && request.time < timestamp('2099-01-01T00:00:00Z')",
    "!(request.time < timestamp('2020-01-01T00:00:00Z')) || resource.name == 'x'",
];

struct Table(BTreeMap<String, Vec<String>>);

impl Roles for Table {
    fn holds(&self, role: &str, permission: &str) -> Option<bool> {
        Some(self.0.get(role)?.iter().any(|held| held == permission))
    }

    fn permissions(&self, role: &str) -> Option<Vec<&str>> {
        Some(self.0.get(role)?.iter().map(String::as_str).collect())
    }
}

/// Numbers that follow from a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    fn bindings(&mut self) -> Vec<Value> {
        let many = self.roll(4);
        let mut bindings = Vec::new();
        for _ in 0..many {
            let role = GRANTED[self.roll(GRANTED.len())];
            let member = [MEMBERS[self.roll(MEMBERS.len())]];
            // Basic roles take no condition.
            bindings.push(match self.roll(CONDITIONS.len() + 2) {
                number if number < CONDITIONS.len() && role != GRANTED[0] => {
                    conditional(role, &member, CONDITIONS[number])
                }
                _ => bound(role, &member),
            });
        }
        bindings
    }
}

fn facts(project: &[Value], account: &[Value]) -> Facts {
    let mut facts = Facts::default();
    let account_name = format!("projects/acme-ml/serviceAccounts/{}", email("trainer"));
    let documents = json!([
        {"name": "projects/acme-ml", "iamPolicy": {"bindings": project}},
        {"name": account_name, "iamPolicy": {"bindings": account}},
        {"name": GRANTED[3], "includedPermissions": ["resourcemanager.projects.get"]},
        {"group": "group:ml@example.com", "members": [CALLERS[0].1, CALLERS[2].1]},
    ]);
    assert!(facts.put_document(&documents).unwrap());
    // Above its projects the sandbox has nothing.
    facts.put_parent("projects/acme-ml", Parent::Nothing);
    facts
}

#[test]
fn what_is_enforced_is_what_is_evaluated() {
    let sandbox = CALLERS
        .iter()
        .fold(strict(), |builder, (token, member, groups)| {
            builder.google_identity(token, member, groups)
        })
        .start()
        .unwrap();
    account(&sandbox, "trainer");
    account(&sandbox, "builder");
    let role = json!({"includedPermissions": ["resourcemanager.projects.get"]});
    owner(&sandbox)
        .post(
            super::client::ROLES,
            &json!({"roleId": "reader", "role": role}),
        )
        .reply();
    let account_path = format!("{ACCOUNTS}/{}", email("trainer"));
    let account_name = format!("projects/acme-ml/serviceAccounts/{}", email("trainer"));
    let places = [
        (PROJECT, "projects/acme-ml"),
        (account_path.as_str(), account_name.as_str()),
    ];
    let (mut dice, table) = (Dice(0x5eed), Table(table()));
    let now = jiff::Timestamp::now().as_second();
    let mut answers = [0_usize; 2];
    for _ in 0..80 {
        let (project, account) = (dice.bindings(), dice.bindings());
        // A project's custom role and role of projects mean nothing on an account.
        let account: Vec<Value> = account
            .into_iter()
            .filter(|binding| binding["role"] != GRANTED[3])
            .collect();
        set(&owner(&sandbox), PROJECT, &project).reply();
        set(&owner(&sandbox), &account_path, &account).reply();
        let facts = facts(&project, &account);
        let evaluator = Evaluator {
            facts: &facts,
            roles: &table,
            now,
        };
        for (token, member, _) in CALLERS {
            for (path, name) in places {
                // What a resource does not have cannot be asked of it.
                let fits = |permission: &&str| {
                    path == PROJECT || permission.starts_with("iam.serviceAccount")
                };
                let asked: Vec<&str> = ASKED.into_iter().filter(fits).collect();
                let ask = json!({"permissions": asked});
                let held = bearer(&sandbox, token)
                    .post(&format!("{path}:testIamPermissions"), &ask)
                    .reply();
                for permission in asked {
                    let enforced = held["permissions"]
                        .as_array()
                        .is_some_and(|all| all.iter().any(|one| one == permission));
                    let resource = Resource::parse(name).unwrap();
                    let decision = evaluator.decide(&Principal::of(member), permission, &resource);
                    let evaluated = match &decision {
                        Decision::Allowed { .. } => true,
                        Decision::NoGrant => false,
                        other => panic!("{member} {permission} {name}: {other:?}"),
                    };
                    assert_eq!(
                        evaluated, enforced,
                        "{member} {permission} {name}\n{project:?}\n{account:?}"
                    );
                    answers[usize::from(evaluated)] += 1;
                }
            }
        }
    }
    assert!(answers.iter().all(|count| *count > 100), "{answers:?}");
}
