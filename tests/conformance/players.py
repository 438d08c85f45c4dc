"""The two engines as players that speak the same lines: ODK's in a Node process, ours in this one."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bot.forms.form import Form
from bot.forms.load import load_form
from bot.forms.tracing import Tracer
from bot.forms.workbook import read_workbook
from domain.errors import DefinitionError
from domain.questionnaire import QuestionKind
from tests.conformance.foreign import CACHE, ForeignForm, MissingError

HERE = Path(__file__).resolve().parent
NOW = datetime(2026, 11, 23, 12, 34, 56, tzinfo=UTC)
_NEWEST_NODE = (
    "Node.js 20.19 or later is not on this machine: install it (nodejs.org, or your package manager)."
)


class Odk:
    """ODK's engine in one process for many forms; use it as a context."""

    def __init__(self) -> None:
        node = shutil.which("node")
        if node is None:
            raise MissingError(_NEWEST_NODE)
        if not (HERE / "node_modules" / "@getodk" / "xforms-engine").is_dir():
            raise MissingError("ODK's engine is not installed: run `npm ci` in tests/conformance.")
        self._process = subprocess.Popen(
            [node, str(HERE / "odk.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "TZ": "Europe/Amsterdam"},
        )

    def __enter__(self) -> "Odk":
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def load(self, xform: str) -> dict[str, Any]:
        """A fresh response to the form: `loaded`, and the state or a message."""
        return self._say({"load": xform, "now": NOW.isoformat()})

    def answer(self, path: str, value: str) -> dict[str, Any]:
        return self._say({"name": path, "value": value})

    def _say(self, line: dict[str, str]) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline()
        if not said:
            raise MissingError(
                f"ODK's engine stopped with code {self._process.wait()}; is Node.js 20.19 or later?"
            )
        heard: dict[str, Any] = json.loads(said)
        if "broken" in heard:
            raise OdkBrokeError(heard["broken"])
        return heard


class OdkBrokeError(Exception):
    """ODK's engine failed in the middle of a walk."""


class Ours:
    """A fresh response to a form of ours, traced as `wijkverhaal forms trace` does."""

    def __init__(self, form: Form) -> None:
        self._tracer = Tracer(form, seed="conformance")
        questions = form.questionnaire.questions
        self._metadata = {each.path for each in questions if each.kind is QuestionKind.METADATA}

    def answer(self, path: str, value: str) -> dict[str, Any]:
        line = json.dumps({"name": path, "value": value})
        heard: dict[str, Any] = json.loads(self._tracer.take(line, NOW))
        for aspect in ("relevant", "values"):
            heard[aspect] = {each: said for each, said in heard[aspect].items() if self._counts(each)}
        return heard

    def _counts(self, path: str) -> bool:
        return re.sub(r"\[\d+\]", "", path) not in self._metadata and not path.startswith("meta/")


def our_form(xform: str) -> Form:
    """Raises DefinitionError."""
    return load_form(Path("form.xml"), text=xform)


def xform_of(form: ForeignForm) -> str:
    """The form as an XForm, by the same conversion as in the product; kept between runs. Empty when pyxform refuses it.

    Two things are changed, the same for both engines. A form without a version gets one: ours asks for it, and it has
    no part in the logic. And difference-in-months(), which only one programme's own app knows, is written out.
    """
    if form.suffix == ".xml":
        return _adapted(form.content.decode())
    kept = CACHE / f"{hashlib.sha256(form.content).hexdigest()}-{version('pyxform')}.xml"
    if not kept.exists():
        xform = read_workbook(form.content, Path(_plain_name(form))).xform
        with tempfile.NamedTemporaryFile("w", dir=CACHE, delete=False, encoding="utf-8") as unfinished:
            unfinished.write(xform)
        Path(unfinished.name).replace(kept)
    return _adapted(kept.read_text(encoding="utf-8"))


def is_form(text: str) -> bool:
    return "<h:html" in text or "<html" in text


def _plain_name(form: ForeignForm) -> str:
    return re.sub(r"\W", "_", Path(form.name).stem) + form.suffix


def _adapted(xform: str) -> str:
    for start in reversed([found.start() for found in re.finditer(r"difference-in-months\s*\(", xform)]):
        earlier, later, end = _two_arguments(xform, xform.index("(", start) + 1)
        months = f"int((decimal-date-time({later}) - decimal-date-time({earlier})) div 30.4375)"
        xform = xform[:start] + months + xform[end:]
    begun = re.search(r"<instance>\s*<[\w:.-]+([^>]*)", xform)
    if begun and re.search(r'\sversion="[^"]+"', begun[1]):
        return xform
    place = begun.start(1) if begun else 0
    rest = re.sub(r'\sversion=""', "", xform[place:], count=1)
    return f'{xform[:place]} version="1"{rest}' if begun else xform


def _two_arguments(text: str, start: int) -> tuple[str, str, int]:
    """Both arguments of the call whose first begins at `start`, and where the call ends."""
    depth, comma = 0, start
    for place in range(start, len(text)):
        if text[place] == "," and depth == 0:
            comma = place
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth < 0:
            return text[start:comma], text[comma + 1 : place], place + 1
    raise ValueError("a call without an end")


def rules_of(error: DefinitionError) -> set[str]:
    """The rules that refused a form, without the names of one form in them."""
    return {re.sub(r'"[^"]*"|/\S+|\([^)]*\)', "…", problem.rule) for problem in error.problems}
