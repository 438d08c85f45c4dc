"""Whole intakes in a real browser against the real process; what was chosen on the screen is what the database has."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from bot.forms.form import Form
from bot.forms.load import load_form
from domain.questionnaire import Question, QuestionKind
from tests.acceptance import running
from tests.acceptance.running import ROOT, Assistant, answers_of, rows
from tests.browser.conftest import PATIENCE_MS

FindBarriers = Callable[[Page], list[str]]

# The real command, with one difference: the machine taps faster than one browser may.
QUICK = f"""#!{sys.executable}
from functools import partial
import app.serve
from app.cli import main
from bot.channels.limits import Rate
from bot.channels.web.server import WebSettings
app.serve.WebSettings = partial(WebSettings, visit_rate=Rate(per_minute=60_000, burst=1_000))
main()
"""

# Name of a question to the value that is to be kept, in the order in which they are asked.
CHOSEN: Mapping[str, str] = {
    "consent_answers": "yes",
    "wijk": "pottenberg",
    "age": "65_79",
    "role": "volunteer",
    "language": "tr",
    "consent_learn": "yes",
    "life_satisfaction": "7",
    "res_1": "agree_strongly",
    "res_2": "agree",
    "res_3": "neutral",
    "res_4": "disagree",
    "res_5": "disagree_strongly",
    "res_6": "agree",
    "res_7": "agree_strongly",
    "res_8": "neutral",
    "res_9": "disagree",
    "cohesion_1": "disagree_strongly",
    "cohesion_2": "agree",
    "cohesion_3": "neutral",
    "cohesion_4": "agree_strongly",
    "influence_neighbourhood": "disagree",
    "trust_municipality": "not_much",
    "trust_people": "yes",
    "influence_future": "agree",
    "consent_sensitive": "yes",
    "rondkomen": "must_be_careful",
    "lonely_a": "no",
    "lonely_b": "yes",
    "lonely_c": "somewhat",
    "lonely_d": "somewhat",
    "lonely_e": "yes",
    "lonely_f": "no",
    "goes_well": "",
    "needs_better": "",
    "would_like": "",
    "talk_offer": "yes",
    "consent_contact": "yes",
    "reach_at": "given",
    "place": "nearby",
    "times": "weekday_morning weekend",
    "prefers": "either",
    "talk_language": "nl",
    "step_free": "yes",
}


def chosen_before(name: str) -> dict[str, str]:
    names = list(CHOSEN)
    return {each: CHOSEN[each] for each in names[: names.index(name)]}


SKIPPED = {"goes_well", "needs_better", "would_like"}

# What somebody writes, and the value it stands for.
WRITTEN: Mapping[str, tuple[str, str]] = {
    "consent_answers": ("jao", "yes"),
    "wijk": ("in nazaret", "nazareth"),
    "age": ("ik ben 52", "45_64"),
    "role": ("ik woon hier", "resident"),
    "language": ("hollands", "nl"),
    "consent_learn": ("liever niet", "no"),
    "life_satisfaction": ("een acht", "8"),
    "res_1": ("helemaal mee eens", "agree_strongly"),
    "res_2": ("mee eens", "agree"),
    "res_3": ("neutraal", "neutral"),
    "res_4": ("niet mee eens", "disagree"),
    "res_5": ("helemaal oneens", "disagree_strongly"),
    "res_6": ("eens", "agree"),
    "res_7": ("zeer eens", "agree_strongly"),
    "res_8": ("gaat wel", "neutral"),
    "res_9": ("oneens", "disagree"),
    "cohesion_1": ("klopt niet", "disagree"),
    "cohesion_2": ("Eens.", "agree"),
    "cohesion_3": ("niet eens, niet oneens", "neutral"),
    "cohesion_4": ("HELEMAAL EENS", "agree_strongly"),
    "influence_neighbourhood": ("mee oneens", "disagree"),
    "trust_municipality": ("best veel", "quite_some"),
    "trust_people": ("jazeker", "yes"),
    "influence_future": ("klopt", "agree"),
    "consent_sensitive": ("is goed", "yes"),
    "rondkomen": ("ik moet wel opletten", "must_be_careful"),
    "lonely_a": ("nei", "no"),
    "lonely_b": ("ja", "yes"),
    "lonely_c": ("een beetje", "somewhat"),
    "lonely_d": ("min of meer", "somewhat"),
    "lonely_e": ("Ja!", "yes"),
    "lonely_f": ("nee", "no"),
    "goes_well": ("De buren groeten elkaar, en het park is mooi en schoon.",) * 2,
    "needs_better": ("Er rijden te veel auto's te hard door onze straat <80 km/u & meer>.",) * 2,
    "would_like": ("Een bankje in het park, zodat ik daar met mijn buurvrouw kan zitten.",) * 2,
    "consent_quote": ("doe maar niet", "no"),
    "talk_offer": ("misschien later", "later"),
}


@dataclass
class Talk:
    """A conversation on a page. `shown` is what the screen says was chosen, by name of the question."""

    page: Page
    form: Form
    language: str = "nl"
    shown: dict[str, str] = field(default_factory=dict)

    @property
    def last(self) -> Locator:
        return self.page.locator("#log .message.bot").last

    @property
    def choices(self) -> Locator:
        return self.last.locator(".choices")

    def label(self, name: str) -> str:
        return self._question(name).label[self.language]

    def title(self, name: str, value: str) -> str:
        """What stands on the button for `value`."""
        question = self._question(name)
        if question.kind is QuestionKind.INTEGER:
            return f"{value} {'van de' if self.language == 'nl' else 'out of'} 10"
        return next(choice.label[self.language] for choice in question.choices if choice.name == value)

    def tap(self, title: str) -> None:
        self.choices.get_by_role("button", name=title, exact=True).click()

    def answer_by_tapping(self, name: str, value: str) -> None:
        expect(self.last).to_contain_text(self.label(name))
        if name in SKIPPED:
            self.tap("Sla over" if self.language == "nl" else "Skip")
        elif self._question(name).reach:
            self.write("anna@voorbeeld.nl")
        elif self._question(name).kind is QuestionKind.SELECT_MULTIPLE:
            self._tick(name, value.split())
        else:
            self.shown[name] = self.title(name, value)
            self.tap(self.shown[name])

    def answer_in_writing(self, name: str, text: str) -> None:
        expect(self.last).to_contain_text(self.label(name))
        self.write(text)

    def write(self, text: str) -> None:
        self.page.locator("#text").fill(text)
        self.page.locator(".send").click()

    def said_by_resident(self) -> list[str]:
        return self.page.locator("#log .message.you .bubble").all_inner_texts()

    def listed(self) -> dict[str, str]:
        """Question to answer, as the list of one's own answers shows them."""
        text = "\n".join(self.page.locator("#log .message.bot .bubble").all_inner_texts())
        return dict(re.findall(r"^\d+\. (.+?)\s*\n→ (.+)$", text, re.MULTILINE))

    def _question(self, name: str) -> Question:
        return next(each for each in self.form.questionnaire.questions if each.name == name)

    def _tick(self, name: str, values: list[str]) -> None:
        for value in values:
            title = self.title(name, value)
            self.tap(title)
            expect(self.choices.get_by_role("button", name=f"✓ {title}")).to_be_visible()
        self.shown[name] = " ".join(values)
        self.tap("Klaar met kiezen" if self.language == "nl" else "Done choosing")


