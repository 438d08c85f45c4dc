"""Reads the word tables beside the rules, once; knows nothing of what they are used for."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """The table in `tables/<name>.toml`. Raises FileNotFoundError or TOMLDecodeError: a broken package."""
    return tomllib.loads(files("nlu.rules").joinpath("tables", f"{name}.toml").read_text(encoding="utf-8"))
