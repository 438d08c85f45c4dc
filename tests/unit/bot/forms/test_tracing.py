"""A form filled in line by line, as ODK would have it: what is stored of what was given."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.forms.form import Form
from bot.forms.load import load_form
from bot.forms.tracing import Tracer
from domain.answer import answered
from tests.unit.bot.talking import Talker

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TABLE = """
| survey | |
| | type | name | label | default | calculation | trigger | choice_filter | required | chat:consent |
| | select_one yn | agree | Mag het? | | | | | yes | answers |
| | time | up | Hoe laat staat u op? |
| | select_multiple fruit | eats | Wat eet u? |
| | {kind} | proposed | Voorstel | {default} |
| | text | said | Zeg iets |
| | date | filled | Dag | | ${{said}} | ${{said}} |
| | calculate | first | | | selected-at(${{eats}}, 0) |
| choices | |
| | list_name | name | label | chat:meaning |
| | yn | yes | Ja | yes |
| | yn | no | Nee | no |
| | fruit | apple | Appel |
| | fruit | pear | Peer |
| | fruit | plum | Pruim |
| settings | |
| | form_id | version |
| | stored | 1 |
"""


def form_with(kind: str = "text", default: str = "") -> Form:
    return load_form(Path("stored.md"), text=TABLE.format(kind=kind, default=default))


def told(tracer: Tracer, name: str, value: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(tracer.take(json.dumps({"name": name, "value": value}), NOW))
    return answer


def test_a_time_without_seconds_is_no_time() -> None:
    tracer = Tracer(form_with(), seed="s")
    refused = told(tracer, "up", "09:30")
    assert (refused["message"], refused["values"]) == ("'09:30' is no time", {})
    assert told(tracer, "up", "09:30:00")["values"] == {"up": "09:30:00"}


@pytest.mark.anyio
async def test_a_time_typed_without_seconds_by_a_resident_is_stored_with_them() -> None:
    talker = Talker(form=form_with())
    for words in ("hallo", "ja", "09:30"):
        await talker.say(words)
    assert talker.answers == {"up": "09:30:00"}


def test_picked_choices_are_stored_in_the_order_of_the_list() -> None:
    tracer = Tracer(form_with(), seed="s")
    assert told(tracer, "eats", "plum apple")["values"] == {"eats": "apple plum", "first": "apple"}


@pytest.mark.anyio
async def test_choices_typed_in_another_order_by_a_resident_are_stored_in_that_of_the_list() -> None:
    talker = Talker(form=form_with())
    for words in ("hallo", "ja", "09:30", "pruim en appel"):
        await talker.say(words)
    assert talker.answers == {"up": "09:30:00", "eats": "apple plum"}


@pytest.mark.parametrize(
    ("kind", "default"),
    [
        ("date", "1900-01-01 00:00:00"),
        ("date", "2026-02-30"),
        ("date", "concat('a', 'b')"),
        ("time", "09:30"),
        ("integer", "many"),
        ("integer", "7 div 2"),
        ("select_one fruit", "melon"),
        ("geopoint", "nowhere"),
    ],
)
def test_a_default_that_is_no_value_of_its_type_is_left_empty(kind: str, default: str) -> None:
    form = form_with(kind, default)
    assert form.view({}, NOW).default("proposed") == ""
    assert told(Tracer(form, seed="s"), "said", "x")["values"] == {"said": "x"}


@pytest.mark.parametrize(
    ("kind", "default", "value"),
    [("date", "2026-11-23", "2026-11-23"), ("date", "today()", "2026-11-23"), ("integer", "6 div 2", "3")],
)
def test_a_default_of_its_type_is_filled_in(kind: str, default: str, value: str) -> None:
    form = form_with(kind, default)
    assert form.view({}, NOW).default("proposed") == value
    assert told(Tracer(form, seed="s"), "said", "x")["values"] == {"proposed": value, "said": "x"}


def test_what_a_trigger_fills_in_is_left_empty_when_it_is_no_value_of_the_type() -> None:
    tracer = Tracer(form_with(), seed="s")
    assert told(tracer, "said", "2026-11-23")["values"] == {"said": "2026-11-23", "filled": "2026-11-23"}
    assert told(tracer, "said", "morgen")["values"] == {"said": "morgen"}


def test_the_same_answer_once_more_leaves_what_was_filled_in_by_hand() -> None:
    tracer = Tracer(form_with(), seed="s")
    told(tracer, "said", "2026-11-23")
    told(tracer, "filled", "2026-12-01")
    assert told(tracer, "said", "2026-11-23")["values"] == {"said": "2026-11-23", "filled": "2026-12-01"}


METADATA = """
| survey | |
| | type | name | label | calculation | chat:consent |
| | start | start |
| | end | end |
| | today | today |
| | select_one yn | agree | Mag het? | | answers |
| | text | said | Zeg iets |
| | calculate | begun | | string(${start}) |
| choices | |
| | list_name | name | label | chat:meaning |
| | yn | yes | Ja | yes |
| | yn | no | Nee | no |
| settings | |
| | form_id | version |
| | moments | 1 |
"""


def test_start_is_the_moment_of_the_first_line_and_stays() -> None:
    tracer = Tracer(load_form(Path("moments.md"), text=METADATA), seed="s")
    for moment, said in ((NOW, "a"), (NOW + timedelta(days=1), "b")):
        line = json.dumps({"name": "said", "value": said})
        values = json.loads(tracer.take(line, moment))["values"]
        start = "2026-11-23T13:00:00.000+01:00"
        today = f"2026-11-{23 + (said == 'b')}"
        assert values == {"start": start, "today": today, "said": said, "begun": start}


@pytest.mark.anyio
async def test_start_is_not_stored_among_the_answers_of_a_resident() -> None:
    talker = Talker(form=load_form(Path("moments.md"), text=METADATA))
    for words in ("hallo", "ja", "Dit is mijn hele verhaal"):
        await talker.say(words)
    assert talker.answers == {"said": "Dit is mijn hele verhaal"}


HOUSES = """
| survey | |
| | type | name | label | repeat_count |
| | begin repeat | house | Huis |
| | begin repeat | person | Bewoner |
| | text | who | Naam |
| | end repeat | |
| | begin repeat | room | Kamer | {count} |
| | text | use | Waarvoor? |
| | end repeat | |
| | end repeat | |
| settings | |
| | form_id | version |
| | houses | 1 |
"""


def test_instance_inside_a_new_instance_is_added_with_it() -> None:
    tracer = Tracer(load_form(Path("houses.md"), text=HOUSES.format(count="1")), seed="s")
    assert told(tracer, "house[2]/person[3]/who", "Noor")["accepted"] is False
    told(tracer, "house[2]/person[2]/who", "Noor")
    assert told(tracer, "house[2]/person[1]/who", "Bo")["values"] == {
        "house[1]/room_count": "1",
        "house[2]/person[1]/who": "Bo",
        "house[2]/person[2]/who": "Noor",
        "house[2]/room_count": "1",
    }


def test_instance_inside_a_new_instance_is_counted_at_this_moment_and_by_the_same_chance() -> None:
    count = "if(today() = '2026-11-23', int(random() * 400), 0)"
    form = load_form(Path("houses.md"), text=HOUSES.format(count=count))
    seed = "s"
    rooms = form.view({"house[2]": answered("yes")}, NOW, seed=seed).count("house[2]/room")
    tracer = Tracer(form, seed=seed)
    assert told(tracer, f"house[2]/room[{rooms + 1}]/use", "x")["accepted"] is False
    assert told(tracer, f"house[2]/room[{rooms}]/use", "x")["accepted"] is True


def test_chance_that_is_calculated_comes_from_the_seed_of_the_tracer() -> None:
    text = "| survey | |\n| | type | name | label | calculation |\n| | text | said | Zeg iets |\n| | calculate | drawn | | random() |\n"
    form = load_form(Path("drawn.md"), text=f"{text}| settings | |\n| | version |\n| | 1 |\n")
    for seed in ("one", "two"):
        values = told(Tracer(form, seed=seed), "said", "x")["values"]
        assert values == form.view({"said": answered("x")}, NOW, seed=seed).values()
