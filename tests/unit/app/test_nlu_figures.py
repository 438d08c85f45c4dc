"""The command that counts what is understood rightly."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.nlu_figures import BEGIN, END


def test_figures_are_counted_and_put_in_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")

    ran = CliRunner().invoke(
        app, ["nlu", "figures", "--part", "dev", "--rules-only", "--details", "--page", str(page)]
    )

    assert ran.exit_code == 0, ran.output
    assert "| a number | rules |" in ran.output
    assert "yesno, rules: command: 'nee laat maar zitten' [no] command stop" in ran.output
    written = page.read_text(encoding="utf-8")
    assert "| times and days, as windows | rules |" in written
    assert "old" not in written
    assert written.startswith("before") and written.endswith("after\n")


@pytest.mark.parametrize("page", ["no marks here", f"{END}{BEGIN}"])
def test_a_page_without_marks_is_left_alone(page: str, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(page, encoding="utf-8")

    ran = CliRunner().invoke(app, ["nlu", "figures", "--part", "dev", "--rules-only", "--page", str(path)])

    assert ran.exit_code != 0
    assert path.read_text(encoding="utf-8") == page


def test_figures_without_any_file_are_refused() -> None:
    assert CliRunner().invoke(app, ["nlu", "figures", "--part", "none_such", "--rules-only"]).exit_code != 0
