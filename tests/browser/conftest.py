"""A browser for the tests of the chat page, or one sentence that says how to get it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.fakes import FakeConversations, FakeTime, build_app
from tests.browser.serving import serve
from tests.patience import PATIENCE

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 1000 * PATIENCE


def find_chromium() -> str | None:
    return os.environ.get("WIJKVERHAAL_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


# One module long, not one session: while it is open, no other test in this process could run an event loop.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.skip("No Chromium here: apt-get install chromium, or name one in WIJKVERHAAL_CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@dataclass
class Site:
    """The chat page on a real server. What the browser complained about is collected in `complaints`."""

    url: str
    conversations: FakeConversations
    time: FakeTime
    chromium: Browser
    contexts: list[BrowserContext]
    complaints: list[str]

    def context(self, **options: Any) -> BrowserContext:
        made = self.chromium.new_context(**({"reduced_motion": "reduce"} | options))
        made.set_default_timeout(PATIENCE_MS)
        self.contexts.append(made)
        return made

    def page(self, path: str = "/", **options: Any) -> Page:
        page = self.context(**options).new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self._note(message.type, message.text))
        page.goto(self.url + path)
        return page

    def _note(self, kind: str, text: str) -> None:
        # That the server refused something is what some tests are about; the browser reports it as an error.
        if kind in ("error", "warning") and not text.startswith("Failed to load resource"):
            self.complaints.append(text)


@pytest.fixture
def site(chromium: Browser) -> Iterator[Site]:
    conversations, time = FakeConversations(), FakeTime()
    with serve(build_app(conversations, time)) as url:
        made = Site(url, conversations, time, chromium, [], [])
        yield made
        for context in made.contexts:
            context.close()
    assert made.complaints == []


@pytest.fixture
def find_barriers() -> Any:
    """Asks axe-core what on a page keeps people out; gives "rule: what, where" lines."""
    if not AXE.exists():
        pytest.skip("axe-core is not here: npm ci --prefix tests/browser")
    source = AXE.read_text(encoding="utf-8")

    def find(page: Page) -> list[str]:
        page.evaluate(source)
        found = page.evaluate(f"() => axe.run({{runOnly: {{type: 'tag', values: {json.dumps(WCAG)}}}}})")
        return [
            f"{violation['id']}: {violation['help']}, {[node['html'][:120] for node in violation['nodes']]}"
            for violation in found["violations"]
        ]

    return find
