"""A form that asks for no consent gets ours in front; one that asks is left as it is."""

from datetime import UTC, datetime
from pathlib import Path

from bot.forms.consenting import asks_consent, with_consent
from bot.forms.form import Form
from bot.forms.load import load_form
from domain.answer import Answer, answered

ROOT = Path(__file__).parents[4]
CONSENT = load_form(ROOT / "bot" / "questionnaires" / "consent.md")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TABLE = """
| survey | |
| | type | name | label |
| | begin group | home | Thuis |
| | text | street | Welke straat? |
| | end group | |
| settings | |
| | form_id | version | form_title |
| | foreign | 7 | Van elders |
"""


def next_names(form: Form, given: dict[str, Answer]) -> tuple[str, str]:
    step = form.view(given, NOW).next_step()
    return (step.question.path if step.question else "", step.exit.path if step.exit else "")


def test_with_consent_of_a_form_without_it_asks_consent_first() -> None:
    form = load_form(Path("foreign.md"), text=TABLE)
    both = with_consent(form, CONSENT)

    assert (asks_consent(form), asks_consent(both)) == (False, True)
    assert (both.questionnaire.id, both.questionnaire.version) == ("foreign", "7")
    assert [question.path for question in both.questionnaire.questions] == [
        "wv_consent",
        "wv_no_consent",
        "home/street",
    ]
    assert [group.path for group in both.questionnaire.groups] == ["home"]
    assert next_names(both, {}) == ("wv_consent", "")
    assert next_names(both, {"wv_consent": answered("no")}) == ("", "wv_no_consent")
    assert next_names(both, {"wv_consent": answered("yes")}) == ("home/street", "")


def test_with_consent_of_a_form_that_asks_it_is_that_form() -> None:
    assert with_consent(CONSENT, CONSENT) is CONSENT


def test_groups_of_a_consent_come_with_it() -> None:
    consent = load_form(
        Path("consent.md"),
        text="""
| survey | |
| | type | name | label | chat:consent |
| | begin group | before | Vooraf |
| | select_one yn | may | Mag het? | answers |
| | end group | |
| choices | |
| | list_name | name | label | chat:meaning |
| | yn | yes | Ja | yes |
| | yn | no | Nee | no |
| settings | |
| | form_id | version |
| | consent | 1 |
""",
    )
    both = with_consent(load_form(Path("foreign.md"), text=TABLE), consent)
    assert [(group.path, group.label["nl"]) for group in both.questionnaire.groups] == [
        ("before", "Vooraf"),
        ("home", "Thuis"),
    ]
