"""The preview of a form in a real browser: it opens from disk, changes language without a script, and is accessible."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.forms_page import preview_page
from app.shelf import STARTER
from bot.forms.load import load_form
from tests.browser.conftest import AXE, WCAG


@pytest.mark.parametrize("width", [360, 1100])
def test_the_preview_changes_language_and_asks_the_network_nothing(
    chromium: Browser, tmp_path: Path, width: int
) -> None:
    file = tmp_path / "preview.html"
    file.write_text(preview_page(load_form(STARTER)), encoding="utf-8")
    with chromium.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False) as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        before = (
            page.get_by_text("Hoe oud bent u?").first.is_visible(),
            page.get_by_text("How old are you?").first.is_visible(),
        )
        page.get_by_role("group", name="Taal").get_by_text("English").click()
        after = (
            page.get_by_text("Hoe oud bent u?").first.is_visible(),
            page.get_by_text("How old are you?").first.is_visible(),
        )

    assert (before, after, asked) == ((True, False), (False, True), [file.as_uri()])


def test_the_preview_is_accessible(chromium: Browser, tmp_path: Path) -> None:
    if not AXE.exists():
        pytest.skip("No axe here: npm ci in tests/browser.")
    file = tmp_path / "preview.html"
    file.write_text(preview_page(load_form(STARTER)), encoding="utf-8")
    with chromium.new_context(viewport={"width": 360, "height": 800}, bypass_csp=True) as context:
        page = context.new_page()
        page.goto(file.as_uri())
        page.add_script_tag(path=AXE)
        found = page.evaluate("tags => axe.run({runOnly: tags})", WCAG)
        is_too_wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")

    violations = {each["id"]: [node["target"] for node in each["nodes"]] for each in found["violations"]}
    assert (violations, is_too_wide) == ({}, False)
