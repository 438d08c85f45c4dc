"""Each kind of condition in words, and which are too much for words and shown as their author wrote them."""

from pathlib import Path

import pytest

from bot.forms.conditions import condition_of
from bot.forms.form import Form
from bot.forms.load import load_form

HOME, AGE = "“Woont u hier?”", "“Hoe oud is (home)?”"
LONG = "Een vraag die met al haar woorden net iets langer is dan er op een regel past"
CUT = f"{'b' * 68} een woord te veel"
FORM = """
| survey |
| | type | name | label::Nederlands (nl) | label::English (en) | relevant |
| | select_one yes_no | home | Woont u hier? | Do you live here? | |
| | select_one yes_no | dutch | Alleen Nederlands? | | |
| | integer | age | Hoe oud is ${home}? | How old is ${home}? | |
| | text | long | """ + LONG + """ | Long | |
| | text | cut | """ + CUT + """ | Cut | |
| | text | exact | """ + "a" * 69 + """? | Exact | |
| | text | last | Vertel | Tell | CONDITION |
| | begin_group | there | Daar | There | ${home} = 'yes' |
| | text | inside | Vertel | Tell | ${age} > 15 |
| | text | deeper | Vertel | Tell | ${age} + 1 |
| | end_group | | | | |

| choices |
| | list_name | name | label::Nederlands (nl) | label::English (en) |
| | yes_no | yes | Ja | Yes |
| | yes_no | no | Nee | |

| settings |
| | form_title | form_id | version | default_language |
| | Proef | proef | 1 | Nederlands (nl) |
"""  # fmt: skip # read as one table


def form_with(condition: str) -> Form:
    return load_form(Path("proef.md"), text=FORM.replace("CONDITION", condition))


def said(condition: str, language: str = "nl") -> str:
    return condition_of(form_with(condition), "last", language)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("${home} = ''", f"er is geen antwoord op {HOME}"),
        ("not(${home} = '')", f"er is een antwoord op {HOME}"),
        ("not(${home} != '')", f"er is geen antwoord op {HOME}"),
        ("${home} != 'no'", f"het antwoord op {HOME} is niet “Nee”"),
        ("not(${home} != 'no')", f"het antwoord op {HOME} is “Nee”"),
        ("${home} = 'maybe'", f"het antwoord op {HOME} is “maybe”"),
        ("${age} < 16", f"het antwoord op {AGE} is minder dan 16"),
        ("${age} <= 16.5", f"het antwoord op {AGE} is 16.5 of minder"),
        ("${age} > 16", f"het antwoord op {AGE} is meer dan 16"),
        ("${age} >= 16", f"het antwoord op {AGE} is 16 of meer"),
        ("not(${age} >= 16)", f"het antwoord op {AGE} is minder dan 16"),
        ("not(${age} < 16)", f"het antwoord op {AGE} is 16 of meer"),
        ("${age} > 15 and ${home} = 'yes'", f"het antwoord op {AGE} is meer dan 15, en het antwoord op {HOME} is “Ja”"),
        (
            "${age} > 15 and ${age} < 20 and ${home} = ''",
            f"het antwoord op {AGE} is meer dan 15, en het antwoord op {AGE} is minder dan 20, en er is geen antwoord op {HOME}",
        ),
        ("${long} = ''", f"er is geen antwoord op “{LONG[:69]}…”"),
        ("${cut} = ''", f"er is geen antwoord op “{'b' * 68}…”"),
        ("${exact} = ''", f"er is geen antwoord op “{'a' * 69}?”"),
    ],
)  # fmt: skip # read as rows of a table
def test_condition_that_can_be_said_is_said(condition: str, words: str) -> None:
    assert said(condition) == words


@pytest.mark.parametrize(
    "condition",
    [
        "contains(${home}, 'y')",
        "${age} = ${home}",
        "${age} + 1",
        "'yes' = ${home}",
        "not(selected(${home}, 'yes'))",
        "not(contains(${home}, 'y'))",
        "${age} + 1 and ${home} = 'yes'",
        "${home} = 'yes' or contains(${home}, 'y')",
        "selected(${home}, ${dutch})",
        "boolean(${home} = 'yes')",
        "string(${age} > 16) = 'true'",
        "true()",
    ],
)
def test_condition_that_cannot_be_said_is_shown_as_it_was_written(condition: str) -> None:
    form = form_with(condition)
    assert condition_of(form, "last", "nl") == form.question("last").relevant


def test_label_without_a_translation_is_told_in_the_language_of_the_form() -> None:
    assert said("${dutch} = 'no'", "en") == "the answer to “Alleen Nederlands?” is “Nee”"
    assert said("${home} = 'yes'", "en") == "the answer to “Do you live here?” is “Yes”"
    assert said("${home} = 'yes'", "pl") == "the answer to “Woont u hier?” is “Ja”"


def test_condition_of_a_group_comes_before_that_of_the_question() -> None:
    form = form_with("")
    whole = f"het antwoord op {HOME} is “Ja”, en het antwoord op {AGE} is meer dan 15"
    assert condition_of(form, "there/inside", "nl") == whole
    deeper = form.question("there/deeper").relevant
    assert condition_of(form, "there/deeper", "nl") == f"het antwoord op {HOME} is “Ja”, en {deeper}"
