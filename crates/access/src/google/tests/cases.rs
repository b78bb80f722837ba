//! Google's published behaviour, case by case, with the page that says so.

use serde_json::{Value, json};

use super::world::{NOW, decide, facts, roles, told};
use crate::google::{Decision, Evaluator, Facts, Principal};

/// `iam/docs/resource-hierarchy-access-control`, "Background": example.com's organization, folder,
/// project and bucket, each read whole.
fn example() -> Value {
    json!([
        {"name": "//cloudresourcemanager.googleapis.com/organizations/1", "ancestors": ["organizations/1"],
         "iamPolicy": {"bindings": [
            {"role": "roles/storage.objectViewer", "members": ["user:top@example.com"]}]}},
        {"name": "//cloudresourcemanager.googleapis.com/folders/2", "ancestors": ["folders/2", "organizations/1"],
         "iamPolicy": {"bindings": [
            {"role": "roles/storage.objectViewer", "members": ["group:team@example.com", "domain:example.com"]}]}},
        {"name": "//cloudresourcemanager.googleapis.com/projects/acme-ml",
         "ancestors": ["projects/42", "folders/2", "organizations/1"],
         "iamPolicy": {"bindings": [
            {"role": "roles/owner", "members": ["user:olga@other.org"]},
            {"role": "projects/acme-ml/roles/lister", "members": ["user:lee@other.org"]},
            {"role": "projects/acme-ml/roles/gone", "members": ["user:lee@other.org"]},
            {"role": "roles/unheard.of", "members": ["user:una@other.org"]},
            {"role": "roles/storage.objectViewer", "members": ["serviceAccount:bot@acme-ml.iam.gserviceaccount.com"],
             "condition": {"title": "t", "expression": "resource.name.startsWith('projects/_/buckets/b/objects/in/')"}}]}},
        {"name": "//storage.googleapis.com/projects/_/buckets/b",
         "ancestors": ["projects/42", "folders/2", "organizations/1"],
         "iamPolicy": {"bindings": [
            {"role": "roles/storage.objectViewer", "members": ["projectOwner:acme-ml", "deleted:user:dee@other.org?uid=1"]},
            {"role": "roles/storage.objectCreator", "members": ["allAuthenticatedUsers"]},
            {"role": "roles/storage.objectViewer", "members": ["user:eva@other.org"],
             "condition": {"title": "ended", "expression": "request.time < timestamp('2026-07-01T00:00:00Z')"}},
            {"role": "roles/storage.objectViewer", "members": ["user:tag@other.org"],
             "condition": {"title": "tags", "expression": "resource.matchTag('1/env', 'prod')"}}]}},
        {"name": "projects/acme-ml/roles/lister", "includedPermissions": ["storage.objects.list"]},
        {"name": "projects/acme-ml/roles/gone", "includedPermissions": ["storage.objects.get"], "deleted": true},
        {"group": "group:team@example.com", "members": ["user:ann@other.org", "group:inner@example.com"]},
        {"group": "group:inner@example.com", "members": ["user:ivo@other.org", "group:team@example.com"]}
    ])
}

const GET: &str = "storage.objects.get";
const LIST: &str = "storage.objects.list";
const BUCKET: &str = "//storage.googleapis.com/projects/_/buckets/b";

