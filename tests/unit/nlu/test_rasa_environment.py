"""Finding and building Rasa's environment, with fake programs in a folder of the test."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from nlu.rasa_environment import (
    LOCK_FILE,
    Missing,
    Ready,
    environment_folder,
    find_environment,
    find_python,
    find_uv,
    main,
    prepare_environment,
)
from tests.patience import PATIENCE

PYTHON_310 = "#!/bin/sh\necho 3.10\n"
SHIM = "#!/bin/sh\necho 'pyenv: python3.10: command not found' >&2\nexit 127\n"

# Makes what `uv venv` and `uv pip sync` would make; counts the builds; fails where a file `broken` says so.
UV = """#!/bin/sh
here=$(dirname "$0")
case "$1 $2" in
"venv --quiet")
    echo build >> "$here/builds"
    for folder; do :; done
    mkdir -p "$folder/bin" && cp "$here/python3.10" "$folder/bin/python" ;;
"pip sync")
    if [ -e "$here/broken" ]; then echo "no wheel for numpy" >&2; exit 2; fi ;;
"python find")
    if [ -n "$PYENV_VERSION" ] && [ -x "$here/pyenv-$PYENV_VERSION" ]; then echo "$here/pyenv-$PYENV_VERSION"
    elif [ -x "$here/fetched" ]; then echo "$here/fetched"
    else exit 2; fi ;;
