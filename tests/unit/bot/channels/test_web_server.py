"""The routes as a whole: health, metrics, the page's files, and a key that must be long enough."""

import gzip
import re
from typing import Any

import pytest

from bot.channels.web.server import WebSettings
from domain.errors import DomainError
from tests.browser.fakes import Browser, FakeConversations, FakeTime, build_app

HERE = ("127.0.0.1", 40_000)


def browser(peer: tuple[str, int] = ("203.0.113.7", 1), **changes: Any) -> Browser:
    return Browser(build_app(FakeConversations(), FakeTime(), **changes), peer=peer)


@pytest.mark.parametrize(("storage", "status"), [("ok", 200), ("down", 503)])
def test_healthz_follows_the_storage(storage: str, status: int) -> None:
    health = {"status": storage, "storage": storage, "understanding": "rules only"}
    answer = browser(health=health).get("/healthz")
    assert (answer.status, answer.json) == (status, health)


def test_metrics_are_for_this_machine_or_the_token() -> None:
    assert "turns_total 3.0" in browser(HERE).get("/metrics").text
    assert browser().get("/metrics").status == 403
    assert browser(HERE).get("/metrics", x_forwarded_for="127.0.0.1").status == 403
    assert browser().get("/metrics?token=another+token").status == 200
    assert browser().get("/metrics", authorization="Bearer a right token").status == 403
    assert browser(metrics_token="").get("/metrics?token=").status == 403


def test_page_names_files_that_a_browser_may_keep_for_good() -> None:
    site = browser()
    urls = re.findall(r'(?:href|src)="(/static/[^"]+)"', site.get("/").text)
    assert [url.partition("?")[0] for url in urls] == [
        "/static/icon.svg",
        "/static/chat.css",
        "/static/chat.js",
    ]
    for url in urls:
        answer = site.get(url)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert gzip.decompress(site.get(url, accept_encoding="gzip").body) == answer.body


def test_file_under_an_old_version_is_not_kept() -> None:
    answer = browser().get("/static/chat.css?v=old")
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-cache")
    assert browser().get("/static/chat.css", if_none_match=answer.headers["etag"]).status == 304


@pytest.mark.parametrize("name", ["page.html", "..%2fchat.py", "../chat.py", "chat.css.gz", ""])
def test_file_that_is_not_ours_to_give_is_not_found(name: str) -> None:
    assert browser().get(f"/static/{name}").status == 404


def test_key_that_is_too_short_is_refused() -> None:
    with pytest.raises(DomainError) as refused:
        WebSettings(key=b"short")
    assert (refused.value.code, refused.value.detail) == ("web_key_too_short", {"least": 32})
