"""The process that reads one calendar: takes it from its input, says in JSON when its owner is busy, and ends."""

import json
import sys
from datetime import datetime

from scheduler.busy_times import Unreadable, busy_in

MOST_MEMORY = 1_000_000_000


def _hold_memory() -> None:
    try:
        import resource
    except ImportError:  # not on Windows: there, only time is limited
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def main() -> None:
    _hold_memory()
    begin, end = (datetime.fromisoformat(each) for each in sys.argv[1:3])
    found = busy_in(sys.stdin.buffer.read(), begin, end)
    if isinstance(found, Unreadable):
        print(json.dumps({"reason": found.reason}))
    else:
        print(json.dumps({"busy": [(each.start.isoformat(), each.end.isoformat()) for each in found]}))


if __name__ == "__main__":
    main()
