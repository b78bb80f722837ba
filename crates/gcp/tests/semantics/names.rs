//! Names of resources: every row of the table reads its own names, and says where they are served.

use rbacform_gcp::target::{Api, ResourceName, Verb, targets};

/// A name that fits a pattern.
fn example(pattern: &str) -> String {
    let parts = pattern.split('/').map(|part| match part {
        "{project}" => "acme-ml",
        "{folder}" | "{organization}" => "123",
        "{location}" => "europe-west4",
        "{service_account}" => "trainer@acme-ml.iam.gserviceaccount.com",
        part if part.starts_with('{') => "abc",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn every_row_reads_its_own_names_and_no_other_s() {
    for target in targets() {
        let text = example(target.pattern);
        let name = ResourceName::parse(&text).unwrap();
        assert_eq!(name.target().name, target.name, "{text}");
        assert_eq!(name.as_str(), text);
        for call in [target.get, target.set, target.test] {
            let path = name.path(call);
            assert!(!path.contains('{') && !path.starts_with('/'), "{path}");
        }
        assert!(!name.host().contains('{'), "{}", name.host());
        assert!(name.full().starts_with("//"), "{}", name.full());
        let again = ResourceName::parse(name.as_str()).unwrap();
        assert_eq!(again, name, "canonical once is canonical");
    }
}

#[test]
fn hosts_and_paths_are_those_of_google() {
    for (text, host, get, full) in [
        (
            "projects/acme-ml/locations/us-central1/models/7",
            "us-central1-aiplatform.googleapis.com",
            "v1/projects/acme-ml/locations/us-central1/models/7:getIamPolicy",
            "//aiplatform.googleapis.com/projects/acme-ml/locations/us-central1/models/7",
        ),
        (
            "projects/acme-ml/locations/us-central1/endpoints/7",
            "us-central1-aiplatform.googleapis.com",
            "v1beta1/projects/acme-ml/locations/us-central1/endpoints/7:getIamPolicy",
            "//aiplatform.googleapis.com/projects/acme-ml/locations/us-central1/endpoints/7",
        ),
        (
            "projects/acme-ml/locations/global/reasoningEngines/7",
            "aiplatform.googleapis.com",
            "v1/projects/acme-ml/locations/global/reasoningEngines/7:getIamPolicy",
            "//aiplatform.googleapis.com/projects/acme-ml/locations/global/reasoningEngines/7",
        ),
        (
            "projects/acme-ml/locations/europe-west4/secrets/token",
            "secretmanager.europe-west4.rep.googleapis.com",
            "v1/projects/acme-ml/locations/europe-west4/secrets/token:getIamPolicy",
            "//secretmanager.googleapis.com/projects/acme-ml/locations/europe-west4/secrets/token",
        ),
        (
            "buckets/acme-data",
            "storage.googleapis.com",
            "storage/v1/b/acme-data/iam",
            "//storage.googleapis.com/projects/_/buckets/acme-data",
        ),
        (
            "projects/acme-ml/topics/a%b+c",
            "pubsub.googleapis.com",
            "v1/projects/acme-ml/topics/a%25b%2Bc:getIamPolicy",
            "//pubsub.googleapis.com/projects/acme-ml/topics/a%b+c",
        ),
        (
            "projects/123456789012",
            "cloudresourcemanager.googleapis.com",
            "v3/projects/123456789012:getIamPolicy",
            "//cloudresourcemanager.googleapis.com/projects/123456789012",
        ),
    ] {
        let name = ResourceName::parse(text).unwrap();
        assert_eq!(name.host(), host);
        assert_eq!(name.path(name.target().get), get);
        assert_eq!(name.full(), full);
    }
    let bucket = ResourceName::parse("buckets/acme-data").unwrap();
    assert_eq!(bucket.target().set.verb, Verb::Put);
    assert_eq!(bucket.project(), None);
}

#[test]
fn a_service_account_s_address_tells_its_project() {
    let email = "trainer@acme-ml.iam.gserviceaccount.com";
    let canonical = format!("projects/acme-ml/serviceAccounts/{email}");
    for project in ["acme-ml", "-", "123456789012"] {
        for email in [email, "Trainer@acme-ml.iam.gserviceaccount.com"] {
            let text = format!("projects/{project}/serviceAccounts/{email}");
            assert_eq!(ResourceName::parse(&text).unwrap().as_str(), canonical);
        }
    }
    let default =
        "projects/acme-ml/serviceAccounts/123456789012-compute@developer.gserviceaccount.com";
    assert_eq!(ResourceName::parse(default).unwrap().as_str(), default);
}

#[test]
fn names_that_would_leave_their_place_in_a_path_are_refused() {
    for text in [
        "projects/acme-ml/locations/us-central1/models/..",
        "projects/acme-ml/locations/us-central1/models/a?b",
        "projects/acme-ml/locations/us-central1/models/7:setIamPolicy",
        "projects/acme-ml/locations/evil.example.com#/models/7",
        "projects/acme-ml/serviceAccounts/a/b@acme-ml.iam.gserviceaccount.com",
        "projects/acme-ml/serviceAccounts/a?b@acme-ml.iam.gserviceaccount.com",
        "buckets/../x",
        "projects//topics/news",
        "",
    ] {
        assert!(ResourceName::parse(text).is_err(), "{text}");
    }
}

#[test]
fn every_family_has_an_override_of_its_own() {
    let names: Vec<&str> = Api::ALL.iter().map(|api| api.name()).collect();
    let mut distinct = names.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), names.len());
    assert!(
        targets()
            .iter()
            .all(|target| Api::ALL.contains(&target.api))
    );
}