#[test]
fn allow_policies_are_inherited_and_conditions_hold_or_do_not() {
    let facts = facts(example());
    let whom = "whom `domain:example.com` stands for";
    for (who, permission, resource, expected) in [
        // resource-hierarchy-access-control: "The effective policy is the union".
        ("user:top@example.com", GET, BUCKET, "yes"),
        ("user:ann@other.org", GET, BUCKET, "yes"),
        ("user:ivo@other.org", GET, "gs://b/o", "yes"),
        ("user:olga@other.org", LIST, BUCKET, "yes"),
        ("user:top@example.com", GET, "organizations/1", "yes"),
        // A grant on what is below says nothing of what is above.
        ("user:olga@other.org", LIST, "folders/2", whom),
        // "Group membership" is by the group's own members; a domain may be anybody's.
        ("user:zoe@other.org", GET, BUCKET, whom),
        ("group:team@example.com", GET, BUCKET, "yes"),
        // A service account is no member of a domain, and here of no group.
        (
            "serviceAccount:x@acme-ml.iam.gserviceaccount.com",
            GET,
            "folders/2",
            "no",
        ),
        // principals-overview: no federated identity is an authenticated user.
        (
            "user:zoe@other.org",
            "storage.objects.create",
            BUCKET,
            "yes",
        ),
        (
            "serviceAccount:p-one.svc.id.goog[ns/a]",
            "storage.objects.create",
            BUCKET,
            "no",
        ),
        ("allUsers", "storage.objects.create", BUCKET, "no"),
        // roles-overview: custom roles; a deleted one "remains bound but is inactive".
        ("user:lee@other.org", LIST, BUCKET, "yes"),
        ("user:lee@other.org", GET, BUCKET, whom),
        // conditions-overview: the grant counts while its condition is true.
        ("user:eva@other.org", GET, BUCKET, whom),
        (
            "serviceAccount:bot@acme-ml.iam.gserviceaccount.com",
            GET,
            "gs://b/in/x",
            "yes",
        ),
        (
            "serviceAccount:bot@acme-ml.iam.gserviceaccount.com",
            GET,
            "gs://b/out/x",
            "no",
        ),
    ] {
        assert_eq!(
            told(&facts, who, permission, resource),
            expected,
            "{who} {permission} {resource}"
        );
    }
    let tags = told(&facts, "user:tag@other.org", GET, BUCKET);
    assert!(
        tags.contains("`resource`, which the condition `resource.matchTag('1/env', 'prod')`"),
        "{tags}"
    );
    let una = told(&facts, "user:una@other.org", GET, BUCKET);
    assert!(una.contains("what `roles/unheard.of` holds"), "{una}");
}

#[test]
fn a_grant_says_where_in_the_hierarchy_it_stands() {
    let facts = facts(example());
    let Decision::Allowed { via, unread } = decide(&facts, "user:ivo@other.org", GET, BUCKET)
    else {
        panic!("not allowed");
    };
    let told: Vec<(&str, &str)> = via
        .iter()
        .map(|grant| (grant.resource.as_str(), grant.member.as_str()))
        .collect();
    assert_eq!(told, [("folders/2", "group:team@example.com")]);
    let unread: Vec<String> = unread.iter().map(ToString::to_string).collect();
    assert_eq!(
        unread,
        [
            "the deny policies of `folders/2`",
            "the deny policies of `organizations/1`",
            "the deny policies of `projects/acme-ml`"
        ]
    );
}

#[test]
fn what_was_not_read_is_no_refusal() {
    let mut partial = Facts::default();
    partial
        .put_document(&json!({"name": "projects/acme-ml/secrets/s", "iamPolicy": {"bindings": []}}))
        .unwrap();
    assert_eq!(
        told(
            &partial,
            "user:ana@example.com",
            "secretmanager.versions.access",
            "projects/acme-ml/secrets/s/versions/1"
        ),
        "the whole policy of `projects/acme-ml`; the folder or organization that `projects/acme-ml` is in"
    );
    assert_eq!(
        told(&partial, "user:ana@example.com", GET, "gs://b"),
        "the whole policy of `buckets/b`; the project of `buckets/b`: name it as `projects/PROJECT/buckets/b`"
    );
}

/// `iam/docs/deny-overview`: example "Project deletion": everyone but the deleters' group, which is
/// an exception, and a service account.
#[test]
fn deny_policies_outweigh_every_role() {
    let denial = json!([
        {"name": "policies/cloudresourcemanager.googleapis.com%2Forganizations%2F1/denypolicies/d", "rules": [
            {"denyRule": {
                "deniedPrincipals": ["principalSet://goog/public:all"],
                "exceptionPrincipals": ["principalSet://goog/group/team@example.com"],
                "deniedPermissions": ["cloudresourcemanager.googleapis.com/projects.delete", "iam.googleapis.com/roles.*"]}},
            {"denyRule": {
                "deniedPrincipals": ["principal://goog/subject/olga@other.org"],
                "deniedPermissions": ["storage.googleapis.com/*.*"],
                "exceptionPermissions": ["storage.googleapis.com/objects.list"],
                "denialCondition": {"title": "t", "expression": "!resource.matchTag('1/env', 'test')"}}}]},
        {"name": "//cloudresourcemanager.googleapis.com/organizations/1", "ancestors": ["organizations/1"],
         "iamPolicy": {"bindings": [
            {"role": "roles/resourcemanager.projectDeleter", "members": ["user:ann@other.org", "user:zoe@other.org"]}]}}
    ]);
    let mut all = example();
    all.as_array_mut()
        .unwrap()
        .extend(denial.as_array().unwrap().iter().cloned());
    let facts = facts(all);
    let delete = "resourcemanager.projects.delete";
    for (who, permission, expected) in [
        ("user:olga@other.org", delete, "denied"),
        ("user:zoe@other.org", delete, "denied"),
        ("user:ann@other.org", delete, "yes"),
        ("user:olga@other.org", "iam.roles.create", "denied"),
        ("user:olga@other.org", "iam.serviceAccounts.actAs", "yes"),
        ("user:olga@other.org", LIST, "yes"),
    ] {
        assert_eq!(
            told(&facts, who, permission, "projects/acme-ml"),
            expected,
            "{who} {permission}"
        );
    }
    let conditional = told(&facts, "user:olga@other.org", GET, "projects/acme-ml");
    assert!(
        conditional.contains("the tags of the resource"),
        "{conditional}"
    );
    let Decision::Denied { by } = decide(&facts, "user:zoe@other.org", delete, "projects/42")
    else {
        panic!("not denied");
    };
    assert_eq!(by[0].0, "organizations/1");
    assert!(by[0].1.ends_with("/denypolicies/d"));
}

