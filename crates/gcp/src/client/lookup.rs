//! Lookups: what other parts of a stack need to know of Google's world.

use http::StatusCode;
use rbacform_provider::ProviderError;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::errors::{refused, unreadable};
use super::http::{Call, Http};
use crate::target::{Api, ResourceName, TestPermissions, Verb};

/// Pages are followed no further than this.
const PAGES: usize = 1_000;

/// A project. `cloudresourcemanager.projects.get`, v3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its id, chosen by people.
    pub id: String,
    /// Its number, Google's own and never used again.
    pub number: String,
    /// The folder or organization that it is in; none where it stands by itself.
    pub parent: Option<String>,
}

/// A GKE cluster, as far as it takes to talk to it. `container.projects.locations.clusters.get`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// The address of its control plane, an IP address; empty where there is none.
    pub endpoint: String,
    /// The DNS name of its control plane, where it may be reached from outside by it. Its
    /// certificate is one that everybody's authorities vouch for.
    pub dns_endpoint: Option<String>,
    /// The certificate authority of `endpoint`: PEM in base64.
    pub ca_certificate: String,
    /// The Workload Identity pool, `PROJECT.svc.id.goog`, where the cluster has one.
    pub workload_pool: Option<String>,
    /// The server's version, e.g. `1.34.1-gke.1000`.
    pub version: String,
    /// The cluster's own id.
    pub id: String,
}

