//! GKE clusters: each is the sandbox's own Kubernetes API.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::call::{Call, list_json};
use super::clock::Moment;
use super::existence::create;
use super::failure::Failure;
use super::name;
use super::settings::OnFirstUse;
use super::target::CLUSTER;

/// A certificate of nobody: its key was thrown away. The sandbox speaks plain HTTP.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----
MIIBfDCCASGgAwIBAgIUaL7Q5vTds5OxED20CyVpBTog1YAwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHc2FuZGJveDAgFw0yNjExMjExNDQyMzVaGA8yMTI2MTAyODE0
NDIzNVowEjEQMA4GA1UEAwwHc2FuZGJveDBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABJESCF0Q9bpL8Ab+yJRkOAxgRDKQ90ozdmAV8xXSwsfpPGpb95Cyi5+a83ZJ
sWqjYdbm3fE+NX5imR5iIix2uo2jUzBRMB0GA1UdDgQWBBQb/g0/72K0d7csRKDx
mMf21kzO/zAfBgNVHSMEGDAWgBQb/g0/72K0d7csRKDxmMf21kzO/zAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQCsXZ7+DUkE6ISI2h0fFZ0cKrA6
j/r4xchtX2b0Lb5V0gIhAMDwWG+deS0kFSSVoQbaMer8DjmA1scxhhZzYqckjTAh
-----END CERTIFICATE-----
";

const VERSION: &str = "1.36.0-gke.1000000";

/// `projects.locations.clusters.get`, and its older spelling with `zones`.
pub(crate) fn get(call: &mut Call<'_>) -> Result<Value, Failure> {
    let asked = call.operation.name.replace("/zones/", "/locations/");
    let resource = call.in_project(&asked)?;
    let project = name::project_of(&resource).unwrap_or_default().to_owned();
    call.require("container.clusters.get", &format!("projects/{project}"))?;
    if call.cloud.created(&resource).is_none()
        && call.settings.on_first_use == OnFirstUse::CreateAll
    {
        create(call.cloud, &resource, call.now)?;
    }
    match call.cloud.created(&resource) {
        Some(created) => Ok(shown(call.url, &resource, created)),
        None => Err(Failure::not_found(format!("Not found: {resource}."))),
    }
}

/// `projects.locations.clusters.list`; the location `-` is all of them.
pub(crate) fn list(call: &mut Call<'_>) -> Result<Value, Failure> {
    let asked = call.operation.name.replace("/zones/", "/locations/");
    let within = call.in_project(&asked)?;
    let project = name::project_of(&within).unwrap_or_default();
    call.require("container.clusters.list", &format!("projects/{project}"))?;
    let location = name::segment_after(&within, "locations");
    let listed = call.cloud.resources().filter(|(resource, _)| {
        name::matches(CLUSTER, resource)
            && name::project_of(resource) == Some(project)
            && (location == "-" || name::segment_after(resource, "locations") == location)
    });
    let shown = listed.map(|(resource, created)| shown(call.url, resource, created));
    Ok(list_json("clusters", shown.collect(), None))
}

fn shown(url: &str, resource: &str, created: Moment) -> Value {
    let project = name::project_of(resource).unwrap_or_default();
    let location = name::segment_after(resource, "locations");
    json!({
        "name": name::last(resource),
        "location": location,
        "zone": location,
        "locations": [location],
        "status": "RUNNING",
        "createTime": created.to_text(),
        "initialClusterVersion": VERSION,
        "currentMasterVersion": VERSION,
        "currentNodeVersion": VERSION,
        "selfLink": format!("https://container.googleapis.com/v1/{resource}"),
        "endpoint": url,
        "masterAuth": {"clusterCaCertificate": STANDARD.encode(CERTIFICATE)},
        "controlPlaneEndpointsConfig": {
            "ipEndpointsConfig": {
                "enabled": true, "enablePublicEndpoint": true, "publicEndpoint": url,
            },
        },
        "workloadIdentityConfig": {"workloadPool": format!("{project}.svc.id.goog")},
    })
}
