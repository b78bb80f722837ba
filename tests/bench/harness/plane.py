"""A fresh real control plane, and what the benchmark asks of it outside the timed parts."""

import json
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from harness import audit, objects

CONTROL_PLANE = Path(__file__).resolve().parents[2] / "control-plane"

# Deleting a namespace takes five seconds on any cluster; this is for a busy machine.
GONE_TIMEOUT_SECONDS = 300


class Plane:
    """etcd, kube-apiserver and kube-controller-manager in a folder, until the `with` block ends.

    They end with this process however it ends: `plane` watches its stdin.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.kubeconfig = folder / "kubeconfig"
        self.authority = folder / "ca.crt"

    def __enter__(self) -> "Plane":
        subprocess.run([CONTROL_PLANE / "build"], check=True)
        self.process = subprocess.Popen(
            [CONTROL_PLANE / "bin" / "control-plane", "plane", self.folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        ready = self.process.stdout.readline()
        if not ready:
            raise RuntimeError("the control plane did not start")
        login = json.loads(ready)
        self.server, self.token = login["server"], login["admin_token"]
        self.trust = ssl.create_default_context(cafile=self.authority)
        self.audit = audit.Log(self.folder / "audit.log")
        return self

    def __exit__(self, *_) -> None:
        self.process.stdin.close()
        self.process.wait()

    def request(self, method: str, path: str) -> dict:
        """One request as the administrator; its JSON answer."""
        request = urllib.request.Request(self.server + path, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, context=self.trust) as answer:
            return json.load(answer)

    def contents(self, namespace: str) -> dict[str, dict]:
        """The objects of the benchmark in a namespace, keyed by kind and name, without what the server adds."""
        found = {}
        for kind in objects.KINDS:
            path = objects.collection(kind, namespace)
            if kind is objects.NAMESPACE:
                items = [self.request("GET", f"{path}/{namespace}")]
            else:
                items = self.request("GET", path)["items"]
            for item in items:
                if item["metadata"]["name"] not in ("default", "kube-root-ca.crt"):
                    found[f"{kind.name}/{item['metadata']['name']}"] = essence(item)
        return found

    def remove(self, namespace: str) -> None:
        """Deletes the namespace with all it holds, and waits until it is gone."""
        for kind in reversed(objects.KINDS[1:]):
            self.request("DELETE", objects.collection(kind, namespace))
        path = f"{objects.collection(objects.NAMESPACE)}/{namespace}"
        self.request("DELETE", path)
        deadline = time.monotonic() + GONE_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            try:
                self.request("GET", path)
            except urllib.error.HTTPError as error:
                if error.code == 404:
                    return
                raise
            time.sleep(0.2)
        raise TimeoutError(f"namespace {namespace} is still there")


def essence(item: dict) -> dict:
    """What a client decides about an object; of the lineage, which is random, only that it is there."""
    kept = {key: item[key] for key in ("rules", "roleRef", "subjects") if key in item}
    metadata = item["metadata"]
    kept["labels"] = {k: v for k, v in metadata.get("labels", {}).items() if k != "kubernetes.io/metadata.name"}
    kept["annotations"] = dict(metadata.get("annotations", {}))
    if "rbacform.io/lineage" in kept["annotations"]:
        kept["annotations"]["rbacform.io/lineage"] = ""
    return kept
