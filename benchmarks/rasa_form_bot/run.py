"""Trains (once) and runs the plain Rasa form bot that a whole turn of ours is measured against.

Standard library only: `python benchmarks/rasa_form_bot/run.py --port 5055 --workdir DIR`. It ends with SIGINT or
SIGTERM, and its Rasa ends with it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[2]
BOT = Path(__file__).resolve().parent / "bot"
sys.path.insert(0, str(ROOT))

from nlu.rasa_environment import Missing, Ready, find_environment  # noqa: E402  # the path to it is set just above
from nlu.rasa_train import quiet_environment  # noqa: E402  # the path to it is set just above

# Rasa reads where to keep its trackers from a file; the database then lies in the work folder.
ENDPOINTS = """\
tracker_store:
  type: SQL
  dialect: sqlite
  db: trackers.db
"""


def bot_key() -> str:
    """Twelve hexadecimal digits that change with any file of the bot."""
    digest = hashlib.sha256()
    for path in sorted(BOT.glob("*.yml")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def train_bot(environment: Ready, work: Path) -> Path:
    """The model in the work folder, trained where needed; CalledProcessError when that fails."""
    model = work / f"form-bot-{bot_key()}.tar.gz"
    if not model.is_file():
        print("Training the form bot; this takes less than a minute.", flush=True)
        source = work / "bot"
        shutil.rmtree(source, ignore_errors=True)
        shutil.copytree(BOT, source)
        command = [
            str(environment.python), "-m", "rasa", "train", "--quiet", "--config", "config.yml",
            "--domain", "domain.yml", "--data", "nlu.yml", "rules.yml", "--out", ".", "--fixed-model-name", "model",
        ]  # fmt: skip # read as one command line
        subprocess.run(command, check=True, cwd=source, env=variables(work), stdout=sys.stderr)
        (source / "model.tar.gz").rename(model)
    return model


def start_bot(environment: Ready, model: Path, work: Path, port: int) -> subprocess.Popen[bytes]:
    """Rasa with its REST channel on loopback and an SQLite tracker store, in a process group of its own."""
    (work / "endpoints.yml").write_text(ENDPOINTS, encoding="utf-8")
    (work / "credentials.yml").write_text("rest:\n", encoding="utf-8")
    command = [
        str(environment.python), "-m", "rasa", "run", "--quiet", "--model", str(model), "--interface", "127.0.0.1",
        "--port", str(port), "--endpoints", "endpoints.yml", "--credentials", "credentials.yml",
    ]  # fmt: skip # read as one command line
    with (work / "rasa.log").open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=work,
            env=variables(work),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def variables(work: Path) -> dict[str, str]:
    return {**quiet_environment(os.environ), "MPLCONFIGDIR": str(work)}


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the plain Rasa form bot.")
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1")
    parser.add_argument(
        "--workdir", type=Path, required=True, help="folder for the model, the trackers and the log"
    )
    chosen = parser.parse_args()
    environment = find_environment(os.environ)
    if isinstance(environment, Missing):
        print(environment.reason, file=sys.stderr)
        return 1
    work = chosen.workdir.absolute()
    work.mkdir(parents=True, exist_ok=True)
    model = train_bot(environment, work)
    signal.signal(signal.SIGTERM, _interrupt)
    process = start_bot(environment, model, work, chosen.port)
    print(f"The form bot starts on http://127.0.0.1:{chosen.port}/webhooks/rest/webhook", flush=True)
    try:
        return process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        _end(process)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
