"""What somebody reads who sets up for the first time, where Rasa cannot be had."""

import io
from pathlib import Path

from rich.console import Console

from app.setup import set_up_understanding


def test_setup_without_python_310_says_the_step_what_is_missing_and_how_to_try_again(tmp_path: Path) -> None:
    said: list[str] = []
    env = {
        "WIJKVERHAAL_RASA_HOME": str(tmp_path),
        "WIJKVERHAAL_RASA_PYTHON": str(tmp_path / "none"),
        "PATH": "",
        "UV_OFFLINE": "1",
    }
    set_up_understanding(env, said.append, Console(file=io.StringIO()))

    first, *_, reason, last = said
    assert first.startswith("3/3  Preparing Rasa")
    assert reason.startswith("Rasa is left out for now: ")
    assert last == "The assistant works without it, with buttons and rules. 'make setup' tries again."
