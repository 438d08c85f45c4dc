"""How much the log tells, and that libraries, which do not know what is private, tell nothing at any level."""

import logging
import subprocess
import sys

import pytest

from app.logs import level_asked_for

_SPEAK = """
import logging, structlog
from app.logs import QUIET, set_up_logs
set_up_logs()
structlog.get_logger().debug("own_event", kind="turn")
for name in QUIET:
    logging.getLogger(name + ".inner").error("said %s", "geheim-%s" % name)
"""


@pytest.mark.parametrize(
    "asked, level",
    [("debug", logging.DEBUG), (" INFO ", logging.INFO), ("", logging.WARNING), ("shout", logging.WARNING)],
)
def test_level_is_as_asked_for(monkeypatch: pytest.MonkeyPatch, asked: str, level: int) -> None:
    monkeypatch.setenv("WIJKVERHAAL_LOG_LEVEL", asked)

    assert level_asked_for() == level


@pytest.mark.parametrize("level", ["debug", "warning"])
def test_libraries_write_nothing_at_any_level(level: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SPEAK],
        env={"WIJKVERHAAL_LOG_LEVEL": level},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ("own_event" in done.stderr) == (level == "debug")
    assert "geheim" not in done.stderr + done.stdout


_CRASH = """
import logging, os, threading, warnings, structlog
from app.logs import set_up_logs, tell_crash
set_up_logs()
SECRET = os.environ["SECRET"]

class Leaves:
    def __del__(self):
        raise KeyError(SECRET)

def break_it(words):
    try:
        raise ValueError(words)
    except ValueError as error:
        raise ExceptionGroup(words, [OSError(words)]) from error

log = structlog.get_logger()
log.warning("own_event", error=ValueError(SECRET))
try:
    break_it(SECRET)
except Exception as error:
    log.exception("own_trouble")
    logging.getLogger("strange.library").exception("%s", error, stack_info=True)
    tell_crash(error)
logging.getLogger("bot.of_ours").error("%s", SECRET)
warnings.warn(SECRET)
thread = threading.Thread(target=break_it, args=[SECRET], name=SECRET)
thread.start()
thread.join()
Leaves()
break_it(SECRET)
"""


def test_what_nobody_catches_is_told_with_its_places_and_without_its_words() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CRASH],
        env={"WIJKVERHAAL_LOG_LEVEL": "debug", "SECRET": "geheim"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    told = (
        "own_event",
        "own_trouble",
        "ERROR strange.library",
        "ERROR bot.of_ours",
        "OSError",
        "in break_it",
    )
    assert [each for each in told if each not in done.stderr] == []
    kinds = [done.stderr.count(kind) for kind in ("ValueError", "ExceptionGroup", "KeyError")]
    assert kinds == [5, 4, 1], (
        "of the library, of ours, of the thread and of the end; and the one given whole"
    )
    assert "geheim" not in done.stderr + done.stdout
