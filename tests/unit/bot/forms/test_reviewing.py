"""What a form is told about itself before it goes out."""

from pathlib import Path

from bot.forms.form import Form
from bot.forms.load import load_form
from bot.forms.reviewing import review

FORM = """
| survey |
| | type | name | label::Nederlands (nl) | required | relevant | chat:consent | chat:purpose |
| | select_one yes_no | agree | Mag ik uw antwoorden bewaren? | yes | | answers | |
{rows}

| choices |
| | list_name | name | label::Nederlands (nl) | chat:meaning |
| | yes_no | yes | Ja | yes |
| | yes_no | no | Nee | no |

| settings |
| | form_title | form_id | version | default_language |
| | Proef | proef | 1 | Nederlands (nl) |
"""


def form_with(*rows: str) -> Form:
    return load_form(Path("proef.md"), text=FORM.format(rows="\n".join(rows)))


def found(form: Form) -> list[tuple[str, str, bool]]:
    return [(each.fault.path, each.fault.column, each.is_problem) for each in review(form).findings]


def test_an_ordinary_form_has_nothing_to_be_said_of() -> None:
    assert found(form_with("| | text | good | Wat gaat er goed? | | | | |")) == []


def test_a_question_longer_than_200_characters_is_a_problem() -> None:
    just, over = "a" * 200, "a" * 201
    form = form_with(f"| | text | just | {just} | | | | |", f"| | text | over | {over} | | | | |")

    assert found(form) == [("over", "label (nl)", True)]


def test_a_sensitive_question_without_its_consent_is_a_problem() -> None:
    assert found(form_with("| | text | health | Hoe gaat het? | | | | sensitive |")) == [
        ("health", "chat:purpose", True)
    ]


def test_a_sensitive_question_that_is_also_asked_after_a_no_is_a_problem() -> None:
    consent = "| | select_one yes_no | may | Mag het? | | | sensitive | |"
    always = "| | text | health | Hoe gaat het? | | | | sensitive |"
    after_yes = "| | text | health | Hoe gaat het? | | ${may} = 'yes' | | sensitive |"

    assert found(form_with(consent, always)) == [("health", "chat:purpose", True)]
    assert found(form_with(consent, after_yes)) == []


def test_a_word_that_sounds_sensitive_is_a_remark() -> None:
    assert found(form_with("| | text | debts | Hebt u schulden? | | | | |")) == [
        ("debts", "chat:purpose", False)
    ]


def test_a_hard_text_is_a_remark_with_its_language() -> None:
    hard = "Ingevolge welke gemeentelijke verordeningen ondervindt u momenteel daadwerkelijke belemmeringen?"

    assert found(form_with(f"| | text | hard | {hard} | | | | |")) == [("hard", "label (nl)", False)]


def test_an_open_question_takes_longer_than_a_choice() -> None:
    choice = review(form_with("| | select_one yes_no | q | Gaat het goed? | | | | |")).minutes
    words = review(form_with("| | text | q | Gaat het goed? | | | | |")).minutes

    assert 0 < choice < words


def minutes_of(*rows: str) -> float:
    return review(form_with(*rows)).minutes


def test_minutes_are_counted_from_words_and_kinds_of_answers() -> None:
    number = "| | integer | q{0} | Hoe oud? | | | | |"
    several = "| | select_multiple yes_no | q{0} | Wat dan? | | | | |"
    note = f"| | note | q{{0}} | {'ja ' * 150} | | | | |"

    def asked(row: str, times: int) -> float:
        return minutes_of(*(row.format(place) for place in range(times)))

    consent_only = 0.1  # 7 words and a choice: 7.8 seconds
    assert minutes_of() == consent_only
    assert asked(number, 12) == 1.9  # 12 times 2 words and 8 seconds
    assert asked(several, 10) == 2.1  # 10 times 4 words and 10 seconds
    assert asked(note, 1) == 1.1


def test_what_most_people_never_see_takes_no_time() -> None:
    table = """
| survey | |
| | type | name | label | relevant | calculation | chat:exit | chat:consent | required |
| | select_one yes_no | agree | Mag het? | | | | answers | yes |
| | note | goodbye | {words} | ${{agree}} = 'no' | | discard |
| | calculate | twice | | | 1 + 1 |
| choices | |
| | list_name | name | label | chat:meaning |
| | yes_no | yes | Ja | yes |
| | yes_no | no | Nee | no |
| settings | |
| | form_id | version |
| | proef | 1 |
"""
    form = load_form(Path("proef.md"), text=table.format(words="ja " * 150))
    assert review(form).minutes == 0.1


def test_a_note_may_be_longer_than_a_question() -> None:
    assert found(form_with(f"| | note | told | {'Ja, dat is zo. ' * 20} | | | | |")) == []