/// `iam/docs/principal-identifiers`, `kubernetes-engine/docs/how-to/workload-identity`.
#[test]
fn federated_principals_mean_whom_their_pool_says() {
    let pool =
        "iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/acme-ml.svc.id.goog";
    let trainer = "serviceAccount:acme-ml.svc.id.goog[training/trainer]";
    let other = "iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/github";
    let uid = format!("principal://{pool}/kubernetes.serviceaccount.uid/1");
    let attribute = format!("principalSet://{other}/attribute.repo/acme");
    let cannot_tell = |member: &str| format!("whom `{member}` stands for");
    for (member, who, expected) in [
        (trainer.to_owned(), trainer.to_owned(), "yes".to_owned()),
        (format!("principal://{pool}/subject/ns/training/sa/trainer"), trainer.to_owned(), "yes".to_owned()),
        (trainer.to_owned(), format!("principal://{pool}/subject/ns/training/sa/trainer"), "yes".to_owned()),
        (format!("principal://{pool}/subject/ns/training/sa/other"), trainer.to_owned(), "no".to_owned()),
        (format!("principalSet://{pool}/namespace/training"), trainer.to_owned(), "yes".to_owned()),
        (format!("principalSet://{pool}/namespace/serving"), trainer.to_owned(), "no".to_owned()),
        (format!("principalSet://{pool}/*"), trainer.to_owned(), "yes".to_owned()),
        (uid.clone(), trainer.to_owned(), cannot_tell(&uid)),
        (format!("principalSet://{other}/*"), trainer.to_owned(), "no".to_owned()),
        (format!("principalSet://{other}/*"), format!("principal://{other}/subject/x"), "yes".to_owned()),
        (attribute.clone(), format!("principal://{other}/subject/x"), cannot_tell(&attribute)),
        (format!("principal://{other}/subject/y"), format!("principal://{other}/subject/x"), "no".to_owned()),
        (
            "principalSet://cloudresourcemanager.googleapis.com/projects/42/type/ServiceAccount".to_owned(),
            "serviceAccount:a@acme-ml.iam.gserviceaccount.com".to_owned(),
            "yes".to_owned(),
        ),
        (
            "principalSet://cloudresourcemanager.googleapis.com/organizations/1/type/ServiceAccount".to_owned(),
            "serviceAccount:a@acme-ml.iam.gserviceaccount.com".to_owned(),
            "yes".to_owned(),
        ),
        (
            "principalSet://cloudresourcemanager.googleapis.com/organizations/1/type/ServiceAccount".to_owned(),
            "user:ana@example.com".to_owned(),
            "no".to_owned(),
        ),
        ("allUsers".to_owned(), trainer.to_owned(), "yes".to_owned()),
        ("user:Ana@Example.com".to_owned(), "user:ana@example.com".to_owned(), "yes".to_owned()),
    ] {
        let facts = facts(json!([
            {"name": "projects/acme-ml", "ancestors": ["projects/42", "organizations/1"], "iamPolicy": {"bindings": [
                {"role": "roles/storage.objectViewer", "members": [member]}]}},
            {"name": "organizations/1", "iamPolicy": {"bindings": []}}
        ]));
        assert_eq!(told(&facts, &who, GET, "projects/acme-ml"), expected, "{member} {who}");
    }
}

