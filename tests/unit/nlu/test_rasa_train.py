"""When a model is trained anew, and when it is not; the training itself is for the acceptance tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nlu.rasa_environment import environment_folder
from nlu.rasa_train import Material, NotTrained, Trained, find_model, quiet_environment, train_model

RASA = """#!/bin/sh
echo trained >> "{log}"
if [ -e "{log}.broken" ]; then echo "config is wrong" >&2; exit 1; fi
ls data > "{log}.data"
touch model.tar.gz
"""


@pytest.fixture
def material(tmp_path: Path) -> Material:
    for name in ("nl/stop", "en/stop", "tests/nl/stop"):
        path = tmp_path / "data" / f"{name}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("nlu: []\n")
    (tmp_path / "config.yml").write_text("language: nl\n")
    (tmp_path / "rasa.lock").write_text("rasa\n")
    return Material(tmp_path / "config.yml", tmp_path / "data", tmp_path / "rasa.lock")


@pytest.fixture
def env(tmp_path: Path, material: Material) -> dict[str, str]:
    """Settings under which Rasa is a small script that makes an empty model."""
    found = {"WIJKVERHAAL_RASA_HOME": str(tmp_path / "rasa"), "PATH": "/usr/bin:/bin"}
    folder = environment_folder(found, material.lock)
    (folder / "bin").mkdir(parents=True)
    (folder / "ready").touch()
    (folder / "bin" / "python").write_text(RASA.format(log=tmp_path / "log"))
    (folder / "bin" / "python").chmod(0o755)
    return found


def ignore(_sentence: str) -> None:
    """Progress that nobody reads."""


@pytest.mark.parametrize("changed", ["config.yml", "data/nl/stop.yml", "data/en/stop.yml", "rasa.lock"])
def test_key_changes_with_what_shapes_the_model(tmp_path: Path, material: Material, changed: str) -> None:
    before = material.key()
    (tmp_path / changed).write_text("something else\n")
    assert material.key() != before


def test_key_stays_when_held_out_sentences_change(tmp_path: Path, material: Material) -> None:
    before = material.key()
    (tmp_path / "data" / "tests" / "nl" / "stop.yml").write_text("something else\n")
    assert material.key() == before


def test_key_is_the_same_in_a_checkout_of_another_name(tmp_path: Path, material: Material) -> None:
    other = tmp_path / "of another name"
    shutil.copytree(tmp_path / "data", other / "data")
    for name in ("config.yml", "rasa.lock"):
        shutil.copy(tmp_path / name, other / name)
    copied = Material(other / "config.yml", other / "data", material.lock)
    assert copied.key() == material.key()


def test_train_model_twice_trains_once(tmp_path: Path, material: Material, env: dict[str, str]) -> None:
    models = tmp_path / "models"
    first = train_model(models, env, ignore, material=material)
    assert first == Trained(models / f"nlu-{material.key()}.tar.gz")
    assert train_model(models, env, ignore, material=material) == first == find_model(models, material)
    assert (tmp_path / "log").read_text() == "trained\n"
    assert sorted(path.name for path in models.iterdir()) == [f"nlu-{material.key()}.tar.gz"]


def test_train_model_does_not_show_the_held_out_sentences(
    tmp_path: Path, material: Material, env: dict[str, str]
) -> None:
    train_model(tmp_path / "models", env, ignore, material=material)
    assert (tmp_path / "log.data").read_text().split() == ["en", "nl"]


def test_train_model_failing_says_why_and_leaves_nothing(
    tmp_path: Path, material: Material, env: dict[str, str]
) -> None:
    (tmp_path / "log.broken").touch()
    result = train_model(tmp_path / "models", env, ignore, material=material)
    assert result == NotTrained("Training the Rasa model failed: config is wrong")
    assert list((tmp_path / "models").iterdir()) == []


def test_train_model_without_environment_says_how_to_get_it(tmp_path: Path, material: Material) -> None:
    env = {"WIJKVERHAAL_RASA_HOME": str(tmp_path / "nowhere")}
    assert train_model(tmp_path / "models", env, ignore, material=material) == NotTrained(
        "The Rasa environment is not there yet. Run `python -m nlu.rasa_environment` to make it."
    )


def test_find_model_before_training_says_how(tmp_path: Path, material: Material) -> None:
    assert find_model(tmp_path, material) == NotTrained(
        "There is no Rasa model of the present data yet. Run `python -m nlu.rasa_train` to train it."
    )


def test_quiet_environment_hands_over_no_secret() -> None:
    found = quiet_environment({"PATH": "/bin", "WIJKVERHAAL_KEY": "secret", "TELEGRAM_TOKEN": "secret"})
    assert (found["PATH"], found["RASA_TELEMETRY_ENABLED"]) == ("/bin", "false")
    assert "secret" not in found.values()
