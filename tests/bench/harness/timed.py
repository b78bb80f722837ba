"""Runs one program and prints what it cost, as one line of JSON: timed.py STDOUT STDERR PROGRAM ARGUMENTS...

A process of its own, and a small one (run it with -S -E -B): the kernel counts into a child's peak memory what
its parent held when it was started, so the harness itself must not be that parent. Anything under about
10 MiB is this launcher's own.
"""

import json
import os
import sys
import time

stdout, stderr, *command = sys.argv[1:]
WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
files = [
    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
    (os.POSIX_SPAWN_OPEN, 1, stdout, WRITE, 0o600),
    (os.POSIX_SPAWN_OPEN, 2, stderr, WRITE, 0o600),
]
began = time.perf_counter()
child = os.posix_spawn(command[0], command, os.environ, file_actions=files)
_, status, usage = os.wait4(child, 0)
wall = time.perf_counter() - began
cost = {
    "exit": os.waitstatus_to_exitcode(status),
    "wall_ms": round(wall * 1000, 3),
    "cpu_ms": round((usage.ru_utime + usage.ru_stime) * 1000, 3),
    # Kilobytes on Linux, bytes on macOS.
    "rss_mib": round(usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024), 2),
}
print(json.dumps(cost))