@pytest.fixture(scope="module")
def form() -> Form:
    return load_form(ROOT / "bot" / "questionnaires" / "veerkracht.md")


class House:
    """The running process and its data; a new process takes the place of the old one at the same address."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self.assistant = self._start(0)

    def kill_and_start(self) -> None:
        _, port = self.assistant.address
        self.end()
        self.assistant = self._start(port)

    def end(self) -> None:
        self.assistant.end(signal.SIGKILL)

    def _start(self, port: int) -> Assistant:
        started = Assistant(self._data, port=port, extra={"PYTHONPATH": str(ROOT)})
        try:
            return started.wait_until_ready()
        except BaseException:
            started.end(signal.SIGKILL)
            raise

    def open_page(self, context: BrowserContext, path: str = "") -> Page:
        page = context.new_page()
        page.goto(self.assistant.url + path)
        return page

    def count_responses(self) -> int:
        return int(rows(self.assistant.database, "select count(*) from responses")[0][0])

    def newest_answers(self) -> dict[str, tuple[str, str]]:
        """Name to (status, value) of the intake that began last."""
        database = self.assistant.database
        [(response,)] = rows(database, "select id from responses order by started_at desc limit 1")
        return {
            name: (status, value or "") for name, (status, value) in answers_of(database, response).items()
        }


@pytest.fixture(scope="module")
def house(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("intake")
    command = folder / "wijkverhaal-quick"
    command.write_text(QUICK, encoding="utf-8")
    command.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "COMMAND", str(command))
        house = House(folder / "data")
        yield house
        house.end()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 768, "height": 900}, reduced_motion="reduce")
    yield _patient(context)
    context.close()


def _patient(context: BrowserContext) -> BrowserContext:
    context.set_default_timeout(PATIENCE_MS)
    return context


def answered(values: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    return {name: ("answered", value) if value else ("skipped", "") for name, value in values.items()}


def test_intake_by_tapping_only(
    context: BrowserContext, house: House, form: Form, find_barriers: FindBarriers
) -> None:
    talk = Talk(house.open_page(context), form)
    for name, value in CHOSEN.items():
        if name in ("consent_answers", "res_1"):
            expect(talk.last).to_contain_text(talk.label(name))
            assert find_barriers(talk.page) == []
        talk.answer_by_tapping(name, value)
    expect(talk.last).to_contain_text("Dank u wel, dit was het!")
    assert find_barriers(talk.page) == []

    assert house.newest_answers() == answered(CHOSEN)
    one_each = {name: title for name, title in talk.shown.items() if name != "times"}
    pressed = list(one_each.values())
    assert [said for said in talk.said_by_resident() if said in pressed] == pressed
    talk.tap("Mijn antwoorden")
    expect(talk.page.get_by_text("Dit hebt u tot nu toe geantwoord")).to_be_visible()
    listed = talk.listed()
    assert {name: listed[talk.label(name)] for name in one_each} == one_each


def test_intake_in_writing_only(context: BrowserContext, house: House, form: Form) -> None:
    talk = Talk(house.open_page(context), form)
    for name, (text, _) in WRITTEN.items():
        talk.answer_in_writing(name, text)
    expect(talk.last).to_contain_text("Dank u wel, dit was het!")
    expected = answered({name: value for name, (_, value) in WRITTEN.items()})
    assert house.newest_answers() == expected
    assert talk.said_by_resident() == [text for text, _ in WRITTEN.values()]


def test_intake_in_english(context: BrowserContext, house: House, form: Form) -> None:
    talk = Talk(house.open_page(context, "?lang=en"), form, "en")
    for name, value in CHOSEN.items():
        talk.answer_by_tapping(name, value)
    expect(talk.last).to_contain_text("Thank you, that was all!")
    assert house.newest_answers() == answered(CHOSEN)
    dutch = Talk(talk.page, form).label("wijk")
    expect(talk.page.locator("#log")).not_to_contain_text(dutch)


def test_intake_goes_on_after_the_process_was_killed(
    context: BrowserContext, house: House, form: Form
) -> None:
    half = chosen_before("res_3")
    talk = Talk(house.open_page(context), form)
    for name, value in half.items():
        talk.answer_by_tapping(name, value)
    expect(talk.last).to_contain_text(talk.label("res_3"))
    before = house.count_responses()
    house.kill_and_start()

    talk.tap("Eens")  # on the page that was open all the time
    expect(talk.last).to_contain_text(talk.label("res_4"))
    later = Talk(house.open_page(context), form)
    later.answer_by_tapping("res_4", "disagree")
    expect(later.last).to_contain_text(talk.label("res_5"))
    assert house.newest_answers() == answered(half | {"res_3": "agree", "res_4": "disagree"})
    assert house.count_responses() == before


def test_intake_without_javascript(chromium: Browser, house: House, form: Form) -> None:
    context = _patient(chromium.new_context(java_script_enabled=False))
    talk = Talk(house.open_page(context), form)
    talk.tap("Begin of ga verder")
    first = chosen_before("res_1")
    for name, value in first.items():
        talk.answer_by_tapping(name, value)
    talk.answer_in_writing("res_1", "helemaal mee eens")
    talk.page.get_by_role("button", name="Help").click()
    expect(talk.page.locator("#log")).to_contain_text("Dit kan altijd:")
    expect(talk.last).to_contain_text(talk.label("res_2"))
    assert house.newest_answers() == answered(first | {"res_1": "agree_strongly"})
    context.close()


def test_pressing_the_same_old_answer_leaves_the_question_at_hand(
    context: BrowserContext, house: House, form: Form
) -> None:
    talk = Talk(house.open_page(context), form)
    for name in ("consent_answers", "wijk", "age"):
        talk.answer_by_tapping(name, CHOSEN[name])
    expect(talk.last).to_contain_text(talk.label("role"))
    with talk.page.expect_response("**/chat/turn"):
        talk.page.get_by_role("group", name=talk.label("wijk")).get_by_role(
            "button", name="Pottenberg"
        ).click()
    expect(talk.page.locator("#log .message.you").last).to_have_text(re.compile("65 tot en met 79"))
    expect(talk.choices).to_have_class("choices")
    talk.answer_by_tapping("role", CHOSEN["role"])
    expect(talk.last).to_contain_text(talk.label("language"))


def test_quick_resident_is_slowed_down_and_not_refused(
    context: BrowserContext, house: House, form: Form
) -> None:
    talk = Talk(house.open_page(context), form)
    refused: list[str] = []

    def refuse_once(route: Any) -> None:
        if refused:
            route.continue_()
            return
        refused.append(route.request.post_data)
        route.fulfill(status=429, headers={"retry-after": "1"}, json={})

    expect(talk.last).to_contain_text(talk.label("consent_answers"))
    talk.page.route("**/chat/turn", refuse_once)
    talk.tap("Ja, dat mag")
    expect(talk.last).to_contain_text(talk.label("wijk"))
    expect(talk.page.get_by_role("alert")).to_be_empty()
    assert len(refused) == 1
