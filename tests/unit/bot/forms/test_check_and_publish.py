"""What `forms check` says about the length of a form, and `forms publish` about a moves file that is not there."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app

KINDS = "reading 150 words a minute, 5 seconds to choose, 10 to choose several, 8 for a number or a date, 45 to write"


@pytest.mark.parametrize(
    ("kinds", "length"),
    [
        (["integer"], "1 question, less than a minute"),
        (["text"], "1 question, less than a minute"),
        (["text", "integer"], "2 questions, less than a minute"),
        (["text", "integer", "integer"], "3 questions, at most about 1 minute"),
        (["text", "text", "text"], "3 questions, at most about 2 minutes"),
    ],
)
def test_length_is_told_in_whole_words(tmp_path: Path, kinds: list[str], length: str) -> None:
    rows = "".join(f"| | {kind} | q{place} | Vraag |\n" for place, kind in enumerate(kinds))
    file = tmp_path / "short.md"
    file.write_text(
        f"| survey | |\n| | type | name | label |\n{rows}| settings | |\n| | version |\n| | 1 |\n"
    )
    first, *_ = CliRunner().invoke(app, ["forms", "check", str(file)]).output.splitlines()
    assert first == f"short.md: {length} ({KINDS}). Problems: 0; remarks: 0."


def test_publish_with_a_moves_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["forms", "publish", "x.md", "--moves", str(tmp_path / "nofile")])
    error = done.exception
    assert (getattr(error, "code", ""), getattr(error, "detail", {})) == (
        "bad_moves",
        {"file": tmp_path / "nofile", "reason": "there is no such file"},
    )
