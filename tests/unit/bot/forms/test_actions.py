"""What a form fills in by itself: when, in which instances, and that it always comes to an end."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.forms.actions import settle
from bot.forms.form import Form
from bot.forms.load import load_form
from domain.answer import Answer, AnswerStatus, answered

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SETTINGS = "| settings | |\n| | form_id | version |\n| | acting | 1 |\n"
SKIPPED = Answer(AnswerStatus.SKIPPED)


def form_of(rows: str) -> Form:
    heading = "| | type | name | label | calculation | trigger | default | repeat_count |"
    return load_form(Path("acting.md"), text=f"| survey | |\n{heading}\n{rows}\n{SETTINGS}")


def filled(form: Form, given: dict[str, str], *changed: str) -> dict[str, str]:
    """The values there are after `changed` got those in `given`, as in an app."""
    before = {path: answered(value) for path, value in given.items()}
    after = settle(form, before, changed, NOW, asked_too=True)
    return {path: answer.value for path, answer in after.items() if answer.value}


def test_triggers_that_follow_each_other_come_to_an_end() -> None:
    form = form_of(
        """
| | text | said | Zeg iets |
| | text | one | Een | concat(${said}, '1') | ${said} |
| | text | two | Twee | concat(${one}, '2') | ${one} |
| | text | three | Drie | concat(${two}, '3') | ${two} |
"""
    )
    assert filled(form, {"said": "x"}, "said") == {"said": "x", "one": "x1", "two": "x12", "three": "x123"}


def test_triggers_in_a_circle_come_to_an_end() -> None:
    form = form_of(
        """
| | integer | here | Hier | ${there} + 1 | ${there} |
| | integer | there | Daar | ${here} + 1 | ${here} |
"""
    )
    assert filled(form, {"here": "1"}, "here") == {"here": "3", "there": "4"}


REPEATS = """
| | begin repeat | child | Kind |
| | integer | age | Leeftijd |
| | calculate | next | | ${age} + 1 | ${age} |
| | end repeat | |
| | begin repeat | pet | Dier |
| | calculate | children | | count(${child}) | ${total} |
| | text | name | Naam |
| | end repeat | |
| | integer | total | Totaal |
"""
TWO_OF_EACH = {"child[2]": "yes", "pet[2]": "yes"}


@pytest.mark.parametrize(
    ("given", "changed", "after"),
    [
        ({"child[2]/age": "4"}, "child[2]/age", {"child[2]/age": "4", "child[2]/next": "5"}),
        ({"child[1]/age": "8"}, "child[1]/age", {"child[1]/age": "8", "child[1]/next": "9"}),
        ({"total": "1"}, "total", {"total": "1", "pet[1]/children": "2", "pet[2]/children": "2"}),
        ({"total": "1"}, "pet[1]/name", {"total": "1"}),
    ],
)
def test_a_trigger_fills_in_its_own_instance_or_all_from_outside(
    given: dict[str, str], changed: str, after: dict[str, str]
) -> None:
    assert filled(form_of(REPEATS), {**TWO_OF_EACH, **given}, changed) == {**TWO_OF_EACH, **after}


def test_a_trigger_in_another_repeat_fills_in_every_instance() -> None:
    xform = (
        '<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head>'
        '<model><instance><data id="x" version="1"><child><age/></child><pet><oldest/><name/></pet></data></instance>'
        '</model></h:head><h:body><group ref="/data/child"><label>Kind</label><repeat nodeset="/data/child">'
        '<input ref="/data/child/age"><label>Leeftijd</label><setvalue ref="/data/pet/oldest"'
        ' event="xforms-value-changed" value="max(/data/child/age)"/></input></repeat></group>'
        '<group ref="/data/pet"><label>Dier</label><repeat nodeset="/data/pet">'
        '<input ref="/data/pet/name"><label>Naam</label></input></repeat></group></h:body></h:html>'
    )
    form = load_form(Path("x.xml"), text=xform)
    given = {**TWO_OF_EACH, "child[1]/age": "8", "child[2]/age": "4"}
    assert filled(form, given, "child[2]/age") == {**given, "pet[1]/oldest": "8", "pet[2]/oldest": "8"}


def test_a_default_that_is_empty_at_the_start_stays_empty() -> None:
    form = form_of("| | text | said | Zeg iets |\n| | text | same | Hetzelfde | | | ${said} |")
    begun = settle(form, {}, (), NOW, asked_too=True)
    assert begun == {"same": SKIPPED}

    after = settle(form, {**begun, "said": answered("x")}, ("said",), NOW, asked_too=True)
    assert after == {"same": SKIPPED, "said": answered("x")}


def test_nothing_to_do_leaves_the_very_same_answers() -> None:
    plain, acting = form_of("| | text | said | Zeg iets |"), form_of(REPEATS)
    answers = {"said": answered("x")}
    assert settle(plain, answers, ("said",), NOW) is answers
    assert settle(acting, answers, ("said",), NOW) is answers


def test_second_default_is_worked_out_at_the_same_moment() -> None:
    form = form_of(
        "| | text | said | Zeg iets | | | blauw |\n| | text | day | Dag | | | concat(${said}, ' ', today()) |"
    )
    assert filled(form, {}) == {"said": "blauw", "day": "blauw 2026-11-23"}


def test_trigger_without_a_calculation_empties_what_it_fills_in() -> None:
    form = form_of("| | text | said | Zeg iets |\n| | text | more | Meer | | ${said} |")
    assert filled(form, {"said": "x", "more": "y"}, "said") == {"said": "x"}


def test_trigger_fills_in_every_instance_of_a_repeat_that_is_counted_by_chance() -> None:
    form = form_of(
        """
| | text | said | Zeg iets |
| | begin repeat | pet | Dier | | | | int(random() * 400) |
| | text | name | Naam |
| | calculate | told | | 'ja' | ${said} |
| | end repeat | |
"""
    )
    before = {"said": answered("x")}
    after = settle(form, before, ("said",), NOW, seed="s")
    assert len(after) - 1 == form.view(before, NOW, seed="s").count("pet")
