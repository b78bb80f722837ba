"""What the measurements mean: the rows of the table, each with what it must reach."""

import math
from dataclasses import dataclass
from statistics import median

from harness import measure, objects
from harness.measure import Bench

REACHED, MISSED, NOT_RUN, INFORMATION = "reached", "MISSED", "not run", ""

# A power of the number of objects: 1 is linear, 2 quadratic. The rest is room for noise.
LINEAR = 1.1


@dataclass(frozen=True)
class Row:
    """One figure of the table."""

    work: str
    must_reach: str
    figure: str
    verdict: str


def verdict(holds: bool) -> str:
    return REACHED if holds else MISSED


def start_rows(bench: Bench) -> list[Row]:
    wall, nothing = walls(bench, "help"), walls(bench, "true")
    size = bench.rbacform.stat().st_size / 1e6
    figure = f"{spread(wall)}; a program that does nothing {milliseconds(median(nothing))}"
    return [
        Row("`rbacform --help`", "at most 5 ms", figure, verdict(median(wall) <= 5)),
        Row("release binary", "at most 25 MB", f"{size:.1f} MB", verdict(size <= 25)),
    ]


def apply_rows(bench: Bench, count: int) -> list[Row]:
    work = f"apply creating {count:,} objects"
    ours, bare = walls(bench, f"apply {count}"), walls(bench, f"bare apply {count}")
    requests = bench.requests[f"apply {count}"]
    writes = {what: n for what, n in requests.items() if what.split()[0] in ("create", "patch", "update", "delete")}
    reviews = writes.pop("create selfsubjectreviews", 0)
    lists = sum(n for what, n in requests.items() if what.startswith("list "))
    exact = writes == expected_writes(count) and reviews <= 1 and lists <= 6
    exact = exact and sum(writes.values()) + reviews + lists == sum(requests.values())
    ratio = median(ours) / median(bare)
    return [
        Row(f"{work}: requests", f"{count:,} writes", said(requests), verdict(exact)),
        Row(
            f"{work}: wall",
            "at most 1.25x the bare loop",
            f"{spread(ours)}; bare loop {spread(bare)}; {ratio:.2f}x",
            verdict(ratio <= 1.25),
        ),
        against_kubectl(bench, f"{work}: against `kubectl apply`", ours, f"kubectl apply {count}", 3),
        against_kubectl(bench, "the same with `--validate=false`", ours, f"kubectl apply unvalidated {count}", 3),
    ]


def expected_writes(count: int) -> dict[str, int]:
    part = (count - 1) // 3
    return {"patch namespaces": 1, "patch serviceaccounts": part, "patch roles": part, "patch rolebindings": part}


def plan_rows(bench: Bench, count: int) -> list[Row]:
    """The requests of a no-op plan."""
    requests = bench.requests[f"plan {count}"]
    wanted = {f"list {kind.plural}": 1 for kind in objects.KINDS}
    return [Row(f"no-op plan of {count:,} objects: requests", "one LIST a kind", said(requests), verdict(requests == wanted))]


def plan_wall_rows(bench: Bench, count: int) -> list[Row]:
    ours, bare = walls(bench, f"plan {count}"), walls(bench, f"bare list {count}")
    ratio = median(ours) / median(bare)
    figure = f"{spread(ours)}; bare LISTs {spread(bare)}; {ratio:.2f}x"
    return [
        Row(
            f"no-op plan of {count:,} objects: wall",
            "at most 80 ms or 1.6x the bare LISTs",
            figure,
            verdict(median(ours) <= 80 or ratio <= 1.6),
        ),
        against_kubectl(bench, "the same against `kubectl diff`", ours, f"kubectl diff {count}", 200),
    ]


