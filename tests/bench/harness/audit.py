"""Exact request counts, from the API server's audit log.

The server writes a request's first line before it answers, so a program that has ended has all its
requests in the log.
"""

import json
from collections import Counter
from pathlib import Path


class Log:
    """Reads the log from a mark on."""

    def __init__(self, file: Path):
        self.file = file

    def mark(self) -> int:
        """The log's present end."""
        return self.file.stat().st_size

    def since(self, mark: int, user_agent: str) -> Counter[str]:
        """The requests since the mark whose User-Agent begins so, as `list roles`: n."""
        counts: Counter[str] = Counter()
        seen = set()
        with self.file.open("rb") as log:
            log.seek(mark)
            for line in log:
                if not line.endswith(b"\n"):
                    break
                event = json.loads(line)
                # Each request has a line for each of its stages; its first one is what counts.
                if not event.get("userAgent", "").startswith(user_agent) or event["auditID"] in seen:
                    continue
                seen.add(event["auditID"])
                counts[f"{event['verb']} {resource(event)}"] += 1
        return counts


def resource(event: dict) -> str:
    """`roles`, `serviceaccounts/token`, or the path where it is no resource."""
    target = event.get("objectRef", {})
    if "resource" not in target:
        return event["requestURI"].split("?")[0]
    return "/".join(filter(None, [target["resource"], target.get("subresource")]))
