"""Writes the second half of a large export in a process of its own, beside the first, and joins the files of both."""

import gc
import multiprocessing
import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from domain.errors import DomainError
from storage.export_formats.spec import TableSpec

SPLIT_FROM = 4_000
"""With fewer responses a second process is not worth its start."""
JOINED = ("csv", "jsonl")
"""Formats of which two files are one when the second stands behind the first, without its header."""


@dataclass(slots=True)
class Counts:
    """How many responses of each questionnaire, answers, talks, words to look at, responses left out because consent was
    taken back, and rows of each table."""

    responses: dict[str, int]
    rows: dict[str, int]
    answers: int = 0
    sessions: int = 0
    to_check: int = 0
    withdrawn: int = 0

    def add(self, other: "Counts") -> None:
        for mine, theirs in ((self.responses, other.responses), (self.rows, other.rows)):
            for name, count in theirs.items():
                mine[name] = mine.get(name, 0) + count
        self.answers += other.answers
        self.sessions += other.sessions
        self.to_check += other.to_check
        self.withdrawn += other.withdrawn


@dataclass(frozen=True, slots=True)
class Written:
    """What one half came to: where each file of a table is, with what the table is like."""

    counts: Counts
    notes: Sequence[str]
    tables: Mapping[str, tuple[Sequence[str], TableSpec]]
    files: Mapping[str, Path]


def can_split() -> bool:
    """Whether there is a second core, and a process that begins with all that this one has read."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    return cores > 1 and sys.platform == "linux"


class Half:
    """Does `work` in a process of its own, from now on. It must open its own connections."""

    def __init__(self, work: Callable[[], Written]) -> None:
        context = multiprocessing.get_context("fork")
        gc.freeze()  # what both have read stays in memory once: nobody looks through it again
        self._ours, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_run, args=(work, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def result(self) -> Written:
        """Waits for it. Raises what it raised: DomainError or OSError; RuntimeError for anything else."""
        try:
            found: Written | tuple[str, dict[str, str]] | int | str = self._ours.recv()
        except EOFError:
            found = "its process ended"
        if isinstance(found, Written):
            return found
        if isinstance(found, tuple):
            raise DomainError(found[0], **found[1])
        if isinstance(found, int):
            raise OSError(found, os.strerror(found))
        raise RuntimeError(f"the second half of the export failed: {found}")

    def end(self) -> None:
        """Lets go of it, and ends it where it is still at work."""
        if self._process.is_alive():
            self._process.terminate()
        self._process.join()
        self._ours.close()
        gc.unfreeze()


def _run(work: Callable[[], Written], told: Connection) -> None:
    # Ctrl-C reaches the first process, which ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        told.send(work())
    except DomainError as error:
        told.send((error.code, {name: str(value) for name, value in error.detail.items()}))
    except OSError as error:
        told.send(error.errno or 0)
    except Exception as error:  # its words may quote somebody
        told.send(type(error).__name__)


def append(file: Path, more: Path) -> None:
    """Puts the rows of `more` behind those of `file`, and takes `more` away. Both are complete, and begin with the same
    header where they have one."""
    with more.open("rb") as source, file.open("ab") as target:
        if ".csv" in file.suffixes:
            source.readline()
        shutil.copyfileobj(source, target, 1 << 20)
    more.unlink()
