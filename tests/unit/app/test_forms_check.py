"""`forms check` and `forms preview` as somebody at the keyboard meets them."""

import re
from pathlib import Path

from typer.testing import CliRunner

from app.cli import app
from app.forms_page import preview_page
from app.shelf import CONSENT, STARTER
from bot.forms.load import load_form

BROKEN = Path(__file__).resolve().parents[2] / "broken" / "list_unknown.md"


def test_the_shipped_questionnaires_have_no_problem() -> None:
    done = CliRunner().invoke(app, ["forms", "check", str(STARTER), str(CONSENT)])

    assert (done.exit_code, "Problem  " in done.output) == (0, False)
    assert "veerkracht.md: 45 questions, at most about 14 minutes" in done.output


def test_a_mistake_is_told_with_its_place_and_ends_with_exit_code_1() -> None:
    done = CliRunner().invoke(app, ["forms", "check", str(STARTER), str(BROKEN)])

    assert done.exit_code == 1
    assert re.search(r"^Problem  list_unknown\.md, .+: .+\. .+$", done.output, re.M)


def test_every_text_is_measured_when_asked_for(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["forms", "check", "--texts", str(CONSENT)])

    assert re.search(r"^Text     consent\.md, \S+.*\(nl\): ease \d+\.", done.output, re.M)


def test_the_preview_in_the_terminal_speaks_the_asked_language() -> None:
    done = CliRunner().invoke(app, ["forms", "preview", str(STARTER), "--language", "en"])

    assert (done.exit_code, "In which neighbourhood" in done.output, "In welke wijk" in done.output) == (
        0,
        True,
        False,
    )


def test_the_page_stands_alone_and_shows_every_question_in_both_languages(tmp_path: Path) -> None:
    page = tmp_path / "preview.html"
    done = CliRunner().invoke(app, ["forms", "preview", str(STARTER), "--html", str(page)])
    html = page.read_text(encoding="utf-8")

    assert done.exit_code == 0
    assert re.findall(r"(?:src|href)=|url\(|@import|<script", html) == []
    asked = sum(question.waits for question in load_form(STARTER).questionnaire.questions)
    for part in html.split("<section")[1:]:
        assert part.count('<li class="message bot">') >= asked


def test_words_of_an_author_are_never_markup() -> None:
    text = STARTER.read_text(encoding="utf-8").replace("Hoe oud bent u?", "<b>Hoe</b> oud bent u?")

    assert "<b>Hoe" not in preview_page(load_form(Path("x.md"), text=text))


REPEAT = """
| survey |
| | type | name | label::Nederlands (nl) | relevant | repeat_count |
| | integer | n | Hoeveel kinderen hebt u? | | |
| | begin_repeat | child | Kind | | ${n} |
| | text | who | Hoe heet het kind? | | |
| | integer | age | Hoe oud is ${who}? | ${who} != '' | |
| | end_repeat | | | | |

| settings |
| | form_title | form_id | version | default_language |
| | Proef | proef | 1 | Nederlands (nl) |
"""


def test_repeats_and_answers_in_a_text_are_shown_plainly(tmp_path: Path) -> None:
    file = tmp_path / "repeat.md"
    file.write_text(REPEAT, encoding="utf-8")
    page = preview_page(load_form(file))
    shown = CliRunner().invoke(app, ["forms", "preview", str(file)])

    assert CliRunner().invoke(app, ["forms", "check", "--texts", str(file)]).exit_code == 0
    for text in (page, shown.output):
        assert "Hoe oud is (who)?" in text
        assert "er is een antwoord op \u201cHoe heet het kind?\u201d" in " ".join(text.split())
    assert page.count("Dit komt zo vaak als nodig is.") == 2
