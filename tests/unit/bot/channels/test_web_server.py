"""The routes as a whole: health, metrics, the page's files, and a key that must be long enough."""

import gzip
import re
from typing import Any

import pytest

from bot.channels.web.server import WebSettings, may_open_to_programs
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


@pytest.mark.parametrize("path", ["/webhooks/rest/webhook", "/webhooks/rest/", "/metrics"])
def test_doors_for_programs_are_not_there_where_they_may_not_be(path: str) -> None:
    closed = browser(HERE, for_programs=False)
    assert closed.get(path).status == 404
    assert (closed.get("/").status, closed.get("/healthz").status) == (200, 200)
    assert browser(HERE).get(path).status != 404


@pytest.mark.parametrize(
    ("host", "token", "may"),
    [
        ("127.0.0.1", "", True),
        ("127.8.0.1", "", True),
        ("::1", "", True),
        ("0.0.0.0", "", False),
        ("::", "", False),
        ("192.0.2.7", "", False),
        ("0.0.0.0", "a token", True),
    ],
)
def test_without_a_token_programs_may_come_only_where_nobody_else_can(
    host: str, token: str, may: bool
) -> None:
    assert may_open_to_programs(host, token) is may


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
