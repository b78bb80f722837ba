//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/>, example by example.

use crate::notation::World;

/// "Role example", "ClusterRole example", "RoleBinding examples", "ClusterRoleBinding example".
#[test]
fn roles_and_bindings() {
    let world = World::default()
        .role("default", "pod-reader", &["get,watch,list - pods"])
        .role("", "secret-reader", &["get,watch,list - secrets"])
        .bind("default", "Role/pod-reader", &["User:jane"])
        .bind("development", "ClusterRole/secret-reader", &["User:dave"])
        .bind("", "ClusterRole/secret-reader", &["Group:manager"]);
    world.may("jane", &["list - pods in default"]);
    world.may_not(
        "jane",
        &[
            "list - pods in other",
            "list - pods",
            "delete - pods in default",
        ],
    );
    // "Even though this RoleBinding refers to a ClusterRole, dave will only be able to read Secrets
    // in the development namespace".
    world.may("dave", &["get - secrets in development named x"]);
    world.may_not(
        "dave",
        &["get - secrets in default named x", "list - secrets"],
    );
    world.may(
        "x of manager",
        &["list - secrets", "get - secrets in any named x"],
    );
}

/// "Referring to resources".
#[test]
fn resources_are_named() {
    let world = World::default()
        .role("default", "logs", &["get,list - pods,pods/log"])
        .role(
            "default",
            "configmap-updater",
            &["update,get - configmaps my-configmap"],
        )
        .bind("default", "Role/logs", &["User:reader"])
        .bind("default", "Role/configmap-updater", &["User:updater"]);
    world.may(
        "reader",
        &[
            "get - pods in default named a",
            "get - pods/log in default named a",
        ],
    );
    world.may(
        "updater",
        &["update - configmaps in default named my-configmap"],
    );
    world.may_not("updater", &["update - configmaps in default named other"]);
}

/// "You cannot restrict create or deletecollection requests by their resource name".
#[test]
fn what_has_no_name_is_not_granted_by_name() {
    let world = World::default()
        .role(
            "default",
            "named",
            &["create,deletecollection,list - configmaps my-configmap"],
        )
        .bind("default", "Role/named", &["User:ana"]);
    world.may_not(
        "ana",
        &[
            "create - configmaps in default",
            "deletecollection - configmaps in default",
            "list - configmaps in default",
        ],
    );
    // "If you restrict list or watch by resourceName, clients must include a metadata.name field
    // selector": then the request has the name.
    world.may("ana", &["list - configmaps in default named my-configmap"]);
}

/// "Using wildcards".
#[test]
fn stars_stand_for_everything() {
    let world = World::default()
        .role("default", "example.com-superuser", &["* example.com *"])
        .bind("default", "Role/example.com-superuser", &["User:ana"]);
    world.may(
        "ana",
        &["anything example.com things/status in default named x"],
    );
    world.may_not(
        "ana",
        &["get - pods in default", "get other.com things in default"],
    );
}

/// "Role examples".
#[test]
fn rules() {
    let world = World::default()
        .role(
            "",
            "examples",
            &[
                "get,list,watch,create,update,patch,delete apps deployments",
                "get,list,watch - pods",
                "get,list,watch,create,update,patch,delete batch jobs",
                "get - configmaps my-config",
                "get,list,watch - nodes",
                "get,post url /healthz,/healthz/*",
            ],
        )
        .bind("", "ClusterRole/examples", &["User:ana"]);
    world.may(
        "ana",
        &[
            "patch apps deployments in a named x",
            "watch - pods in a",
            "delete batch jobs in a named x",
            "get - configmaps in a named my-config",
            "list - nodes",
            "get /healthz",
            "post /healthz/ping",
        ],
    );
    world.may_not(
        "ana",
        &[
            "patch - deployments in a named x",
            "delete - pods in a named x",
            "get - configmaps in a named other",
            "delete - nodes named x",
            "head /healthz",
            "get /healthzz",
        ],
    );
}

/// "Referring to subjects" and "RoleBinding examples" there.
#[test]
fn subjects() {
    let world = World::default().role("", "r", &["get - pods"]).bind(
        "qa",
        "ClusterRole/r",
        &[
            "User:alice@example.com",
            "Group:frontend-admins",
            "ServiceAccount:kube-system/default",
            "Group:system:serviceaccounts:qa",
        ],
    );
    let pods = ["get - pods in qa named x"];
    world.may("alice@example.com", &pods);
    world.may("x of frontend-admins", &pods);
    world.may("system:serviceaccount:kube-system:default", &pods);
    let account =
        "system:serviceaccount:qa:any of system:serviceaccounts,system:serviceaccounts:qa";
    world.may(account, &pods);
    world.may_not("alice", &pods);
    world.may_not("frontend-admins", &pods);
    // "system:serviceaccount: (singular) is the prefix for service account usernames;
    // system:serviceaccounts: (plural) is the prefix for service account groups".
    world.may_not("system:serviceaccount:qa:any", &pods);
}

/// "Default roles and role bindings": what the platform's own give, as the tables there say.
#[test]
fn default_roles() {
    let mut world = World::default();
    world.0.lay_bootstrap().unwrap();
    let world = world
        .bind("a", "ClusterRole/admin", &["User:admin"])
        .bind("a", "ClusterRole/edit", &["User:edit"])
        .bind("a", "ClusterRole/view", &["User:view"])
        .bind("", "ClusterRole/cluster-admin", &["User:root"]);
    world.may(
        "root",
        &[
            "anything any.group things/sub in a named x",
            "get /anything",
        ],
    );
    let view = [
        "get - pods in a named x",
        "list - configmaps in a",
        "get - pods/log in a named x",
    ];
    let edit = [
        "get - secrets in a named x",
        "create - pods/exec in a named x",
        "impersonate - serviceaccounts in a named x",
        "delete apps deployments in a named x",
    ];
    let admin = [
        "create rbac.authorization.k8s.io roles in a",
        "update rbac.authorization.k8s.io rolebindings in a named x",
        "create authorization.k8s.io localsubjectaccessreviews in a",
    ];
    for (who, may, may_not) in [
        ("admin", [&view[..], &edit, &admin].concat(), vec![]),
        ("edit", [&view[..], &edit].concat(), admin.to_vec()),
        ("view", view.to_vec(), [&edit[..], &admin].concat()),
    ] {
        world.may(who, &may);
        world.may_not(who, &may_not);
        // None of them reaches out of its namespace, or the quota and the namespace itself.
        world.may_not(
            who,
            &[
                "get - pods in b named x",
                "list - pods",
                "update - resourcequotas in a named x",
            ],
        );
        world.may_not(who, &["delete - namespaces in a named a"]);
    }
    world.may(
        "x of system:authenticated",
        &["get /api/v1", "get /version"],
    );
    world.may(
        "x of system:authenticated",
        &["create authorization.k8s.io selfsubjectaccessreviews"],
    );
    world.may(
        "system:anonymous of system:unauthenticated",
        &["get /healthz", "get /livez"],
    );
    world.may_not(
        "system:anonymous of system:unauthenticated",
        &["get /api/v1"],
    );
}
