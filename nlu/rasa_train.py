"""Trains the Rasa model once for each state of pipeline and data; it does not build the environment or serve.

Standard library only. A model's file name holds the hash of all it was made from, so equal content means the
same file and a second call does nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nlu.rasa_environment import LOCK_FILE, Missing, Ready, Say, find_environment, models_folder

ROOT = Path(__file__).resolve().parents[1]
OWN_PARTS = Path(__file__).resolve().parent / "rasa"
THEMES = "themes"
LANGUAGES = ("nl", "en")
TRAINING_SECONDS = 900

_NOT_OF_THE_MODEL = ("serve.py", "measure.py")
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class Material:
    """What a model is made from: the pipeline, a folder with one sub-folder per language and one of themes, the lock
    file, and the folder of our own parts of the pipeline."""

    config: Path = ROOT / "config.yml"
    data: Path = ROOT / "nlu" / "data"
    lock: Path = LOCK_FILE
    parts: Path = OWN_PARTS

    def files(self) -> list[Path]:
        """Every file that shapes the model, in a fixed order; the held-out tests are not among them."""
        found = [path for language in LANGUAGES for path in (self.data / language).glob("*.yml")]
        found += [path for path in (self.data / THEMES).glob("*") if path.suffix in (".jsonl", ".json")]
        parts = sorted(path for path in self.parts.glob("*.py") if path.name not in _NOT_OF_THE_MODEL)
        return [self.config, self.lock, *parts, *sorted(found)]

    def key(self) -> str:
        """Twelve hexadecimal digits that change when the content or the name of any file changes."""
        digest = hashlib.sha256()
        for path in self.files():
            content = path.read_bytes()
            # The folder around the pipeline is called as somebody called their checkout.
            folder = "" if path == self.config else f"{path.parent.name}/"
            digest.update(f"{folder}{path.name} {len(content)}\n".encode() + content)
        return digest.hexdigest()[:12]


@dataclass(frozen=True)
class Trained:
    """A complete model file."""

    path: Path

    @property
    def name(self) -> str:
        """What it is called where its answers are kept: the name of the file without its ending."""
        return self.path.name.removesuffix(".tar.gz")


@dataclass(frozen=True)
class NotTrained:
    """There is no model; `reason` is one or more whole sentences."""

    reason: str


def find_model(models: Path, material: Material | None = None) -> Trained | NotTrained:
    """The model of the present pipeline and data; trains nothing."""
    path = _model_path(models, material or Material())
    if path.is_file():
        return Trained(path)
    return NotTrained(
        "There is no Rasa model of the present data yet. Run `python -m nlu.rasa_train` to train it."
    )


def train_model(
    models: Path,
    env: Mapping[str, str],
    say: Say,
    *,
    material: Material | None = None,
    longest_seconds: float = TRAINING_SECONDS,
) -> Trained | NotTrained:
    """Give the model of the present pipeline and data, training it where needed (one to three minutes on two cores).

    The file appears under its name only when it is complete.
    """
    material = material or Material()
    path = _model_path(models, material)
    if path.is_file():
        say("The Rasa model is up to date.")
        return Trained(path)
    environment = find_environment(env, material.lock)
    if isinstance(environment, Missing):
        return NotTrained(environment.reason)
    models.mkdir(parents=True, exist_ok=True)
    say("Training the Rasa model; this takes a minute or two.")
    with tempfile.TemporaryDirectory(prefix=".training-", dir=models) as folder:
        failure = _train(Path(folder), environment, env, material, longest_seconds)
        if failure:
            return NotTrained(f"Training the Rasa model failed: {failure}")
        (Path(folder) / "model.tar.gz").rename(path)
    say(f"The Rasa model is ready: {path.name}.")
    return Trained(path)


def quiet_environment(env: Mapping[str, str]) -> dict[str, str]:
    """The variables under which every Rasa process of ours runs: one thread, no telemetry, warnings only.

    Of ours it gets only what any program needs: the keys and tokens of the application are no business of Rasa's.
    """
    return {
        **{name: env[name] for name in _PASSED_ON if name in env},
        "RASA_TELEMETRY_ENABLED": "false",
        "LOG_LEVEL": "WARNING",
        "LOG_LEVEL_LIBRARIES": "ERROR",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_INTRA_OP_PARALLELISM_THREADS": "1",
        "TF_INTER_OP_PARALLELISM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "-1",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONWARNINGS": "ignore",
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYTHONPATH": str(OWN_PARTS),
    }


def _model_path(models: Path, material: Material) -> Path:
    return models / f"nlu-{material.key()}.tar.gz"


def _train(
    folder: Path, environment: Ready, env: Mapping[str, str], material: Material, longest_seconds: float
) -> str | None:
    """Run the training on a copy, so that Rasa never sees the held-out tests; the reason when it failed."""
    for language in LANGUAGES:
        shutil.copytree(material.data / language, folder / "data" / language)
    if (material.data / THEMES).is_dir():
        shutil.copytree(material.data / THEMES, folder / THEMES)
    shutil.copy(material.config, folder / "config.yml")
    command = [
        str(environment.python), "-m", "rasa", "train", "nlu", "--quiet", "--config", "config.yml",
        "--nlu", "data", "--out", ".", "--fixed-model-name", "model",
    ]  # fmt: skip # read as one command line
    variables = {**quiet_environment(env), "MPLCONFIGDIR": str(folder)}
    try:
        done = subprocess.run(
            command,
            check=False,
            cwd=folder,
            env=variables,
            capture_output=True,
            text=True,
            timeout=longest_seconds,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode != 0 or not (folder / "model.tar.gz").is_file():
        return " ".join((done.stderr or done.stdout).split())[-600:] or "no model was written"
    return None


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m nlu.rasa_train", description="Train the Rasa model.")
    parser.add_argument(
        "--models", type=Path, default=models_folder(os.environ), help="folder for the model files"
    )
    result = train_model(parser.parse_args(arguments).models, os.environ, print)
    if isinstance(result, NotTrained):
        print(result.reason, file=sys.stderr)
        return 1
    print(result.path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
