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
