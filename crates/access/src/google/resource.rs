//! Resources as questions name them, and which policies are in effect on each.
//!
//! Google: `iam/docs/full-resource-names`, `iam/docs/resource-hierarchy-access-control`.

/// A resource, by its name without the host: `projects/P/secrets/S`, `buckets/B/objects/a/b`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource {
    name: String,
    /// The project of a bucket, where whoever asks named it: the bucket's own name does not tell.
    bucket_project: Option<String>,
}

/// A text that names no resource.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` names no resource of Google")]
pub struct InvalidResource {
    /// What was written.
    pub text: String,
}

/// Where the hierarchy begins.
const ROOTS: [&str; 5] = [
    "projects",
    "folders",
    "organizations",
    "buckets",
    "billingAccounts",
];

/// Collections whose members have no policy of their own: what is granted on them is granted
/// above.
const WITHOUT_POLICY: [&str; 11] = [
    "locations",
    "regions",
    "zones",
    "objects",
    "versions",
    "keys",
    "cryptoKeyVersions",
    "operations",
    "evaluations",
    "datasetVersions",
    "annotations",
];

impl Resource {
    /// Reads a full resource name (`//storage.googleapis.com/projects/_/buckets/B`), the same
    /// without its host, or `gs://B`. A bucket written with its project, `projects/P/buckets/B`,
    /// is known to be in it; so is one as Cloud Asset Inventory names it,
    /// `//storage.googleapis.com/B`. What is named in full, and unlike those above, keeps its host.
    ///
    /// # Errors
    /// Where the name does not begin as Google's do, or ends in the middle.
    pub fn parse(text: &str) -> Result<Self, InvalidResource> {
        let invalid = || InvalidResource {
            text: text.to_owned(),
        };
        let name = match (text.strip_prefix("//"), text.strip_prefix("gs://")) {
            (Some(full), _) => match full.split_once('/').ok_or_else(invalid)? {
                ("storage.googleapis.com", bucket) if !bucket.contains('/') => {
                    format!("buckets/{bucket}")
                }
                (host, path) if is_foreign(host, path) => return Self::foreign(text),
                (_, path) => path.to_owned(),
            },
            (_, Some(bucket)) => match bucket.trim_end_matches('/').split_once('/') {
                Some((bucket, object)) => format!("buckets/{bucket}/objects/{object}"),
                None => format!("buckets/{}", bucket.trim_end_matches('/')),
            },
            (None, None) => text.to_owned(),
        };
        let mut parts = name.splitn(3, '/');
        let (first, second) = (parts.next().unwrap_or_default(), parts.next());
        let within = parts.next().filter(|rest| rest.starts_with("buckets/"));
        let (name, bucket_project) = match (first, second, within) {
            ("projects", Some("_"), Some(bucket)) => (bucket.to_owned(), None),
            ("projects", Some(project), Some(bucket)) => {
                (bucket.to_owned(), Some(project.to_owned()))
            }
            _ => (name.clone(), None),
        };
        let whole = !name.split('/').any(str::is_empty) && name.split('/').count() % 2 == 0;
        let is_object = matches!(collections(&name).get(..2), Some(["buckets", "objects"]));
        let root = name.split('/').next().unwrap_or_default();
        if !ROOTS.contains(&root) || !(whole || is_object) {
            return Err(invalid());
        }
        Ok(Self {
            name: folded(&name),
            bucket_project,
        })
    }

    /// What services name in ways of their own.
    fn foreign(text: &str) -> Result<Self, InvalidResource> {
        let (_, path) = text.rsplit_once("googleapis.com/").unwrap_or_default();
        if path.is_empty() || path.split('/').any(str::is_empty) {
            return Err(InvalidResource {
                text: text.to_owned(),
            });
        }
        Ok(Self {
            name: text.to_owned(),
            bucket_project: None,
        })
    }

    /// Whether it is named with its host, so that the name tells nothing of what it is in.
    pub(super) fn is_foreign(&self) -> bool {
        self.name.starts_with("//")
    }

    /// Its name without the host.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// The full name, with the host, where its service is known by its name alone.
    pub(crate) fn bucket(&self) -> Option<&str> {
        self.name.strip_prefix("buckets/")?.split('/').next()
    }

    /// Those of it and what it is in that may have a policy, nearest first, as far as the name
    /// tells: an object's are its bucket's.
    pub fn holders(&self) -> Vec<String> {
        if let Some(bucket) = self.bucket() {
            let project = self.bucket_project.as_ref();
            let project = project.map(|project| format!("projects/{project}"));
            return std::iter::once(format!("buckets/{bucket}"))
                .chain(project)
                .collect();
        }
        if self.is_foreign() {
            let mut parts = self.name.trim_start_matches('/').split('/').skip(1);
            let project = match (parts.next(), parts.next()) {
                (Some("projects"), Some(project)) => Some(format!("projects/{project}")),
                _ => None,
            };
            return std::iter::once(self.name.clone()).chain(project).collect();
        }
        let parts: Vec<&str> = self.name.split('/').collect();
        (1..=parts.len() / 2)
            .rev()
            .filter_map(|pairs| parts.get(..pairs * 2))
            .filter(|parts| may_have_policy(parts))
            .map(|parts| parts.join("/"))
            .collect()
    }
}

