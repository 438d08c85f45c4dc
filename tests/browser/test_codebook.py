"""The codebook of an export as a page: on a phone, for who cannot see it, and on paper."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from storage.codebook_html import to_html
from tests.contract.test_export_codebooks import CODEBOOK

LONG = "home/a_very_long_name_of_a_group/and_a_very_long_name_of_a_question_that_goes_on_and_on"


@pytest.fixture
def address(tmp_path: Path) -> str:
    """A codebook with a name of a column that is wider than a phone."""
    file = tmp_path / "codebook.html"
    file.write_text(to_html(CODEBOOK, "nl").replace("pet/name", LONG), encoding="utf-8")
    return file.as_uri()


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_nothing_keeps_people_out(chromium: Browser, find_barriers: Any, address: str, colours: Any) -> None:
    page = chromium.new_page(color_scheme=colours)
    page.goto(address)
    assert find_barriers(page) == []
    page.close()


def test_it_fits_on_a_phone(chromium: Browser, address: str) -> None:
    page = chromium.new_page(viewport={"width": 320, "height": 640})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.close()


def test_it_needs_nothing_from_elsewhere(chromium: Browser, address: str) -> None:
    page = chromium.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    assert asked == [address]
    page.close()