/// What somebody holds in a project where they have a role under a condition: `sure`, `begins`, or what
/// is missing.
fn held_while(resource: &str, expression: &str) -> Vec<String> {
    let facts = facts(
        json!([{"name": resource, "ancestors": ["projects/42"], "iamPolicy": {"bindings": [
        {"role": "roles/storage.objectViewer", "members": ["user:ana@x.org"],
         "condition": {"title": "t", "expression": expression}}]}}]),
    );
    let roles = roles();
    let evaluator = Evaluator {
        facts: &facts,
        roles: &roles,
        now: NOW,
    };
    let held = evaluator.holdings(&Principal::of("user:ana@x.org"));
    let told = held.into_iter().map(|held| match held.begins {
        Some(begins) => format!("begins {begins}"),
        None if held.missing.is_empty() => "sure".to_owned(),
        None => held.missing.iter().map(ToString::to_string).collect(),
    });
    told.collect()
}

#[test]
fn what_somebody_may_hold_elsewhere_or_later_is_no_nothing() {
    let within = |resource: &str, expression: &str| {
        format!("whether the condition `{expression}` holds of something in `{resource}`")
    };
    let project = "projects/acme-ml";
    let named = "resource.name.startsWith('projects/_/buckets/bbb/objects/')";
    assert_eq!(held_while(project, named), [within(project, named)]);
    let typed = "resource.type == 'storage.googleapis.com/Object'";
    assert_eq!(held_while(project, typed), [within(project, typed)]);
    assert_eq!(held_while("buckets/b", typed), [within("buckets/b", typed)]);
    let ahead = "request.time > timestamp('2028-01-01T00:00:00Z')";
    assert_eq!(held_while(project, ahead), ["begins 1830297600"]);
    let at_night = "request.time.getHours() > 22";
    let told = held_while(project, at_night).pop().unwrap();
    assert!(told.starts_with("the time of a request"), "{told}");
    assert_eq!(held_while(project, "resource.type != 'x'"), ["sure"]);
    // Over for good, and never so.
    let past = "request.time < timestamp('2020-01-01T00:00:00Z')";
    assert_eq!(held_while(project, past), [""; 0]);
    assert_eq!(held_while(project, "false"), [""; 0]);
    assert_eq!(held_while("buckets/b", "resource.name == 'x'"), [""; 0]);
}

#[test]
fn resources_are_known_as_cloud_asset_inventory_names_them() {
    let reader = |member: &str| {
        json!({"bindings": [
            {"role": "roles/storage.objectViewer", "members": [member]}]})
    };
    let facts = facts(json!([
        {"name": "//storage.googleapis.com/prod", "ancestors": ["projects/1", "organizations/2"],
         "iamPolicy": reader("user:ana@x.org")},
        {"name": "//cloudbilling.googleapis.com/billingAccounts/01-02",
         "ancestors": ["organizations/2"], "iamPolicy": reader("user:bo@x.org")},
        {"name": "//apigee.googleapis.com/organizations/2", "ancestors": ["projects/1"],
         "iamPolicy": reader("user:cy@x.org")},
        {"name": "//cloudresourcemanager.googleapis.com/projects/acme-ml",
         "ancestors": ["projects/1", "organizations/2"], "iamPolicy": reader("user:di@x.org")},
        {"name": "//cloudresourcemanager.googleapis.com/organizations/2",
         "ancestors": ["organizations/2"], "iamPolicy": reader("user:eli@x.org")}]));
    let billing = "//cloudbilling.googleapis.com/billingAccounts/01-02";
    let apigee = "//apigee.googleapis.com/organizations/2";
    for (who, resource, expected) in [
        ("user:ana@x.org", "gs://prod", "yes"),
        ("user:ana@x.org", "//storage.googleapis.com/prod", "yes"),
        ("user:di@x.org", "gs://prod", "yes"),
        ("user:bo@x.org", billing, "yes"),
        ("user:eli@x.org", billing, "yes"),
        ("user:di@x.org", billing, "no"),
        ("user:cy@x.org", apigee, "yes"),
        ("user:di@x.org", apigee, "yes"),
        ("user:cy@x.org", "organizations/2", "no"),
    ] {
        let told = told(&facts, who, "storage.objects.get", resource);
        assert_eq!(told, expected, "{who} {resource}");
    }
}
