"""Prepares what understands best: Rasa's environment and its trained model, with a word on every long step."""

from collections.abc import Callable, Mapping

from rich.console import Console

from nlu.rasa_environment import Missing, models_folder, prepare_environment
from nlu.rasa_train import NotTrained, train_model


def set_up_understanding(env: Mapping[str, str], say: Callable[[str], None], console: Console) -> None:
    """Without Python 3.10 or a registry this says what is missing, and the assistant works with rules only."""
    with console.status("3/3  Preparing Rasa, which understands free words best"):
        environment = prepare_environment(env, say)
        if isinstance(environment, Missing):
            say(f"Rasa is left out for now: {environment.reason}")
            say("The assistant works without it, with buttons and rules.")
            return
        trained = train_model(models_folder(env), env, say)
    if isinstance(trained, NotTrained):
        say(f"Rasa is left out for now: {trained.reason}")
