"""Programs, run and measured."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

TIMED = Path(__file__).with_name("timed.py")


@dataclass(frozen=True)
class Sample:
    """What one run of a program cost."""

    wall_ms: float
    cpu_ms: float
    rss_mib: float
    exit: int
    stdout: str


class Runner:
    """Runs programs one at a time and keeps every sample under the name of its series."""

    def __init__(self, folder: Path):
        self.stdout, self.stderr = folder / "stdout", folder / "stderr"
        self.series: dict[str, list[Sample]] = {}

    def run(self, series: str, command: list, env: dict | None = None, exits: tuple = (0,)) -> Sample:
        """Runs the program; another exit code than those named ends the benchmark with what it said."""
        program = shutil.which(command[0]) or str(command[0])
        launcher = [sys.executable, "-S", "-E", "-B", TIMED, self.stdout, self.stderr]
        answer = subprocess.run(
            [*launcher, program, *map(str, command[1:])],
            env=os.environ | (env or {}),
            stdout=subprocess.PIPE,
            check=True,
        )
        cost = json.loads(answer.stdout)
        sample = Sample(**cost, stdout=self.stdout.read_text())
        if sample.exit not in exits:
            said = self.stdout.read_text()[-2000:] + self.stderr.read_text()[-4000:]
            raise RuntimeError(f"{' '.join(map(str, command))}: exit {sample.exit}\n{said}")
        self.series.setdefault(series, []).append(sample)
        return sample
