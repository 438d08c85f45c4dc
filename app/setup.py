"""Prepares what understands best: Rasa's environment and its trained model, with a word on every long step."""

from collections.abc import Callable, Mapping

from rich.console import Console

from nlu.rasa_environment import Missing, find_environment, models_folder, prepare_environment
from nlu.rasa_train import NotTrained, find_model, train_model


def set_up_understanding(env: Mapping[str, str], say: Callable[[str], None], console: Console) -> None:
    """Without Python 3.10 or a registry this says what is missing, and the assistant works with rules only."""
    if _is_something_to_do(env):
        say("3/3  Preparing Rasa, which understands free words best (one to three minutes the first time)")
    with console.status("Preparing Rasa"):
        missing = _what_is_missing(env, say)
    if missing:
        say(f"Rasa is left out for now: {missing}")
        say("The assistant works without it, with buttons and rules. 'make setup' tries again.")


def _is_something_to_do(env: Mapping[str, str]) -> bool:
    return isinstance(find_environment(env), Missing) or isinstance(
        find_model(models_folder(env)), NotTrained
    )


def _what_is_missing(env: Mapping[str, str], say: Callable[[str], None]) -> str:
    """Empty when all is there."""
    environment = prepare_environment(env, say)
    if isinstance(environment, Missing):
        return environment.reason
    trained = train_model(models_folder(env), env, say)
    return trained.reason if isinstance(trained, NotTrained) else ""
