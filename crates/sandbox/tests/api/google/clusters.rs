//! GKE clusters.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::client::{owner, strict};

const CLUSTERS: &str = "/google/container/v1/projects/acme-ml/locations/us-central1/clusters";

#[test]
fn a_cluster_is_the_sandboxs_own_kubernetes() {
    let cluster = "projects/acme-ml/locations/us-central1/clusters/train";
    let sandbox = strict().google_resource(cluster).start().unwrap();
    let client = owner(&sandbox);
    let shown = client.get(&format!("{CLUSTERS}/train")).reply();
    assert_eq!(shown["endpoint"], sandbox.url());
    assert_eq!(
        shown["workloadIdentityConfig"]["workloadPool"],
        "acme-ml.svc.id.goog"
    );
    let certificate = shown["masterAuth"]["clusterCaCertificate"]
        .as_str()
        .unwrap();
    let pem = String::from_utf8(STANDARD.decode(certificate).unwrap()).unwrap();
    let body = pem
        .strip_prefix("-----BEGIN CERTIFICATE-----")
        .and_then(|rest| rest.trim_end().strip_suffix("-----END CERTIFICATE-----"))
        .unwrap();
    let der = STANDARD.decode(body.replace('\n', "")).unwrap();
    assert_eq!(der[0], 0x30, "a DER sequence");

    let zonal = CLUSTERS.replace("/locations/", "/zones/");
    assert_eq!(client.get(&format!("{zonal}/train")).reply(), shown);
    assert_eq!(client.get(CLUSTERS).reply()["clusters"][0], shown);
    let everywhere = CLUSTERS.replace("us-central1", "-");
    assert_eq!(client.get(&everywhere).reply()["clusters"][0], shown);
    client
        .get(&format!("{CLUSTERS}/other"))
        .refused(404, "NOT_FOUND", "clusters/other");
}
