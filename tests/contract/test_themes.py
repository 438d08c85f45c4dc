"""Themes that a model heard in open answers: heard once by each model, kept as suggestions, and gone with their answer."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from app.themes import AT_ONCE, WAIT, ThemeHearing
from app.wiring import House
from bot.forms.form import Form
from bot.forms.load import load_form
from bot.ports import Changes, NewResponse
from domain.answer import Answer, AnswerStatus
from domain.consent import Purpose
from domain.theme import Level, ThemeCode, ThemeKind, ThemeState, ThemeSuggestion, Valence
from domain.understanding import ModelParse
from storage import Store
from storage.export import ExportForm, ExportOptions, export_responses
from storage.export_rows import Said
from tests.unit.storage.talking import AT, answer, consent, saving, stored

pytestmark = pytest.mark.anyio

FORM = load_form(
    Path("open.md"),
    text="""
| survey | |
| | type | name | label | chat:reach | chat:purpose | chat:consent |
| | select_one yes_no | agree | Bewaren? | | | answers |
| | select_one yes_no | may | Ook iets over geld? | | | sensitive |
| | text | better | =Wat moet er beter? | | | |
| | text | money | Hoe is het met geld? | | sensitive | |
| | integer | age | Hoe oud bent u? | | | |
| | begin repeat | child | Kind | | | |
| | text | story | Vertel eens over dit kind | | | |
| | end repeat | | | | | |

| choices | |
| | list_name | name | label | chat:meaning |
| | yes_no | yes | Ja | yes |
| | yes_no | no | Nee | no |

