"""The chat page in a real browser: seen, heard, with a keyboard only, without JavaScript, and when things fail."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect

from domain.errors import DomainError
from domain.message import Button, Document, IncomingKind, Message
from tests.browser.conftest import Site
from tests.browser.fakes import DONE

pytestmark = pytest.mark.xdist_group("browser")

FindBarriers = Callable[[Page], list[str]]
TROUBLE = "Het lukt nu even niet. Uw antwoord staat er nog. Probeer het zo nog eens."
LONG_WORD = "hottentottententententoonstellingsmakersopleidingscommissie"

NO_SIDEWAYS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
SMALLEST_LETTER = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const sizes = [];
  while (walker.nextNode()) {
    const holder = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() && holder.checkVisibility()) sizes.push(getComputedStyle(holder).fontSize);
  }
  return Math.min(...sizes.map(parseFloat));
}"""
SMALL_TARGETS = """() => [...document.querySelectorAll("button, textarea")].filter((part) => part.checkVisibility())
  .filter((part) => part.getBoundingClientRect().height < 24).map((part) => part.textContent)"""
FOCUS_IS_COVERED = """() => {
  const [focused, composer] = [document.activeElement, document.getElementById("composer")];
  if (composer.contains(focused)) return false;
  const [a, b] = [focused.getBoundingClientRect(), composer.getBoundingClientRect()];
  return getComputedStyle(composer).position === "sticky" && a.bottom > b.top + 1 && a.top < b.bottom;
}"""


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def walk_to(page: Page, name: str, key: str = "Tab", most: int = 12) -> None:
    """Presses `key` until the control called `name` has the focus."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate("() => document.activeElement.textContent.trim()") == name:
            return
    raise AssertionError(f"{name} is not within {most} times {key}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(320, 640), (1280, 800)])
def test_page_with_buttons_has_no_barriers(
    site: Site, find_barriers: FindBarriers, scheme: str, size: tuple[int, int]
) -> None:
    page = site.page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    press(page, "Ja, dat mag")
    press(page, "Nazareth")
    expect(page.get_by_role("group", name="Kon u de afgelopen")).to_be_visible()
    assert find_barriers(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_in_trouble_has_no_barriers(site: Site, find_barriers: FindBarriers, scheme: str) -> None:
    page = site.page(color_scheme=scheme)
    expect(page.get_by_role("button", name="Ja, dat mag")).to_be_visible()
    site.conversations.fail.append(DomainError("storage_unavailable"))
    press(page, "Ja, dat mag")
    expect(page.get_by_role("alert")).to_contain_text(TROUBLE)
    assert find_barriers(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_without_javascript_has_no_barriers(
    site: Site, find_barriers: FindBarriers, scheme: str
) -> None:
    # The browser can run axe, but our own script never arrives: the page stays as it is without JavaScript.
    page = site.context(color_scheme=scheme).new_page()
    page.route("**/chat.js*", lambda route: route.abort())
    page.goto(site.url)
    assert find_barriers(page) == []
    press(page, "Begin of ga verder")
    expect(page.get_by_role("button", name="Ja, dat mag")).to_be_visible()
    assert find_barriers(page) == []


def test_conversation_says_what_it_is_to_a_screen_reader(site: Site) -> None:
    page = site.page()
    log = page.get_by_role("log", name="Gesprek")
    expect(log).to_have_attribute("aria-live", "polite")
    group = log.get_by_role("group", name="Mogen we uw antwoorden gebruiken voor de wijkagenda?")
    expect(group.get_by_role("button")).to_have_text(["Ja, dat mag", "Nee, liever niet"])
    expect(page.get_by_role("textbox", name="Uw antwoord")).to_have_accessible_description(
        "Met Enter verstuurt u. Met Shift en Enter begint u een nieuwe regel."
    )
    always = page.get_by_role("group", name="Dit kan altijd")
    expect(always.get_by_role("button")).to_have_text(["Pauze", "Stop", "Help"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Wijkverhaal")
    expect(page.get_by_role("banner")).to_contain_text("U praat met een computer")
    expect(page.get_by_role("contentinfo").get_by_role("button", name="Wis mijn gegevens")).to_be_visible()
    expect(page.get_by_role("status")).to_have_count(1)


def test_three_questions_with_a_keyboard_only(site: Site) -> None:
    page = site.page(viewport={"width": 768, "height": 700})
    expect(page.get_by_role("button", name="Ja, dat mag")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Ga naar het tekstvak")).to_be_focused()
    walk_to(page, "Ja, dat mag")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="In welke wijk woont u?")).to_be_focused()
    assert not page.evaluate(FOCUS_IS_COVERED)
    walk_to(page, "Pottenberg", most=2)
    assert not page.evaluate(FOCUS_IS_COVERED)
    page.keyboard.press("Space")
    expect(page.get_by_role("group", name="Kon u de afgelopen")).to_be_focused()
    walk_to(page, "Ja, enige moeite", most=3)
    assert not page.evaluate(FOCUS_IS_COVERED)
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Wat gaat er goed")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("De buren")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("en het park")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text(DONE)
    expect(page.get_by_role("textbox")).to_be_focused()
    said = [(taken.kind, taken.text) for taken in site.conversations.taken]
    assert said == [
        (IncomingKind.OPEN, ""),
        (IncomingKind.TAP, "/yes.1"),
        (IncomingKind.TAP, "/a.2.0.1"),
        (IncomingKind.TAP, "/a.3.1.2"),
        (IncomingKind.TEXT, "De buren\nen het park"),
    ]


def test_focus_is_always_to_be_seen(site: Site) -> None:
    page = site.page()
    expect(page.get_by_role("button", name="Ja, dat mag")).to_be_visible()
    for _ in range(11):
        page.keyboard.press("Tab")
        width = page.evaluate("() => getComputedStyle(document.activeElement).outlineWidth")
        style = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
        assert (width, style) == ("3px", "solid")


def test_conversation_without_javascript(site: Site) -> None:
    page = site.page(java_script_enabled=False)
    press(page, "Begin of ga verder")
    press(page, "Ja, dat mag")
    expect(page.get_by_role("group", name="In welke wijk woont u?")).to_be_visible()
    press(page, "Nazareth")
    press(page, "Ja, grote moeite")
    page.get_by_role("textbox", name="Uw antwoord").fill("De buren")
    press(page, "Verstuur")
    expect(page.get_by_role("log")).to_contain_text(DONE)
    assert [taken.text for taken in site.conversations.taken] == [
        "",
        "/yes.1",
        "/a.2.0.0",
        "/a.3.1.3",
        "De buren",
    ]
    assert len({taken.channel_ref for taken in site.conversations.taken}) == 1


def test_link_from_elsewhere_leads_back_into_the_same_conversation(site: Site) -> None:
    page = site.page()
    press(page, "Ja, dat mag")
    expect(page.get_by_role("button", name="Nazareth")).to_be_visible()
    page.goto("about:blank")
    elsewhere = site.url.replace("127.0.0.1", "localhost")
    page.route(
        f"{elsewhere}/",
        lambda route: route.fulfill(body=f"<a href='{site.url}'>go</a>", content_type="text/html"),
    )
    page.goto(elsewhere + "/")
    page.get_by_role("link").click()
    expect(page.get_by_role("button", name="Nazareth")).to_be_visible()
    assert len({taken.channel_ref for taken in site.conversations.taken}) == 1


def test_lost_answer_tried_again_counts_once(site: Site) -> None:
    page = site.page()
    expect(page.get_by_role("button", name="Ja, dat mag")).to_be_visible()
    sent: list[Request] = []

    def lose_the_first(route: Route) -> None:
        sent.append(route.request)
        if len(sent) > 1:
            route.continue_()
            return
        route.fetch()
        route.abort()

    page.route("**/chat/turn", lose_the_first)
    press(page, "Ja, dat mag")
    expect(page.get_by_role("alert")).to_contain_text(TROUBLE)
    expect(page.get_by_role("log")).to_contain_text("Nog niet verstuurd")
    press(page, "Probeer opnieuw")
    expect(page.get_by_role("button", name="Nazareth")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_empty()
    expect(page.get_by_role("log")).not_to_contain_text("Nog niet verstuurd")
    assert [taken.text for taken in site.conversations.taken] == ["", "/yes.1"]
    assert sent[0].post_data == sent[1].post_data


def test_text_said_during_trouble_follows_in_order(site: Site) -> None:
    page = site.page()
    expect(page.get_by_role("button", name="Ja, dat mag")).to_be_visible()
    site.conversations.fail.append(DomainError("storage_unavailable"))
    page.get_by_role("textbox").fill("eerst")
    press(page, "Verstuur")
    expect(page.get_by_role("alert")).to_contain_text(TROUBLE)
    page.get_by_role("textbox").fill("daarna")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Kon u de afgelopen")).to_be_visible()
    assert [taken.text for taken in site.conversations.taken] == ["", "eerst", "daarna"]


def test_text_that_is_too_long_is_given_back(site: Site) -> None:
    page = site.page()
    expect(page.get_by_role("button", name="Ja, dat mag")).to_be_visible()
    page.get_by_role("textbox").fill("x" * 70_000)
    press(page, "Verstuur")
    expect(page.get_by_role("alert")).to_contain_text("Uw bericht is te lang om te versturen.")
    expect(page.get_by_role("textbox")).to_have_value("x" * 70_000)
    expect(page.get_by_role("button", name="Probeer opnieuw")).to_have_count(0)


def test_forgotten_browser_is_told_and_keeps_its_text(site: Site) -> None:
    page = site.page()
    press(page, "Ja, dat mag")
    expect(page.get_by_role("button", name="Nazareth")).to_be_visible()
    site.contexts[-1].clear_cookies()
    page.get_by_role("textbox").fill("een lang verhaal")
    press(page, "Verstuur")
    expect(page.get_by_role("log")).to_contain_text("We kennen dit gesprek niet meer.")
    expect(page.get_by_role("button", name="Ja, dat mag")).to_be_visible()
    expect(page.get_by_role("button", name="Nazareth")).to_have_count(0)
    expect(page.get_by_role("textbox")).to_have_value("een lang verhaal")


def test_second_press_that_lands_on_the_next_question_does_not_count(site: Site) -> None:
    """The answer to the first press may come between the two presses of a double one."""
    page = site.page()
    page.get_by_role("button", name="Ja, dat mag").click()
    box = page.get_by_role("button", name="Nazareth").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down(click_count=2)
    page.mouse.up(click_count=2)
    page.get_by_role("button", name="Pottenberg").click()
    expect(page.get_by_role("log")).to_contain_text("Pottenberg")
    assert [taken.text for taken in site.conversations.taken] == ["", "/yes.1", "/a.2.0.1"]


def test_double_press_on_an_answer_counts_once(site: Site) -> None:
    page = site.page()
    page.get_by_role("button", name="Ja, dat mag").dblclick()
    expect(page.get_by_role("button", name="Nazareth")).to_be_visible()
    assert [taken.text for taken in site.conversations.taken] == ["", "/yes.1"]


def test_slow_answer_is_announced_until_it_is_there(site: Site) -> None:
    page = site.page()
    expect(page.get_by_role("button", name="Ja, dat mag")).to_be_visible()
    go = threading.Event()
    site.conversations.stalled = lambda: asyncio.to_thread(go.wait, 10)
    try:
        press(page, "Ja, dat mag")
        expect(page.get_by_role("status")).to_have_text("Even wachten, het antwoord komt eraan.")
    finally:
        go.set()
    expect(page.get_by_role("button", name="Nazareth")).to_be_visible()
    expect(page.get_by_role("status")).to_be_empty()


def test_old_buttons_stay_but_quiet(site: Site) -> None:
    page = site.page()
    press(page, "Ja, dat mag")
    expect(page.get_by_role("group", name="In welke wijk")).not_to_have_class("choices quiet")
    expect(page.get_by_role("group", name="Mogen we")).to_have_class("choices quiet")
    expect(page.get_by_role("button", name="Nee, liever niet")).to_be_enabled()


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("Pauze", "/pause"),
        ("Stop", "/stop"),
        ("Help", "/help"),
        ("Wis mijn gegevens", "/erase"),
        ("Wat gebeurt er met mijn antwoorden?", "/privacy"),
    ],
)
def test_what_is_always_possible_sends_its_word(site: Site, name: str, payload: str) -> None:
    page = site.page()
    expect(page.get_by_role("button", name="Ja, dat mag")).to_be_visible()
    press(page, name)
    expect(page.get_by_role("log")).to_contain_text(f"Dit is wat u leest na {payload}.")
    assert (site.conversations.taken[-1].kind, site.conversations.taken[-1].text) == (
        IncomingKind.TAP,
        payload,
    )


def test_other_language_changes_the_whole_page(site: Site) -> None:
    page = site.page()
    press(page, "English")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    expect(page.get_by_role("log", name="Conversation")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_title("Wijkverhaal - Tell us how things are in your neighbourhood.")
    press(page, "Nederlands")
    expect(page.get_by_role("button", name="Verstuur", exact=True)).to_be_visible()


def test_english_link_opens_in_english(site: Site) -> None:
    page = site.page("/?lang=en")
    expect(page.get_by_role("button", name="Ja, dat mag")).to_be_visible()
    assert site.conversations.taken[0].language == "en"
    expect(page.get_by_role("textbox", name="Your answer")).to_be_visible()


def test_markup_is_shown_as_text(site: Site) -> None:
    evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    site.conversations.says = (Message(f"U zei {evil}?", (Button(evil, "/a.1.0.0"),)),)
    page = site.page()
    page.get_by_role("textbox").fill(evil)
    press(page, "Verstuur")
    expect(page.get_by_role("log").get_by_text(evil, exact=True).first).to_be_visible()
    expect(page.get_by_role("button", name=evil)).to_have_count(2)
    assert page.locator("#log img, #log script").count() == 0
    assert page.title() != "owned"


@pytest.mark.parametrize("size", [(320, 640), (320, 256), (640, 400)])
def test_small_or_zoomed_screen_never_scrolls_sideways(site: Site, size: tuple[int, int]) -> None:
    site.conversations.says = (Message(LONG_WORD * 3, (Button(LONG_WORD, "/a.1.0.0"),)),)
    page = site.page(viewport={"width": size[0], "height": size[1]})
    page.get_by_role("textbox").fill(LONG_WORD)
    press(page, "Verstuur")
    expect(page.get_by_role("button", name=LONG_WORD)).to_have_count(2)
    assert page.evaluate(NO_SIDEWAYS)
    page.evaluate("document.documentElement.style.fontSize = '225%'")
    assert page.evaluate(NO_SIDEWAYS)


def test_letters_and_targets_are_large(site: Site) -> None:
    page = site.page()
    press(page, "Ja, dat mag")
    expect(page.get_by_role("button", name="Nazareth")).to_be_visible()
    assert page.evaluate(SMALLEST_LETTER) >= 18
    assert page.evaluate(SMALL_TARGETS) == []


def test_arabic_runs_from_right_to_left(site: Site) -> None:
    site.conversations.says = (Message("كيف حالك؟", (Button("بخير", "/a.1.0.0"),)),)
    page = site.page()
    bubble = page.get_by_text("كيف حالك؟")
    expect(bubble).to_have_css("direction", "rtl")
    expect(page.get_by_role("button", name="بخير")).to_have_css("direction", "rtl")


def test_reduced_motion_stands_still(site: Site) -> None:
    page = site.page(reduced_motion="reduce")
    expect(page.locator(".message").first).to_have_css("animation-name", "none")
    moving = site.page(reduced_motion="no-preference")
    expect(moving.locator(".message").first).to_have_css("animation-name", "arrive")


def test_print_shows_the_conversation_and_no_controls(site: Site) -> None:
    page = site.page()
    press(page, "Ja, dat mag")
    expect(page.get_by_role("button", name="Nazareth")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_text("In welke wijk woont u?")).to_be_visible()
    expect(page.get_by_text("U zegt:").first).to_be_visible()
    expect(page.locator("#text")).to_be_hidden()


def test_device_that_is_left_forgets_the_conversation(site: Site) -> None:
    page = site.page()
    press(page, "Ja, dat mag")
    expect(page.get_by_role("button", name="Nazareth")).to_be_visible()
    press(page, "Sluit het gesprek op dit apparaat")
    expect(page.get_by_role("alert")).to_contain_text("Het gesprek is op dit apparaat gesloten.")
    press(page, "Begin of ga verder")
    expect(page.get_by_role("button", name="Ja, dat mag")).to_be_visible()
    assert len({taken.channel_ref for taken in site.conversations.taken}) == 2


@pytest.mark.parametrize("has_script", [True, False])
def test_file_under_a_message_can_be_kept(
    site: Site, find_barriers: FindBarriers, has_script: bool, tmp_path: Path
) -> None:
    content = "BEGIN:VCALENDAR\r\nSUMMARY:Één gesprek\r\n"
    page = site.page(java_script_enabled=has_script)
    if has_script:  # The page opens the conversation by itself: what is said next changes only after that.
        expect(page.get_by_role("button", name="Ja, dat mag")).to_be_visible()
    site.conversations.says = (Message("Tot dan!", (), Document("afspraak.ics", "text/calendar", content)),)
    press(page, "Ja, dat mag" if has_script else "Begin of ga verder")

    with page.expect_download() as coming:
        page.get_by_role("link", name="afspraak.ics").click()
    kept = tmp_path / "kept.ics"
    coming.value.save_as(kept)
    assert coming.value.suggested_filename == "afspraak.ics"
    assert kept.read_bytes() == content.encode()
    if has_script:
        assert find_barriers(page) == []
