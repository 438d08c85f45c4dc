"""Runs inside Rasa's own Python 3.10: starts Rasa's HTTP server so that it is silent and dies with its parent.

Standard input is a pipe whose other end the parent holds; when it closes, however the parent died, this whole
process group ends. The token comes in through the environment, because a command line is public on a machine.
"""

import contextlib
import os
import resource
import signal
import sys
import threading
import time
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

TOKEN_VARIABLE = "WIJKVERHAAL_RASA_TOKEN"
MEMORY_VARIABLE = "WIJKVERHAAL_RASA_MEMORY"
TOO_MUCH_MEMORY = 75
"""Exit status of a server that held more memory than it may."""

_LOOK_SECONDS = 0.5


def end_with_parent() -> None:
    """Wait until the parent is gone, then end everything that was started here."""
    while os.read(0, 1024):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


def bound_memory(megabytes: int) -> None:
    """End this process when it holds more, and let no single leap go past half as much again.

    The leap fails where it is made, as a MemoryError; whoever watches sees whether the server still answers.
    """
    wall = megabytes * 1_500_000
    resource.setrlimit(resource.RLIMIT_DATA, (wall, wall))
    # Where the machine itself runs out, this process goes before the application.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    if _resident():
        threading.Thread(target=_end_above, args=(megabytes * 1_000_000,), daemon=True).start()


def _end_above(most: int) -> None:
    while _resident() <= most:
        time.sleep(_LOOK_SECONDS)
    os._exit(TOO_MUCH_MEMORY)


def _resident() -> int:
    """Bytes of memory in use; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * resource.getpagesize()


def hide_texts(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Stand in for Rasa's own log filter, which lets every value through: keep only the name of the event."""
    return {"event": str(event.get("event", ""))}


def main() -> None:
    model, port = sys.argv[1:]
    if os.getpgrp() != os.getpid():
        raise SystemExit("start this in a process group of its own")
    threading.Thread(target=end_with_parent, daemon=True).start()
    token = os.environ.pop(TOKEN_VARIABLE)
    # A program that was started before this file changed says nothing of memory.
    bound_memory(int(os.environ.pop(MEMORY_VARIABLE, "1500")))

    # Rasa is not in the application's environment, where these files are checked: import it by name.
    rasa = import_module("rasa.__main__")
    log_utils: Any = import_module("rasa.utils.log_utils")
    log_utils._anonymizer = hide_texts
    # Some of Rasa's warnings quote the message, and Rasa switches ignored warnings on again.
    for name in ("warn", "showwarning"):
        setattr(warnings, name, lambda *_, **__: None)
    sys.argv = [
        "rasa", "run", "--quiet", "--enable-api", "--model", model,
        "--interface", "127.0.0.1", "--port", port,
        # One argument: a token may begin with a dash, and would be taken for an option.
        f"--auth-token={token}",
    ]  # fmt: skip # read as one command line
    rasa.main()


if __name__ == "__main__":
    main()
