"""The table on stdout, and the raw figures as JSON."""

import datetime
import json
import os
import platform
import statistics
from dataclasses import asdict
from pathlib import Path

from harness.measure import Bench
from harness.rows import Row

HEADINGS = ("work", "must reach", "figure", "verdict")


def print_table(rows: list[Row]) -> None:
    """A Markdown table, to be read as it is or copied into docs/benchmarks.md."""
    cells = [HEADINGS, *((row.work, row.must_reach, row.figure, row.verdict) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS))]
    rule = tuple("-" * width for width in widths)
    for line in (cells[0], rule, *cells[1:]):
        print("| " + " | ".join(text.ljust(width) for text, width in zip(line, widths)) + " |")


def write_json(file: Path, bench: Bench, rows: list[Row], load_before: tuple) -> None:
    series = {
        name: {
            "runs": len(runs),
            "median_wall_ms": statistics.median(run.wall_ms for run in runs),
            "wall_ms": [run.wall_ms for run in runs],
            "cpu_ms": [run.cpu_ms for run in runs],
            "rss_mib": [run.rss_mib for run in runs],
            "inside": [json.loads(run.stdout) for run in runs if name.startswith("bare ")],
        }
        for name, runs in bench.runner.series.items()
    }
    figures = {
        "format": "rbacform.bench/1",
        "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "system": platform.platform()},
        # Above one job waiting, something else was running beside the benchmark.
        "load_before": load_before,
        "rows": [asdict(row) for row in rows],
        "requests": bench.requests,
        "state_bytes": bench.state_bytes,
        "series": series,
    }
    file.write_text(json.dumps(figures, indent=1) + "\n")
