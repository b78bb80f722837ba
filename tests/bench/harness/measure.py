"""The measuring: what is run, in what order, on what. What it means is said in rows.py."""

import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness import objects
from harness.command import Runner
from harness.plane import Plane

# As many writes in flight as rbacform has by itself; said aloud so that both sides have the same.
CONCURRENCY = 16
# Runs of what takes milliseconds, for each run of what takes seconds.
CHEAP_RUNS = 4
START_RUNS = 50
# How many Roles a plan changes whose access change is worked out.
CHANGES = 100


@dataclass
class Bench:
    """One binary, one control plane where it is needed, and everything measured with them."""

    runner: Runner
    work: Path
    rbacform: Path
    runs: int
    plane: Plane | None = None
    bare: Path | None = None
    kubectl: str | None = None
    # Requests of one run, as `list roles`: n, by series.
    requests: dict[str, dict[str, int]] = field(default_factory=dict)
    state_bytes: dict[int, int] = field(default_factory=dict)
    # One after another: for half a minute the API server treats a deleted namespace's name with distrust.
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def apply(self, count: int) -> None:
        """Creates `count` objects with each tool in turn, each time in an empty cluster."""
        tools: list[Callable[[int, str, Path], None]] = [self.rbacform_apply, self.bare_apply]
        if self.kubectl:
            tools += [self.kubectl_apply, self.kubectl_apply_unvalidated]
        made = {}
        for run in range(self.runs):
            # Another tool begins each time, so that none always follows the same one.
            turn = run % len(tools)
            for tool in tools[turn:] + tools[:turn]:
                namespace, folder = self.fresh_namespace(), self.fresh_folder("apply")
                tool(count, namespace, folder)
                made[tool.__name__] = self.contents(namespace)
                self.plane.remove(namespace)
            self.check_equal(made["bare_apply"], made["rbacform_apply"])

    def contents(self, namespace: str) -> dict[str, dict]:
        """What is in the namespace, with its name, which is another for each tool, taken out."""
        return json.loads(json.dumps(self.plane.contents(namespace)).replace(namespace, "NAMESPACE"))

    def check_equal(self, bare: dict[str, dict], ours: dict[str, dict]) -> None:
        """The bare loop is a fair control only while it makes what rbacform makes."""
        for key in sorted(bare.keys() | ours.keys()):
            if bare.get(key) != ours.get(key):
                raise RuntimeError(
                    f"{key}: the bare loop made {bare.get(key)}, rbacform {ours.get(key)}; mend harness/objects.py"
                )

    def rbacform_apply(self, count: int, namespace: str, folder: Path) -> None:
        objects.write_stack(folder / "stack", count, namespace)
        self.run_rbacform(f"apply {count}", "apply", folder / "stack", "--yes", "--parallelism", CONCURRENCY)

    def bare_apply(self, count: int, namespace: str, folder: Path) -> None:
        objects.write_requests(folder / "requests.jsonl", count, namespace)
        self.run_bare(f"bare apply {count}", "apply", "--concurrency", CONCURRENCY, folder / "requests.jsonl")

    def kubectl_apply(self, count: int, namespace: str, folder: Path) -> None:
        objects.write_manifests(folder / "manifests", count, namespace)
        self.run_kubectl(f"kubectl apply {count}", "apply", "-f", folder / "manifests")

    def kubectl_apply_unvalidated(self, count: int, namespace: str, folder: Path) -> None:
        """kubectl at its fastest: by default it reads the server's OpenAPI document anew for each object."""
        objects.write_manifests(folder / "manifests", count, namespace)
        self.run_kubectl(
            f"kubectl apply unvalidated {count}", "apply", "--validate=false", "-f", folder / "manifests"
        )

    def plan(self, count: int) -> None:
        """Plans and validates `count` objects that exist, beside the bare LISTs, and looks at the state."""
        namespace, folder = self.fresh_namespace(), self.fresh_folder("plan")
        stack = folder / "stack"
        objects.write_stack(stack, count, namespace)
        self.run_rbacform(f"first apply {count}", "apply", stack, "--yes", "--parallelism", CONCURRENCY)
        self.state_bytes[count] = (stack / "state" / f"{objects.STACK}.json").stat().st_size
        kinds = [kind.plural for kind in objects.KINDS]
        for _ in range(self.runs * CHEAP_RUNS):
            # With this flag another exit code than 0 would say that it was no no-op.
            self.run_rbacform(f"plan {count}", "plan", stack, "--detailed-exitcode")
            self.run_bare(f"bare list {count}", "list", *kinds)
            self.run_bare(f"bare list in turn {count}", "list", "--sequential", *kinds)
            self.runner.run(f"validate {count}", [self.rbacform, "validate", stack])
        objects.write_stack(stack, count, namespace, changed=CHANGES)
        for _ in range(self.runs * CHEAP_RUNS):
            self.run_rbacform(f"changing plan {count}", "plan", stack)
        self.plane.remove(namespace)

    def kubectl_diff(self, count: int) -> None:
        """One `kubectl diff` of objects that kubectl has made: no difference, half a minute."""
        if not self.kubectl:
            return
        namespace, folder = self.fresh_namespace(), self.fresh_folder("diff")
        objects.write_manifests(folder / "manifests", count, namespace)
        self.run_kubectl(f"kubectl apply before diff {count}", "apply", "-f", folder / "manifests")
        self.run_kubectl(f"kubectl diff {count}", "diff", "-f", folder / "manifests")
        self.plane.remove(namespace)

    def start(self) -> None:
        """`--help`, beside a program that does nothing."""
        for _ in range(START_RUNS):
            self.runner.run("help", [self.rbacform, "--help"])
            self.runner.run("true", ["true"])

    def run_rbacform(self, series: str, command: str, stack: Path, *arguments) -> None:
        line = [self.rbacform, command, stack, "--kubeconfig", self.plane.kubeconfig, *arguments]
        self.counted(series, "rbacform/", lambda: self.runner.run(series, line))

    def run_bare(self, series: str, *arguments) -> None:
        login = {
            "BARE_SERVER": self.plane.server,
            "BARE_CA": str(self.plane.authority),
            "BARE_TOKEN": self.plane.token,
        }
        self.counted(series, "bare-loop/", lambda: self.runner.run(series, [self.bare, *arguments], login))

    def run_kubectl(self, series: str, *arguments) -> None:
        line = [self.kubectl, "--kubeconfig", self.plane.kubeconfig, *arguments]
        self.counted(series, "kubectl", lambda: self.runner.run(series, line))

    def counted(self, series: str, user_agent: str, run: Callable[[], object]) -> None:
        """Runs, and keeps the requests; runs of one series must ask for the same."""
        mark = self.plane.audit.mark()
        run()
        counts = dict(sorted(self.plane.audit.since(mark, user_agent).items()))
        if self.requests.setdefault(series, counts) != counts and user_agent != "kubectl":
            raise RuntimeError(f"{series}: requests differ from run to run: {self.requests[series]}, now {counts}")

    def fresh_namespace(self) -> str:
        return f"bench-{next(self.numbers):03}"

    def fresh_folder(self, name: str) -> Path:
        folder = self.work / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder
