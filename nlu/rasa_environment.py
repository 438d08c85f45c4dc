"""Finds or builds the separate Python 3.10 environment that Rasa needs; it does not train, start or call Rasa.

Standard library only, because set-up runs it before anything is installed. The environment lives in one place
per machine, named after the lock file it was made from, so that several checkouts share it.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LOCK_FILE = Path(__file__).resolve().parent / "rasa" / "requirements.lock"
WANTED_PYTHON = "3.10"
HOW_TO_GET_IT = "Run `python -m nlu.rasa_environment` to make it."

_MARKER = "ready"
_PROBE = "import sys; print('%d.%d' % sys.version_info[:2])"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Ready:
    """The environment is complete; `path` is its folder."""

    path: Path

    @property
    def python(self) -> Path:
        return self.path / "bin" / "python"


@dataclass(frozen=True)
class Missing:
    """There is no usable environment; `reason` is one or more whole sentences for the person who reads it."""

    reason: str


def environment_folder(env: Mapping[str, str], lock: Path = LOCK_FILE) -> Path:
    """Where the environment of this lock file belongs, whether or not it is there."""
    home = env.get("WIJKVERHAAL_RASA_HOME")
    base = Path(home) if home else Path(env.get("HOME") or Path.home()) / ".cache" / "wijkverhaal" / "rasa"
    return base.expanduser().absolute() / hashlib.sha256(lock.read_bytes()).hexdigest()[:12]


def models_folder(env: Mapping[str, str]) -> Path:
    """Where trained models are kept: beside the environments, by content, so that checkouts share them."""
    return environment_folder(env).parent / "models"


def find_environment(env: Mapping[str, str], lock: Path = LOCK_FILE) -> Ready | Missing:
    """The finished environment of this lock file; builds nothing."""
    ready = Ready(environment_folder(env, lock))
    if not (ready.path / _MARKER).is_file():
        return Missing(f"The Rasa environment is not there yet. {HOW_TO_GET_IT}")
    if not ready.python.exists():
        return Missing(f"The Rasa environment has lost the Python it was made with. {HOW_TO_GET_IT}")
    return ready


def prepare_environment(env: Mapping[str, str], say: Say, *, lock: Path = LOCK_FILE) -> Ready | Missing:
    """Give the finished environment, building it first where needed.

    Several set-ups may call this at once: one builds, the others wait and use the result. A second call does
    nothing. An interrupted build leaves only a temporary folder, which the next one removes.
    """
    found = find_environment(env, lock)
    if isinstance(found, Ready):
        say("The Rasa environment is already there.")
        return found
    uv = find_uv(env)
    if uv is None:
        return Missing("The program uv was not found. Install uv, or set WIJKVERHAAL_UV to where it is.")
    folder = environment_folder(env, lock)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _only_one(folder.with_suffix(".lock"), say):
        found = find_environment(env, lock)
        return found if isinstance(found, Ready) else _build(folder, env, say, lock, uv)


def find_uv(env: Mapping[str, str]) -> str | None:
    """The uv to use: the one named in WIJKVERHAAL_UV, the checkout's own, or the first on PATH."""
    own = LOCK_FILE.parents[2] / ".tools" / "bin" / "uv"
    for candidate in (env.get("WIJKVERHAAL_UV"), str(own)):
        if candidate and os.access(candidate, os.X_OK):
            return candidate
    return shutil.which("uv", path=env.get("PATH"))


def find_python(env: Mapping[str, str], uv: str, say: Say) -> str | None:
    """A Python 3.10 that really starts, or None. Tries what is installed before it lets uv fetch one."""
    for candidate in _installed_pythons(env, uv):
        if _runs(candidate, env):
            return candidate
    if _is_offline(env):
        return None
    say("Python 3.10 is not on this machine; uv fetches one.")
    _output([uv, "python", "install", WANTED_PYTHON], env)
    fetched = _uv_finds(uv, env)
    return fetched if fetched and _runs(fetched, env) else None


def _installed_pythons(env: Mapping[str, str], uv: str) -> Iterator[str]:
    named = env.get("WIJKVERHAAL_RASA_PYTHON")
    if named:
        yield named
    on_path = shutil.which(f"python{WANTED_PYTHON}", path=env.get("PATH"))
    if on_path:
        yield on_path
    # A pyenv shim stops with status 127 unless its version is active, and uv stops at the shim: name each one.
    for version in (None, *_pyenv_versions(env)):
        found = _uv_finds(uv, {**env, "PYENV_VERSION": version} if version else env)
        if found:
            yield found


def _pyenv_versions(env: Mapping[str, str]) -> list[str]:
    """Installed pyenv 3.10.x versions, newest first."""
    root = Path(env.get("PYENV_ROOT") or Path(env.get("HOME") or Path.home()) / ".pyenv")
    names = [path.name for path in (root / "versions").glob(f"{WANTED_PYTHON}.*")]
    numbered = [name for name in names if name.rpartition(".")[2].isdigit()]
    return sorted(numbered, key=lambda name: int(name.rpartition(".")[2]), reverse=True)


def _uv_finds(uv: str, env: Mapping[str, str]) -> str | None:
    printed = _output([uv, "python", "find", "--no-project", "--system", WANTED_PYTHON], env) or ""
    lines = printed.splitlines()
    return lines[-1].strip() if lines else None


def _runs(python: str, env: Mapping[str, str]) -> bool:
    return (_output([python, "-c", _PROBE], env) or "").strip() == WANTED_PYTHON


def _output(command: list[str], env: Mapping[str, str]) -> str | None:
    """What the command prints, or None when it cannot start or fails."""
    try:
        done = subprocess.run(
            command, check=False, env=dict(env), capture_output=True, text=True, timeout=600
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _is_offline(env: Mapping[str, str]) -> bool:
    return env.get("UV_OFFLINE", "").lower() in {"1", "true", "yes"}


@contextmanager
def _only_one(path: Path, say: Say) -> Iterator[None]:
    """Hold the lock of one environment; the system lets go of it even when this process is killed."""
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up is making the Rasa environment; waiting for it.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _build(folder: Path, env: Mapping[str, str], say: Say, lock: Path, uv: str) -> Ready | Missing:
    python = find_python(env, uv, say)
    if python is None:
        return Missing(
            "Python 3.10 was not found and could not be fetched. Install it (pyenv, uv or your system), "
            "or set WIJKVERHAAL_RASA_PYTHON to where it is."
        )
    for leftover in folder.parent.glob(f".{folder.name}-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    unfinished.chmod(0o755)
    try:
        failure = _fill(unfinished, python, env, say, lock, uv)
        if failure:
            return Missing(failure)
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    say("The Rasa environment is ready.")
    return Ready(folder)


def _fill(folder: Path, python: str, env: Mapping[str, str], say: Say, lock: Path, uv: str) -> str | None:
    """Make the environment in an empty folder; the reason when it did not work."""
    target = str(folder / "bin" / "python")
    # `sync` installs exactly the locked list; `install` would ask again for the tensorflow we leave out.
    install = [uv, "pip", "sync", "--quiet", "--no-config", "--require-hashes", "--compile-bytecode"]
    steps = (
        ("Making an environment with Python 3.10 for Rasa.",
         [uv, "venv", "--quiet", "--no-project", "--no-config", "--relocatable", "--allow-existing",
          "--python", python, str(folder)]),
        ("Installing Rasa 3.6 and what it needs (about 2 GB; a minute the first time).",
         [*install, "--python", target, str(lock)]),
        ("Checking that Rasa starts.", [target, "-c", "import rasa.shared.utils.io, tensorflow, sklearn"]),
    )  # fmt: skip # each step with its command
    for sentence, command in steps:
        say(sentence)
        failure = _failure(command, env)
        if failure:
            return f"{sentence} This failed: {failure}"
    (folder / _MARKER).write_text(hashlib.sha256(lock.read_bytes()).hexdigest() + "\n", encoding="utf-8")
    return None


def _failure(command: list[str], env: Mapping[str, str]) -> str | None:
    quiet = {**env, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    try:
        done = subprocess.run(command, check=False, env=quiet, capture_output=True, text=True)
    except OSError as error:
        return str(error)
    if done.returncode == 0:
        return None
    return " ".join(done.stderr.split())[-600:] or f"exit status {done.returncode}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m nlu.rasa_environment", description="Make Rasa's environment."
    )
    parser.add_argument("--check", action="store_true", help="only say whether it is there")
    chosen = parser.parse_args(arguments)
    result = find_environment(os.environ) if chosen.check else prepare_environment(os.environ, print)
    if isinstance(result, Missing):
        print(result.reason, file=sys.stderr)
        return 1
    print(result.path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
