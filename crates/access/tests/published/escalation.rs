//! `pkg/registry/rbac/{role,clusterrole}/policybased/storage_test.go`, `TestEscalation`, and
//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping>.

use rbacform_access::escalation::{Refusal, confirm_binding, confirm_role};
use rbacform_access::{RBAC_GROUP, ResourceRequest, RoleRef};

use crate::notation::{World, rules, user};

fn world() -> World {
    World::default()
        .role("", "alice-role", &["* * *"])
        .role(
            "",
            "may-escalate",
            &["escalate rbac.authorization.k8s.io roles,clusterroles"],
        )
        .bind("", "ClusterRole/alice-role", &["User:alice"])
        .bind("", "ClusterRole/may-escalate", &["User:steve"])
}

/// Whether somebody may create, and update, a role that gets pods.
fn writes(who: &str, resource: &str, namespace: &str) -> [bool; 2] {
    let world = world();
    [("create", ""), ("update", "myrole")].map(|(verb, name)| {
        let request = ResourceRequest {
            verb: verb.to_owned(),
            api_group: RBAC_GROUP.to_owned(),
            resource: resource.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            ..ResourceRequest::default()
        };
        confirm_role(
            &world.0,
            &user(who),
            &request,
            &rules(&["get - pods"]),
            false,
        )
        .is_ok()
    })
}

#[test]
fn a_role_is_written_by_who_holds_it_or_may_escalate() {
    for (resource, namespace) in [("clusterroles", ""), ("roles", "myns")] {
        for (who, expected) in [
            // Needs no check at all.
            ("superuser of system:masters", true),
            ("bob", false),
            // The authorizer lets him escalate; he holds nothing.
            ("steve", true),
            // Holds it all, and nothing that says escalate by name.
            ("alice", true),
        ] {
            assert_eq!(
                writes(who, resource, namespace),
                [expected; 2],
                "{who} {resource}"
            );
        }
    }
}

/// The example of the documentation: `user-1` hands out `admin`, `edit` and `view` in one namespace.
#[test]
fn bind_lets_somebody_give_roles_that_he_does_not_hold() {
    let world = World::default()
        .role("", "admin", &["* * *"])
        .role("", "view", &["get - pods"])
        .role("", "other", &["get - pods"])
        .role(
            "",
            "role-grantor",
            &[
                "create rbac.authorization.k8s.io rolebindings",
                "bind rbac.authorization.k8s.io clusterroles admin,edit,view",
            ],
        )
        .bind(
            "user-1-namespace",
            "ClusterRole/role-grantor",
            &["User:user-1"],
        );
    let binds = |role: &str, namespace: &str| {
        let role_ref = RoleRef {
            api_group: RBAC_GROUP.to_owned(),
            kind: "ClusterRole".to_owned(),
            name: role.to_owned(),
        };
        confirm_binding(&world.0, &user("user-1"), namespace, &role_ref)
    };
    for role in ["admin", "edit", "view"] {
        // A role that may be bound need not exist yet: `edit` does not.
        assert_eq!(binds(role, "user-1-namespace"), Ok(()), "{role}");
    }
    assert!(matches!(
        binds("other", "user-1-namespace"),
        Err(Refusal::Uncovered(_))
    ));
    assert!(matches!(
        binds("view", "elsewhere"),
        Err(Refusal::Uncovered(_))
    ));
    assert!(matches!(binds("view", ""), Err(Refusal::Uncovered(_))));
}
