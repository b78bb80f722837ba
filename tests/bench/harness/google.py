"""The Google part: many grants over many policies, on a sandbox that takes its time."""

import json
import shutil
import subprocess
import threading
from pathlib import Path
from statistics import median

from harness.command import Runner
from harness.rows import INFORMATION, Row, spread, verdict

GRANTS, POLICIES, LATENCY_MS = 1000, 20, 50
# What the figures are held against.
PLAN_MS, APPLY_MS = 500, 1000


class Sandbox:
    """`rbacform sandbox` with every answer held back, until the `with` block ends."""

    def __init__(self, rbacform: Path, folder: Path):
        self.rbacform, self.folder = rbacform, folder

    def __enter__(self) -> "Sandbox":
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        (self.folder / "rbacform.toml").touch()
        faults = self.folder / "faults.toml"
        faults.write_text(f"[[faults]]\neffect = {{ latency_ms = {LATENCY_MS} }}\n")
        self.process = subprocess.Popen(
            [self.rbacform, "sandbox", "--listen", "127.0.0.1:0", "--faults", faults],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.environment = dict(self.variables())
        # Whatever else it says must not fill the pipe.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.process.terminate()
        self.process.wait()

    def variables(self):
        """The lines `export NAME=VALUE` that point programs at its Google half, which come first."""
        for line in self.process.stdout:
            if line.startswith("# kubectl"):
                return
            if line.startswith("export "):
                yield tuple(line.removeprefix("export ").strip().split("=", 1))
        raise RuntimeError("the sandbox did not start")


def measure(rbacform: Path, runner: Runner, work: Path, runs: int) -> list[Row]:
    """Plans and applies in projects that nobody has used before, once for each run, then plans again."""
    requests: dict[str, set[int]] = {"plan": set(), "apply": set(), "no-op": set()}
    with Sandbox(rbacform, work / "google") as sandbox:

        def run(series: str, stack: Path, *arguments: str) -> None:
            command, *flags = arguments
            line = [rbacform, command, stack, "--json", *flags]
            sample = runner.run(f"google {series}", line, sandbox.environment)
            requests[series].add(json.loads(sample.stdout)["requests"]["gcp"])

        for number in range(runs):
            stack = work / "google" / f"stack-{number}"
            write_stack(stack, number)
            run("plan", stack, "plan")
            run("apply", stack, "apply", "--yes")
            run("no-op", stack, "plan", "--detailed-exitcode")
    return rows(runner, requests)


def write_stack(folder: Path, run: int) -> None:
    folder.mkdir()
    (folder / "rbacform.toml").touch()
    lines = ["[stack]", f'name = "bench-{run}"', "[providers.gcp]", f'project = "bench-{run}-0"']
    for number in range(GRANTS):
        project = f"projects/bench-{run}-{number % POLICIES}"
        lines += [
            f"[gcp.iam_member.m{number}]",
            f'resource = "{project}"',
            'role = "roles/aiplatform.user"',
            f'member = "user:u{number}@example.com"',
        ]
    (folder / "stack.toml").write_text("\n".join(lines) + "\n")


def rows(runner: Runner, requests: dict[str, set[int]]) -> list[Row]:
    work = f"{GRANTS:,} grants over {POLICIES} policies, {LATENCY_MS} ms latency"
    walls = {name: [sample.wall_ms for sample in runner.series[f"google {name}"]] for name in requests}
    said = {name: ", ".join(map(str, sorted(numbers))) for name, numbers in requests.items()}
    # Before a project's number is known it is asked for, and of a policy that is to change, whether
    # it may be written: two more requests for each policy here.
    wanted = {"plan": {3 * POLICIES}, "apply": {5 * POLICIES}, "no-op": {POLICIES}}
    return [
        Row(f"{work}: plan", "at most 0.5 s", spread(walls["plan"]), verdict(median(walls["plan"]) <= PLAN_MS)),
        Row(f"{work}: apply", "at most 1 s", spread(walls["apply"]), verdict(median(walls["apply"]) <= APPLY_MS)),
        Row(
            f"{work}: requests",
            "1 read a policy; 1 question, 1 get and 1 set more a changed one",
            f"plan {said['plan']}, apply {said['apply']}, no-op plan {said['no-op']}; of these 1 a project for its number and 1 a policy for the right to write it",
            verdict(requests == wanted),
        ),
        Row(f"{work}: no-op plan", "", spread(walls["no-op"]), INFORMATION),
    ]
