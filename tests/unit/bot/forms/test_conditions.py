"""When a question is asked, in words that a colleague without programming reads."""

from pathlib import Path

import pytest

from bot.forms.conditions import condition_of
from bot.forms.load import load_form

FORM = """
| survey |
| | type | name | label::Nederlands (nl) | label::English (en) | relevant |
| | select_one yes_no | home | Woont u hier? | Do you live here? | |
| | select_multiple things | likes | Wat vindt u fijn? | What do you like? | |
| | integer | age | Hoe oud bent u? | How old are you? | |
| | text | last | Vertel | Tell | {condition} |

| choices |
| | list_name | name | label::Nederlands (nl) | label::English (en) |
| | yes_no | yes | Ja | Yes |
| | yes_no | no | Nee | No |
| | things | park | Het park | The park |

| settings |
| | form_title | form_id | version | default_language |
| | Proef | proef | 1 | Nederlands (nl) |
"""


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("", ""),
        ("${home} = 'yes'", "het antwoord op \u201cWoont u hier?\u201d is \u201cJa\u201d"),
        ("not(${home} = 'yes')", "het antwoord op \u201cWoont u hier?\u201d is niet \u201cJa\u201d"),
        ("${home} != ''", "er is een antwoord op \u201cWoont u hier?\u201d"),
        ("selected(${likes}, 'park')", "bij \u201cWat vindt u fijn?\u201d is ook \u201cHet park\u201d gekozen"),
        ("${age} >= 16 or ${home} = 'no'",
         "het antwoord op \u201cHoe oud bent u?\u201d is 16 of meer, of het antwoord op \u201cWoont u hier?\u201d is \u201cNee\u201d"),
    ],
)  # fmt: skip # read as rows of a table
def test_a_simple_condition_in_words(condition: str, words: str) -> None:
    form = load_form(Path("proef.md"), text=FORM.format(condition=condition))

    assert condition_of(form, "last", "nl") == words


def test_what_cannot_be_said_simply_is_shown_as_written() -> None:
    form = load_form(Path("proef.md"), text=FORM.format(condition="string-length(${home}) > 2"))

    assert "string-length(" in condition_of(form, "last", "en")


REPEAT = """
| survey |
| | type | name | label::Nederlands (nl) | relevant | repeat_count |
| | integer | age | Hoe oud bent u? | | |
| | begin repeat | child | Kind | | ${age} |
| | text | name | Naam | | |
| | end repeat | | | | |
| | begin group | more | Meer | string-length(${age}) > 1 | |
| | text | words | Vertel | ${age} >= 16 | |
| | end group | | | | |
| | text | last | Tot slot | ${child} != '' | |

| settings |
| | form_id | version | default_language |
| | proef | 1 | Nederlands (nl) |
"""


def test_the_condition_of_a_group_comes_before_that_of_its_question() -> None:
    form = load_form(Path("proef.md"), text=REPEAT)

    said = "string-length( /data/age ) > 1, en het antwoord op \u201cHoe oud bent u?\u201d is 16 of meer"
    assert condition_of(form, "more/words", "nl") == said


def test_a_condition_on_a_repeat_is_shown_as_written() -> None:
    form = load_form(Path("proef.md"), text=REPEAT)

    assert condition_of(form, "last", "nl") == "/data/child  != ''"
