"""The objects that the benchmark manages, and the three ways to write them down.

N objects are one namespace and service accounts, Roles and RoleBindings in equal parts in it. Each
binding gives its Role to its service account.
"""

import json
from dataclasses import dataclass
from pathlib import Path

# A file of a stack or of manifests holds this many objects, so that 10,000 are not one giant file.
OBJECTS_A_FILE = 500

STACK = "bench"
# Any lineage does: what counts is that the bare loop sends as many bytes as rbacform.
LINEAGE = "00000000-0000-4000-8000-000000000000"

# In order, since rbacform sends a role, which is a set, in order.
VERBS = [["get", "list", "watch"], ["get", "list"], ["create", "delete", "get", "list", "watch"]]
RESOURCES = [["pods", "pods/log"], ["configmaps", "endpoints", "services"], ["secrets"]]


@dataclass(frozen=True)
class Kind:
    """One of the four kinds, as the API and as a stack name it."""

    name: str
    api_version: str
    plural: str
    resource_type: str


NAMESPACE = Kind("Namespace", "v1", "namespaces", "kubernetes.namespace")
SERVICE_ACCOUNT = Kind("ServiceAccount", "v1", "serviceaccounts", "kubernetes.service_account")
ROLE = Kind("Role", "rbac.authorization.k8s.io/v1", "roles", "kubernetes.role")
ROLE_BINDING = Kind("RoleBinding", "rbac.authorization.k8s.io/v1", "rolebindings", "kubernetes.role_binding")

KINDS = [NAMESPACE, SERVICE_ACCOUNT, ROLE, ROLE_BINDING]


@dataclass(frozen=True)
class Entry:
    """One object: its kind and its number among those of the kind."""

    kind: Kind
    number: int


def entries(count: int) -> list[Entry]:
    """The `count` objects, the namespace first and each kind before those that need it."""
    if count < 4 or (count - 1) % 3:
        raise ValueError(f"{count} objects are not a namespace and three equal parts; take 1,000 or 10,000")
    namespaced = [Entry(kind, number) for kind in KINDS[1:] for number in range((count - 1) // 3)]
    return [Entry(NAMESPACE, 0), *namespaced]


def rules(number: int) -> list[dict]:
    """One or two rules, different from one Role to the next."""
    first = {"apiGroups": [""], "resources": RESOURCES[number % 3], "verbs": VERBS[number // 3 % 3]}
    second = {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": VERBS[number % 2]}
    return [first] if number % 2 else [first, second]


def manifest(entry: Entry, namespace: str) -> dict:
    """The object as Kubernetes writes it."""
    name = namespace if entry.kind is NAMESPACE else object_name(entry)
    body = {"apiVersion": entry.kind.api_version, "kind": entry.kind.name, "metadata": {"name": name}}
    if entry.kind is not NAMESPACE:
        body["metadata"]["namespace"] = namespace
    if entry.kind is ROLE:
        body["rules"] = rules(entry.number)
    if entry.kind is ROLE_BINDING:
        account = object_name(Entry(SERVICE_ACCOUNT, entry.number))
        role = object_name(Entry(ROLE, entry.number))
        body["roleRef"] = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role}
        body["subjects"] = [{"kind": "ServiceAccount", "name": account, "namespace": namespace}]
    return body


def object_name(entry: Entry) -> str:
    prefix = {SERVICE_ACCOUNT: "account", ROLE: "role", ROLE_BINDING: "binding"}[entry.kind]
    return f"{prefix}-{entry.number:05}"


def write_stack(folder: Path, count: int, namespace: str, changed: int = 0) -> None:
    """Writes a stack in a root of its own; every reference is an expression, as people write them.

    The first `changed` Roles have another rule than they would have."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rbacform.toml").touch()
    blocks = [resource(entry, namespace, entry.number < changed) for entry in entries(count)]
    (folder / "stack.toml").write_text(f'[stack]\nname = "{STACK}"\n')
    for part, text in split(blocks):
        (folder / f"resources-{part:03}.toml").write_text("\n".join(text))


def resource(entry: Entry, namespace: str, changed: bool = False) -> str:
    """The object as a resource of a stack."""
    number = f"{entry.number:05}"
    if entry.kind is NAMESPACE:
        return f'[kubernetes.namespace.bench]\nname = "{namespace}"\n'
    lines = [
        f"[{entry.kind.resource_type}.n{number}]",
        f'name = "{object_name(entry)}"',
        'namespace = "${kubernetes.namespace.bench.name}"',
    ]
    if entry.kind is ROLE:
        lines.append("rules = [")
        for rule in rules(entry.number + changed):
            groups, resources, verbs = (json.dumps(rule[key]) for key in ("apiGroups", "resources", "verbs"))
            lines.append(f"  {{ api_groups = {groups}, resources = {resources}, verbs = {verbs} }},")
        lines.append("]")
    if entry.kind is ROLE_BINDING:
        lines.append(f'role = "${{kubernetes.role.n{number}}}"')
        lines.append(f'subjects = ["${{kubernetes.service_account.n{number}}}"]')
    return "\n".join(lines) + "\n"


def write_manifests(folder: Path, count: int, namespace: str) -> None:
    """Writes the same objects as YAML files for kubectl."""
    folder.mkdir(parents=True)
    documents = ["\n".join(yaml(manifest(entry, namespace))) + "\n" for entry in entries(count)]
    for part, text in split(documents):
        (folder / f"objects-{part:03}.yaml").write_text("---\n".join(text))


def yaml(mapping: dict) -> list[str]:
    """A mapping as lines of YAML in block style, lists of plain strings in one line."""
    lines = []
    for key, value in mapping.items():
        if isinstance(value, dict):
            lines += [f"{key}:", *("  " + line for line in yaml(value))]
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            lines.append(f"{key}:")
            for item in value:
                first, *rest = yaml(item)
                lines += ["- " + first, *("  " + line for line in rest)]
        else:
            lines.append(f"{key}: {json.dumps(value)}")
    return lines


def write_requests(file: Path, count: int, namespace: str) -> None:
    """Writes the server-side applies that rbacform sends for these objects, a line each."""
    with file.open("w") as out:
        for entry in entries(count):
            body = manifest(entry, namespace)
            body["metadata"]["labels"] = {"app.kubernetes.io/managed-by": "rbacform"}
            body["metadata"]["annotations"] = {"rbacform.io/stack": STACK, "rbacform.io/lineage": LINEAGE}
            path = f"{collection(entry.kind, namespace)}/{body['metadata']['name']}?fieldManager=rbacform&force=false"
            out.write(json.dumps({"path": path, "body": body}, separators=(",", ":")) + "\n")


def collection(kind: Kind, namespace: str | None = None) -> str:
    """The path of the kind's collection: in a namespace, or in all of them."""
    group = "/api/v1" if "/" not in kind.api_version else f"/apis/{kind.api_version}"
    inside = f"/namespaces/{namespace}" if namespace and kind is not NAMESPACE else ""
    return f"{group}{inside}/{kind.plural}"


def split(texts: list[str]) -> list[tuple[int, list[str]]]:
    return [(i // OBJECTS_A_FILE, texts[i : i + OBJECTS_A_FILE]) for i in range(0, len(texts), OBJECTS_A_FILE)]