/// One of a project's GKE clusters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedCluster {
    /// Its region or zone.
    pub location: String,
    /// Its name.
    pub name: String,
    /// Its Workload Identity pool, where it has one.
    pub workload_pool: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProjectReply {
    name: String,
    project_id: String,
    #[serde(default)]
    parent: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FolderReply {
    parent: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ClusterReply {
    name: String,
    location: String,
    endpoint: String,
    id: String,
    current_master_version: String,
    master_auth: MasterAuth,
    workload_identity_config: WorkloadIdentityConfig,
    control_plane_endpoints_config: ControlPlaneEndpointsConfig,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ClustersReply {
    clusters: Vec<ClusterReply>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct MasterAuth {
    cluster_ca_certificate: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WorkloadIdentityConfig {
    workload_pool: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ControlPlaneEndpointsConfig {
    dns_endpoint_config: DnsEndpointConfig,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct DnsEndpointConfig {
    endpoint: String,
    allow_external_traffic: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Permissions {
    permissions: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct GrantableRoles {
    roles: Vec<GrantableRole>,
    next_page_token: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct GrantableRole {
    name: String,
}

impl Http {
    /// A project by its id or number.
    pub(crate) async fn project(&self, project: &str) -> Result<Project, ProviderError> {
        let about = format!("projects/{project}");
        let call = Call::get(Api::CloudResourceManager, format!("v3/{about}"), &about);
        let reply: ProjectReply = self.fetch(&call).await?;
        let number = reply.name.strip_prefix("projects/").unwrap_or_default();
        if number.is_empty() || reply.project_id.is_empty() {
            return Err(unreadable(&about));
        }
        Ok(Project {
            id: reply.project_id,
            number: number.to_owned(),
            parent: some(reply.parent),
        })
    }

    /// The folder or organization that a folder, `folders/N`, is in.
    pub(crate) async fn folder_parent(&self, folder: &str) -> Result<String, ProviderError> {
        let call = Call::get(Api::CloudResourceManager, format!("v3/{folder}"), folder);
        let reply: FolderReply = self.fetch(&call).await?;
        some(reply.parent).ok_or_else(|| unreadable(folder))
    }

    /// A GKE cluster.
    pub(crate) async fn cluster(
        &self,
        project: &str,
        location: &str,
        cluster: &str,
    ) -> Result<Cluster, ProviderError> {
        let about = format!("projects/{project}/locations/{location}/clusters/{cluster}");
        let call = Call::get(Api::Container, format!("v1/{about}"), &about);
        let reply: ClusterReply = self.fetch(&call).await?;
        let dns = reply.control_plane_endpoints_config.dns_endpoint_config;
        let cluster = Cluster {
            endpoint: reply.endpoint,
            dns_endpoint: some(dns.endpoint).filter(|_| dns.allow_external_traffic),
            ca_certificate: reply.master_auth.cluster_ca_certificate,
            workload_pool: some(reply.workload_identity_config.workload_pool),
            version: reply.current_master_version,
            id: reply.id,
        };
        match cluster.endpoint.is_empty() && cluster.dns_endpoint.is_none() {
            true => Err(unreadable(&about)),
            false => Ok(cluster),
        }
    }

    /// Every GKE cluster of a project, wherever it is. `container.projects.locations.clusters.list`.
    pub(crate) async fn clusters(
        &self,
        project: &str,
    ) -> Result<Vec<ListedCluster>, ProviderError> {
        let about = format!("projects/{project}/locations/-/clusters");
        let call = Call::get(Api::Container, format!("v1/{about}"), &about);
        let reply: ClustersReply = self.fetch(&call).await?;
        let mut found: Vec<ListedCluster> = reply
            .clusters
            .into_iter()
            .map(|cluster| ListedCluster {
                location: cluster.location,
                name: cluster.name,
                workload_pool: some(cluster.workload_identity_config.workload_pool),
            })
            .collect();
        found.sort();
        Ok(found)
    }

    /// Which of these permissions the caller holds on a resource, in the order asked.
    pub(crate) async fn test_permissions(
        &self,
        name: &ResourceName,
        permissions: &[&str],
    ) -> Result<Vec<String>, ProviderError> {
        let target = name.target();
        let mut path = name.path(target.test);
        let mut body = None;
        match target.test_permissions {
            TestPermissions::Body => body = Some(json!({ "permissions": permissions })),
            TestPermissions::Query => {
                for (index, permission) in permissions.iter().enumerate() {
                    path.push(if index == 0 { '?' } else { '&' });
                    path.push_str("permissions=");
                    path.push_str(permission);
                }
            }
        }
        let call = Call {
            host: name.host(),
            method: method(target.test.verb),
            body,
            ..Call::get(target.api, path, name.as_str())
        };
        let held: Permissions = self.fetch(&call).await?;
        let asked = permissions.iter();
        Ok(asked
            .filter(|permission| held.permissions.iter().any(|held| held == *permission))
            .map(|permission| (*permission).to_owned())
            .collect())
    }

    /// The names of every role that can be granted on a resource. `iam.roles.queryGrantableRoles`.
    pub(crate) async fn grantable_roles(
        &self,
        name: &ResourceName,
    ) -> Result<Vec<String>, ProviderError> {
        let mut roles = Vec::new();
        let mut next = String::new();
        for _ in 0..PAGES {
            let body = json!({
                "fullResourceName": name.full(), "view": "BASIC", "pageSize": 1000,
                "pageToken": next,
            });
            let call = Call {
                method: http::Method::POST,
                body: Some(body),
                ..Call::get(
                    Api::Iam,
                    "v1/roles:queryGrantableRoles".to_owned(),
                    name.as_str(),
                )
            };
            let page: GrantableRoles = self.fetch(&call).await?;
            roles.extend(page.roles.into_iter().map(|role| role.name));
            next = page.next_page_token;
            if next.is_empty() {
                roles.sort();
                return Ok(roles);
            }
        }
        Err(unreadable(name.as_str()))
    }

    /// Reads what a call is about.
    pub(super) async fn fetch<T: DeserializeOwned>(&self, call: &Call) -> Result<T, ProviderError> {
        let reply = self.repeat(call).await?;
        match reply.status {
            StatusCode::OK => {
                serde_json::from_slice(&reply.body).map_err(|_| unreadable(&call.about))
            }
            _ => Err(refused(&reply, &call.about)),
        }
    }

    /// The same; `None` where it does not exist.
    pub(super) async fn fetch_if_there<T: DeserializeOwned>(
        &self,
        call: &Call,
    ) -> Result<Option<T>, ProviderError> {
        let reply = self.repeat(call).await?;
        match reply.status {
            StatusCode::OK => serde_json::from_slice(&reply.body)
                .map(Some)
                .map_err(|_| unreadable(&call.about)),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(refused(&reply, &call.about)),
        }
    }
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// The verb as HTTP knows it.
pub(super) fn method(verb: Verb) -> http::Method {
    match verb {
        Verb::Get => http::Method::GET,
        Verb::Post => http::Method::POST,
        Verb::Put => http::Method::PUT,
    }
}