| settings | |
| | form_id | version |
| | open | 1 |
""",
)
LONELY = ThemeSuggestion(
    ThemeCode.CONTACT_EENZAAMHEID, ThemeKind.NOOD, Valence.ZORG, Level.IK, confidence=0.75
)
PARK = ThemeSuggestion(
    ThemeCode.OPENBARE_RUIMTE_GROEN, ThemeKind.WENS, Valence.ZORG, Level.BUURT, confidence=0.5
)
HEARD = {"eenzaam": LONELY, "park": PARK}


@dataclass
class FakeRasa:
    """Hears themes by a word. `is_warm` and `deaf_to` say when it gives nothing."""

    models: tuple[str, ...] = ("nlu-1",)
    is_warm: bool = True
    deaf_to: str = "\0"
    asked: list[str] = field(default_factory=list)

    @property
    def client(self) -> "FakeRasa":
        return self

    async def parse(self, text: str) -> ModelParse | None:
        self.asked.append(text)
        if self.deaf_to in text:
            return None
        return ModelParse((), self.models[0], tuple(theme for word, theme in HEARD.items() if word in text))


class Shelf:
    def find(self, questionnaire: str, version: str) -> Form | None:
        return FORM if questionnaire == "open" else None


@dataclass
class Place:
    """A house with a real database, a stand-in for Rasa, and somebody who answers."""

    store: Store
    understanding: FakeRasa = field(default_factory=FakeRasa)
    shelf: Shelf = field(default_factory=Shelf)
    at: datetime = AT

    def __post_init__(self) -> None:
        self.hearing = ThemeHearing(cast(House, self))

    def now(self) -> datetime:
        return self.at

    async def say(self, **answers: str | Answer) -> None:
        await self.save(Changes("", answers=[answer(path, value) for path, value in answers.items()]))

    async def save(self, changes: Changes, ref: str = "anna") -> None:
        await self.store.turn(saving(changes, ref=ref, at=self.at))

    async def look(self) -> list[str]:
        """What the model is asked at a look when all answers are old enough."""
        self.at += WAIT
        self.understanding.asked.clear()
        await self.hearing.look()
        return self.understanding.asked

    def themes(self) -> list[tuple[Any, ...]]:
        return stored(self.store, "code, model, state", "themes ORDER BY answer, code")


@pytest.fixture
async def place(store: Store) -> Place:
    place = Place(store)
    await place.save(Changes("", begin=NewResponse("r1", "open", "1", "nl"), consents=[consent()]))
    return place


async def test_open_answer_gets_its_themes_once(place: Place) -> None:
    await place.say(better="eenzaam en geen park", age="41", agree="yes")

    assert await place.look() == ["eenzaam en geen park"]
    assert stored(place.store, "code, kind, valence, level, confidence, model, state", "themes ORDER BY code") == [
        ("contact_eenzaamheid", "nood", "zorg", "ik", 0.75, "nlu-1", "suggested"),
        ("openbare_ruimte_groen", "wens", "zorg", "buurt", 0.5, "nlu-1", "suggested"),
    ]  # fmt: skip # read as one piece
    assert await place.look() == []


async def test_answer_without_a_theme_is_not_asked_again(place: Place) -> None:
    await place.say(better="zomaar wat")

    assert await place.look() == ["zomaar wat"]
    place.hearing = ThemeHearing(cast(House, place))
    assert await place.look() == []
    assert place.themes() == []


async def test_answer_in_a_repeat_is_open_too_and_a_skipped_one_is_not(place: Place) -> None:
    await place.save(
        Changes(
            "", answers=[answer("child[2]/story", "park"), answer("better", Answer(AnswerStatus.SKIPPED))]
        )
    )

    assert await place.look() == ["park"]


async def test_fresh_answer_waits_for_its_other_pieces(place: Place) -> None:
    await place.say(better="park")

    await place.hearing.look()
    assert place.understanding.asked == []
    assert await place.look() == ["park"]


async def test_answers_given_while_rasa_was_away_are_heard_when_it_is_back(place: Place) -> None:
    place.understanding.is_warm = False
    await place.say(better="eenzaam")
    assert await place.look() == []

    place.understanding.is_warm, place.understanding.deaf_to = True, ""
    assert await place.look() == ["eenzaam"]
    assert place.themes() == []

    place.understanding.deaf_to = "\0"
    assert await place.look() == ["eenzaam"]
    assert len(place.themes()) == 1


async def test_answer_that_no_model_can_take_holds_up_no_other(place: Place) -> None:
    place.understanding.deaf_to = "///"
    await place.say(better="///", money="eenzaam")

    assert await place.look() == ["///"]
    assert await place.look() == ["///", "eenzaam"]
    assert await place.look() == []
    place.at += timedelta(days=1)
    assert await place.look() == ["///"]


async def test_new_model_hears_everything_anew_in_the_place_of_the_old(place: Place) -> None:
    await place.say(better="eenzaam")
    await place.look()

    place.understanding.models = ("nlu-2",)
    assert await place.look() == ["eenzaam"]
    assert place.themes() == [("contact_eenzaamheid", "nlu-2", "suggested")]


async def test_many_answers_are_heard_a_few_at_a_time(place: Place) -> None:
    await place.save(
        Changes("", answers=[answer(f"child[{number}]/story", "park") for number in range(AT_ONCE + 3)])
    )

    assert [len(await place.look()) for _ in range(3)] == [AT_ONCE, 3, 0]


async def test_corrected_answer_takes_its_themes_along(place: Place) -> None:
    await place.say(better="eenzaam", money="park")
    await place.look()

    await place.say(better="niet meer")
    assert [code for code, *_ in place.themes()] == ["openbare_ruimte_groen"]
    assert await place.look() == ["niet meer"]


async def test_answer_that_was_changed_meanwhile_keeps_nothing(place: Place) -> None:
    await place.say(better="eenzaam")
    [(number,)] = stored(place.store, "id", "answers")
    await place.say(better="niet meer")

    kept = await place.store.with_themes(lambda themes: themes.keep(number, [LONELY], "nlu-1", AT))
    assert (kept, place.themes(), stored(place.store, "*", "theme_readings")) == (False, [], [])


async def test_consent_that_is_taken_back_takes_the_themes_along(place: Place) -> None:
    sensitive = [answer("money", "eenzaam", Purpose.SENSITIVE)]
    await place.save(Changes("", answers=sensitive, consents=[consent(Purpose.SENSITIVE)]))
    await place.say(better="park")
    await place.look()

    await place.save(Changes("", consents=[consent(Purpose.SENSITIVE, given=False)]))
    assert [code for code, *_ in place.themes()] == ["openbare_ruimte_groen"]


@pytest.mark.parametrize("change", [Changes("", erase=True), Changes("", forget=True)])
async def test_nothing_is_left_of_who_is_erased_or_forgotten(place: Place, change: Changes) -> None:
    await place.say(better="eenzaam")
    await place.look()
    assert place.themes() != []

    await place.save(change)
    assert (place.themes(), stored(place.store, "*", "theme_readings")) == ([], [])
    kept = await place.store.with_themes(lambda themes: themes.keep(1, [LONELY], "nlu-1", AT))
    assert not kept


def read(answers: Mapping[str, Said], at: datetime, channel: str) -> Mapping[str, Said]:
    """A form in which the question about money no longer counts."""
    return {path: each for path, each in answers.items() if path != "money"}


async def test_export_has_a_file_with_the_themes_of_answers_that_count(place: Place, tmp_path: Path) -> None:
    await place.save(
        Changes("", answers=[answer("better", "park, en ben eenzaam"), answer("money", "eenzaam")])
    )
    await place.look()
    form = ExportForm(FORM.questionnaire, read)

    summary = export_responses(place.store, lambda *_: form, out=tmp_path / "csv")
    assert "open.themes.csv" in summary.files
    with (tmp_path / "csv/open.themes.csv").open(encoding="utf-8-sig", newline="") as handle:
        first, second = csv.DictReader(handle)
    assert first == {
        "response": "r1",
        "path": "better",
        "question": "'=Wat moet er beter?",
        "code": "contact_eenzaamheid",
        "kind": "nood",
        "valence": "zorg",
        "level": "ik",
        "confidence": "0.75",
        "model": "nlu-1",
        "state": ThemeState.SUGGESTED,
    }
    assert second["code"] == "openbare_ruimte_groen"
    assert "- `valence`: kracht or zorg" in (tmp_path / "csv/codebook.md").read_text("utf-8")

    options = ExportOptions(format="jsonl")
    export_responses(place.store, lambda *_: form, (), options, out=tmp_path / "jsonl")
    lines = (tmp_path / "jsonl/open.themes.jsonl").read_text("utf-8").splitlines()
    assert [(json.loads(line)["code"], json.loads(line)["confidence"]) for line in lines] == [
        ("contact_eenzaamheid", 0.75),
        ("openbare_ruimte_groen", 0.5),
    ]