/// Whether a full name is of a service that names its resources in a way of its own.
fn is_foreign(host: &str, path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let root = parts.first().copied().unwrap_or_default();
    // Such as Apigee's, which are no organizations of the hierarchy.
    let is_namesake = root == "organizations" && host != "cloudresourcemanager.googleapis.com";
    let is_pairs = parts.len().is_multiple_of(2) && ROOTS.contains(&root) && !is_namesake;
    let is_object = matches!(parts.get(..4), Some(["projects", _, "buckets", _]));
    host.ends_with(".googleapis.com") && !is_pairs && !is_object
}

/// A service account goes by its address, whose case does not count, in the project that the
/// address tells.
fn folded(name: &str) -> String {
    match name.split('/').collect::<Vec<_>>().as_slice() {
        ["projects", project, "serviceAccounts", email, rest @ ..] => {
            let email = email.to_lowercase();
            let own = match *project {
                "-" => project_of_account(&email),
                _ => None,
            };
            let project = own.as_deref().unwrap_or(project);
            let mut name = format!("projects/{project}/serviceAccounts/{email}");
            for part in rest {
                name.push('/');
                name.push_str(part);
            }
            name
        }
        _ => name.to_owned(),
    }
}

/// The project that a service account's address tells.
pub(crate) fn project_of_account(email: &str) -> Option<String> {
    let (local, host) = email.split_once('@')?;
    if host == "appspot.gserviceaccount.com" {
        return Some(local.to_owned());
    }
    let owner = host.strip_suffix(".iam.gserviceaccount.com")?;
    Some(match owner.split_once('.') {
        Some((id, domain)) => format!("{domain}:{id}"),
        None => owner.to_owned(),
    })
}

fn may_have_policy(parts: &[&str]) -> bool {
    match parts {
        // A GKE cluster: access to what is in it is granted on its project.
        ["projects", _, "locations", _, "clusters", _] => false,
        [.., collection, _] => !WITHOUT_POLICY.contains(collection),
        _ => false,
    }
}

fn collections(name: &str) -> Vec<&str> {
    name.split('/').step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_every_spelling() {
        for (text, name) in [
            ("//storage.googleapis.com/projects/_/buckets/b", "buckets/b"),
            (
                "projects/_/buckets/b/objects/a/b c",
                "buckets/b/objects/a/b c",
            ),
            ("gs://b", "buckets/b"),
            ("//storage.googleapis.com/b", "buckets/b"),
            (
                "//cloudbilling.googleapis.com/billingAccounts/01-02",
                "billingAccounts/01-02",
            ),
            (
                "//apigee.googleapis.com/organizations/1",
                "//apigee.googleapis.com/organizations/1",
            ),
            (
                "//compute.googleapis.com/projects/p/global/images/i",
                "//compute.googleapis.com/projects/p/global/images/i",
            ),
            ("gs://b/a/x", "buckets/b/objects/a/x"),
            (
                "//cloudresourcemanager.googleapis.com/projects/p",
                "projects/p",
            ),
            (
                "projects/-/serviceAccounts/A@P-1.iam.gserviceaccount.com",
                "projects/p-1/serviceAccounts/a@p-1.iam.gserviceaccount.com",
            ),
        ] {
            assert_eq!(Resource::parse(text).unwrap().as_str(), name, "{text}");
        }
        for text in [
            "",
            "b",
            "projects",
            "projects//x/y",
            "//host",
            "secrets/s",
            "projects/p/secrets",
        ] {
            assert!(Resource::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_has_no_policy_is_skipped() {
        for (text, holders) in [
            (
                "projects/p/secrets/s/versions/1",
                &["projects/p/secrets/s", "projects/p"][..],
            ),
            (
                "projects/p/locations/l/featureOnlineStores/f/featureViews/v",
                &[
                    "projects/p/locations/l/featureOnlineStores/f/featureViews/v",
                    "projects/p/locations/l/featureOnlineStores/f",
                    "projects/p",
                ],
            ),
            ("projects/p/locations/l/clusters/c", &["projects/p"]),
            ("gs://b/objects/x", &["buckets/b"]),
            ("projects/p/buckets/b", &["buckets/b", "projects/p"]),
            ("organizations/1", &["organizations/1"]),
            (
                "//compute.googleapis.com/projects/p/global/images/i",
                &[
                    "//compute.googleapis.com/projects/p/global/images/i",
                    "projects/p",
                ],
            ),
            (
                "//apigee.googleapis.com/organizations/1",
                &["//apigee.googleapis.com/organizations/1"],
            ),
        ] {
            assert_eq!(Resource::parse(text).unwrap().holders(), holders, "{text}");
        }
    }
}