def access_rows(bench: Bench, count: int) -> list[Row]:
    """What a plan takes that changes Roles, beside the one that changes nothing: the LISTs of the other RBAC
    kinds, both worlds, what differs, and the telling of it."""
    changing, no_op = walls(bench, f"changing plan {count}"), walls(bench, f"plan {count}")
    added = median(changing) - median(no_op)
    figure = f"{milliseconds(added)}: {spread(changing)} to {spread(no_op)}"
    work = f"access change of {measure.CHANGES} changes in a plan of {count:,} objects"
    return [Row(work, "at most 300 ms more than the no-op plan", figure, verdict(added <= 300))]


def against_kubectl(bench: Bench, work: str, ours: list[float], series: str, times: int) -> Row:
    must = f"at least {times}x faster"
    if series not in bench.runner.series:
        return Row(work, must, "", NOT_RUN)
    theirs = walls(bench, series)
    factor = median(theirs) / median(ours)
    return Row(work, must, f"{factor:.1f}x; kubectl {spread(theirs)}", verdict(factor >= times))


def growth_rows(bench: Bench, small: int, large: int) -> list[Row]:
    rows = []
    for work in ("plan", "validate"):
        series = [bench.runner.series[f"{work} {count}"] for count in (small, large)]
        times = [median(sample.wall_ms for sample in samples) for samples in series]
        cpu = [median(sample.cpu_ms for sample in samples) for samples in series]
        note = f"; of CPU time {power(cpu, small, large):.2f}"
        rows.append(growth_row(f"`{work}`", small, large, times, milliseconds, note))
    sizes = [bench.state_bytes[count] for count in (small, large)]
    rows.append(growth_row("state file", small, large, sizes, lambda size: f"{size / 1e6:.2f} MB"))
    return rows


def growth_row(work: str, small: int, large: int, values: list[float], written, note: str = "") -> Row:
    by = power(values, small, large)
    figure = f"{written(values[0])} to {written(values[1])}: power {by:.2f}{note}"
    return Row(f"growth from {small:,} to {large:,}: {work}", "linear (power 1)", figure, verdict(by <= LINEAR))


def power(values: list[float], small: int, large: int) -> float:
    """The power of the number of objects by which the values grow."""
    return math.log(values[1] / values[0]) / math.log(large / small)


def memory_rows(bench: Bench, count: int) -> list[Row]:
    peak = max(sample.rss_mib for sample in bench.runner.series[f"plan {count}"])
    work = f"memory, no-op plan of {count:,} objects"
    return [Row(work, "at most 64 MiB", f"{peak:.1f} MiB", verdict(peak <= 64))]


def information_rows(bench: Bench, count: int) -> list[Row]:
    """Figures that nothing is promised about."""
    plans = bench.runner.series[f"plan {count}"]
    cpu = milliseconds(median(plan.cpu_ms for plan in plans))
    at_once, in_turn = (median(walls(bench, f"bare list {how}{count}")) for how in ("", "in turn "))
    lists = f"bare LISTs at once {milliseconds(at_once)}, in turn {milliseconds(in_turn)}"
    facts = {
        f"no-op plan of {count:,} objects": f"{spread(walls(bench, f'plan {count}'))}, {cpu} of CPU; {lists}",
        f"validate of {count:,} objects": spread(walls(bench, f"validate {count}")),
        f"apply creating {count:,} objects, once": spread(walls(bench, f"first apply {count}")),
    }
    return [Row(work, "", figure, INFORMATION) for work, figure in facts.items()]


def walls(bench: Bench, series: str) -> list[float]:
    return [sample.wall_ms for sample in bench.runner.series[series]]


def said(requests: dict[str, int]) -> str:
    return ", ".join(f"{n} {what}" for what, n in requests.items()) or "none"


def spread(values: list[float]) -> str:
    """The median, and in brackets the best and the worst where there are several."""
    if len(values) == 1:
        return milliseconds(values[0])
    return f"{milliseconds(median(values))} ({milliseconds(min(values))} to {milliseconds(max(values))})"


def milliseconds(value: float) -> str:
    if value >= 1000:
        return f"{value / 1000:.2f} s"
    return f"{value:.1f} ms" if value < 10 else f"{value:.0f} ms"
