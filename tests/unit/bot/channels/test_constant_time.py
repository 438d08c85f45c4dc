"""Secrets from outside are compared in a time that tells nothing of how much of them was right."""

import hmac
import inspect
from typing import Any

import pytest

from bot.channels.telegram import webhook
from bot.channels.web import visits, wire
from tests.unit.bot.channels.fake_conversations import text
from tests.unit.bot.channels.test_telegram_webhook import SECRET, on_a_site


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, Any]]:
    """What was given to the comparison that takes as long for any two values."""
    seen: list[tuple[Any, Any]] = []
    real = hmac.compare_digest

    def compare(one: Any, other: Any) -> bool:
        seen.append((one, other))
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    return seen


@pytest.mark.parametrize("given", [SECRET.encode(), b"wrong", SECRET[:-1].encode()])
def test_secret_of_the_webhook_is(given: bytes, compared: list[tuple[Any, Any]]) -> None:
    _, status = on_a_site(lambda site: site.push(text(1, 7, "hoi"), given))

    assert status == (200 if given == SECRET.encode() else 401)
    assert compared == [(given, SECRET.encode())]


@pytest.mark.parametrize("given", [b"right", b"wrong"])
def test_token_of_the_rest_channel_is(given: bytes, compared: list[tuple[Any, Any]]) -> None:
    headers = {b"authorization": b"Bearer " + given}

    assert wire.may_enter({"type": "http", "client": ("192.0.2.1", 1)}, headers, "right") is (
        given == b"right"
    )
    assert compared == [(given, b"right")]


@pytest.mark.parametrize("module", [webhook, wire, visits])
def test_no_secret_is_compared_with_a_sign(module: Any) -> None:
    source = inspect.getsource(module)
    assert "compare_digest" in source
    assert not [
        sign for sign in ("== self._secret", "!= self._secret", "== token", "!= token") if sign in source
    ]
