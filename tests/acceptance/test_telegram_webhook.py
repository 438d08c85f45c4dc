"""The whole of Telegram with the real process, where the assistant is called by Telegram: see telegram_stories."""

import pytest

from tests.acceptance.telegram_stories import *  # noqa: F403 - the stories are the tests


@pytest.fixture(scope="module")
def mode() -> str:
    return "webhook"