"python install")
    cp "$here/python3.10.source" "$here/fetched" && chmod +x "$here/fetched" ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of programs with uv and a working Python 3.10."""
    programs = tmp_path / "programs"
    programs.mkdir()
    program(programs / "uv", UV)
    program(programs / "python3.10", PYTHON_310)
    (programs / "python3.10.source").write_text(PYTHON_310)
    return programs


def program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def settings(machine: Path, **more: str) -> dict[str, str]:
    return {
        "PATH": f"{machine}:/usr/bin:/bin",
        "HOME": str(machine.parent / "home"),
        "WIJKVERHAAL_UV": str(machine / "uv"),
        "WIJKVERHAAL_RASA_HOME": str(machine.parent / "rasa"),
        **more,
    }


def ignore(_sentence: str) -> None:
    """Progress that nobody reads."""


def test_find_python_named_one_comes_first(machine: Path) -> None:
    named = program(machine / "mine", PYTHON_310)
    env = settings(machine, WIJKVERHAAL_RASA_PYTHON=str(named))
    assert find_python(env, str(machine / "uv"), ignore) == str(named)


def test_find_python_takes_the_one_on_path(machine: Path) -> None:
    assert find_python(settings(machine), str(machine / "uv"), ignore) == str(machine / "python3.10")


def test_find_python_looks_behind_a_shim_that_does_not_run(machine: Path) -> None:
    program(machine / "python3.10", SHIM)
    program(machine / "pyenv-3.10.9", SHIM)
    program(machine / "pyenv-3.10.13", PYTHON_310)
    for version in ("3.10.9", "3.10.13", "3.11.7", "3.10-dev"):
        (machine.parent / "pyenv" / "versions" / version).mkdir(parents=True)
    env = settings(machine, PYENV_ROOT=str(machine.parent / "pyenv"))
    assert find_python(env, str(machine / "uv"), ignore) == str(machine / "pyenv-3.10.13")


def test_find_python_refuses_another_version(machine: Path) -> None:
    program(machine / "python3.10", "#!/bin/sh\necho 3.11\n")
    assert find_python(settings(machine, UV_OFFLINE="1"), str(machine / "uv"), ignore) is None


def test_find_python_lets_uv_fetch_one_unless_offline(machine: Path) -> None:
    (machine / "python3.10").unlink()
    assert find_python(settings(machine, UV_OFFLINE="1"), str(machine / "uv"), ignore) is None
    assert find_python(settings(machine), str(machine / "uv"), ignore) == str(machine / "fetched")


def test_find_environment_before_it_is_made_says_how(machine: Path) -> None:
    assert find_environment(settings(machine)) == Missing(
        "The Rasa environment is not there yet. Run `python -m nlu.rasa_environment` to make it."
    )


def test_prepare_environment_makes_it_once(machine: Path) -> None:
    said: list[str] = []
    env = settings(machine)
    assert prepare_environment(env, said.append) == Ready(environment_folder(env))
    assert said == [
        "Making an environment with Python 3.10 for Rasa.",
        "Installing Rasa 3.6 and what it needs (about 2 GB; a minute the first time).",
        "Checking that Rasa starts.",
        "The Rasa environment is ready.",
    ]
    assert prepare_environment(env, said.append) == find_environment(env)
    assert said[4:] == ["The Rasa environment is already there."]
    assert builds(machine) == 1


def test_prepare_environment_failing_install_leaves_nothing_behind(machine: Path) -> None:
    (machine / "broken").touch()
    env = settings(machine)
    result = prepare_environment(env, ignore)
    assert result == Missing(
        "Installing Rasa 3.6 and what it needs (about 2 GB; a minute the first time). "
        "This failed: no wheel for numpy"
    )
    assert folders(env) == []
    (machine / "broken").unlink()
    assert prepare_environment(env, ignore) == Ready(environment_folder(env))


def test_prepare_environment_does_not_trust_an_interrupted_build(machine: Path) -> None:
    env = settings(machine)
    folder = environment_folder(env)
    (folder / "bin").mkdir(parents=True)
    program(folder / "bin" / "python", PYTHON_310)
    leftover = folder.parent / f".{folder.name}-abc"
    leftover.mkdir()
    assert isinstance(find_environment(env), Missing)
    assert prepare_environment(env, ignore) == Ready(folder)
    assert folders(env) == [folder.name]


def test_prepare_environment_two_at_once_build_once(machine: Path) -> None:
    env = settings(machine)
    results: list[Ready | Missing] = []
    both = [
        threading.Thread(target=lambda: results.append(prepare_environment(env, ignore))) for _ in range(2)
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(PATIENCE)
    assert results == [Ready(environment_folder(env))] * 2
    assert builds(machine) == 1


def test_prepare_environment_without_uv_says_so(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nlu.rasa_environment.LOCK_FILE", machine / "nlu" / "rasa" / "requirements.lock")
    env = settings(machine, PATH="/nowhere", WIJKVERHAAL_UV="/nowhere/uv")
    assert find_uv(env) is None
    assert prepare_environment(env, ignore, lock=LOCK_FILE) == Missing(
        "The program uv was not found. Install uv, or set WIJKVERHAAL_UV to where it is."
    )


def test_find_environment_without_its_python_says_so(machine: Path) -> None:
    env = settings(machine)
    prepare_environment(env, ignore)
    (environment_folder(env) / "bin" / "python").unlink()
    assert find_environment(env) == Missing(
        "The Rasa environment has lost the Python it was made with. "
        "Run `python -m nlu.rasa_environment` to make it."
    )
    assert prepare_environment(env, ignore) == Ready(environment_folder(env))


def test_main_check_tells_what_is_missing(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WIJKVERHAAL_RASA_HOME", str(machine / "empty"))
    assert main(["--check"]) == 1
    assert capsys.readouterr().err.startswith("The Rasa environment is not there yet.")


def test_module_needs_nothing_but_python() -> None:
    root = LOCK_FILE.parents[2]
    command = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        f"import sys; sys.path.insert(0, {str(root)!r}); import nlu.rasa_train",
    ]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_lock_names_every_hash_and_no_host_or_machine() -> None:
    text = LOCK_FILE.read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if "://" in line or "-r /" in line] == []
    packages = [block for block in text.split("\n") if "==" in block and not block.startswith((" ", "#"))]
    assert len(packages) > 100
    assert text.count("\\\n    --hash=sha256:") >= len(packages)
    assert "\ntensorflow==" not in text


def builds(machine: Path) -> int:
    return len((machine / "builds").read_text().splitlines())


def folders(env: dict[str, str]) -> list[str]:
    return sorted(path.name for path in environment_folder(env).parent.iterdir() if path.is_dir())
