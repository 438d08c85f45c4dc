"""The story of one person in sentences, where a whole conversation would be long to tell."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from app.story import Story
from bot.forms.form import Form
from bot.forms.load import load_form
from bot.texts.catalogue import load_catalogue
from domain.staff import Talk
from storage.telling import Traced
from tests.transcripts.test_transcripts import HERE

FORM, CATALOGUE = load_form(HERE / "kinds.md"), load_catalogue()
AT = datetime(2026, 12, 1, 8, 31, tzinfo=UTC)
LATER = (AT + timedelta(minutes=9)).isoformat()
BEGAN = Traced(
    AT, "response", {"questionnaire": "kinds", "version": "1", "language": "nl", "campaign": "park"}
)

OF_KINDS = {"questionnaire": "kinds", "version": "1"}


def find(questionnaire: str, version: str) -> Form | None:
    return FORM if questionnaire == "kinds" else None


def told(story: Story, traced: Sequence[Traced]) -> list[str]:
    """Without the heading of the day and what is told of the response."""
    return [line.strip() for line in story.lines(traced)][3:]


def of(kind: str, **detail: str) -> str:
    (sentence,) = told(Story(find, CATALOGUE), [BEGAN, Traced(AT, kind, detail)])
    return sentence


def answer(path: str, value: str, by: str = "tap", status: str = "answered") -> Traced:
    detail = {"question": path, "status": status, "value": value, "understood_by": by} | OF_KINDS
    return Traced(AT, "answer", detail)


@pytest.mark.parametrize(
    ("detail", "sentence"),
    [
        ({"status": "sent", "sent_at": AT.isoformat()}, "a message was sent"),
        ({"status": "sent", "sent_at": LATER}, "a message was sent, 2026-12-01 09:40"),
        ({"status": "failed", "code": "blocked"}, "a message could not be sent (blocked)"),
        ({"status": "unknown"}, "a message was sent, but perhaps it did not arrive; it is tried again"),
        ({"status": "waiting", "not_before": AT.isoformat()}, "a message waits to be sent"),
        ({"status": "waiting", "not_before": LATER}, "a message waits to be sent, not before 2026-12-01 09:40"),
    ],
)  # fmt: skip # read as rows of a table
def test_a_message_is_told_without_its_words(detail: dict[str, str], sentence: str) -> None:
    assert of("message", **detail) == f"09:31  {sentence}"


@pytest.mark.parametrize(
    ("kind", "detail", "sentence"),
    [
        ("hand-over", {"closed_at": LATER}, "asked for a person; the talk ended 2026-12-01 09:40"),
        ("hand-over", {}, "asked for a person; nobody could write back there"),
        ("signal", {"danger": "child", "closed_at": LATER}, "a signal for staff: child (closed 2026-12-01 09:40)"),
        ("signal-step", {"step": "told", "member": "Anna"}, "Anna was told of the signal"),
        ("signal-step", {"step": "told_more", "member": "Anna"}, "Anna was told of another signal"),
        ("signal-step", {"step": "counted", "member": "Anna"}, "Anna was told that it was heard again"),
        ("signal-step", {"step": "passed_on", "member": "Anna"}, "Anna was told that the signal was passed on"),
        ("signal-step", {"step": "taken", "member": "Anna"}, "Anna took the signal up"),
        ("signal-step", {"step": "let_go", "member": "Anna"}, "Anna left, and the signal went to the next person"),
        ("signal-step", {"step": "closed"}, "somebody who left the staff closed the signal"),
        ("signal-step", {"step": "new", "member": "Anna"}, "Anna did something about the signal"),
        ("missed", {"question": "gone"}, "not understood twice in a row at 'gone'"),
        ("wish", {"preferences": "{}"}, "would like to talk in person"),
        ("turn", {"heard": "handed_back"}, "the talk with staff is over"),
        ("turn", {"heard": "something new"}, "did something"),
    ],
)  # fmt: skip # read as rows of a table
def test_a_moment_is_one_sentence(kind: str, detail: dict[str, str], sentence: str) -> None:
    assert of(kind, **detail) == f"09:31  {sentence}"


@pytest.mark.parametrize(
    ("taken_by", "taken_at", "what"),
    [("", None, "nobody has taken it yet"), ("Anna", AT + timedelta(minutes=9), "taken by Anna, 2026-12-01 09:40")],
)  # fmt: skip # read as rows of a table
def test_a_talk_that_goes_on_says_who_has_it(taken_by: str, taken_at: datetime | None, what: str) -> None:
    story = Story(find, CATALOGUE, talk=Talk("r", AT, AT, taken_at=taken_at), taken_by=taken_by)
    heard = Traced(AT, "turn", {"heard": "human"})
    assert told(story, [BEGAN, heard, Traced(AT, "hand-over", {})]) == [f"09:31  asked for a person; {what}"]


def test_answers_are_told_in_the_words_of_the_questionnaire() -> None:
    traced = [
        BEGAN,
        answer("here", "yes"),
        answer("here", "no", by="rasa"),
        answer("here", "no", by="rules"),
        answer("seen", "family friends"),
        answer("safe", "", status="refused"),
        answer("side", "west", by="form"),
        answer("gone", "twee\nregels", by="rules"),
    ]
    assert told(Story(find, CATALOGUE), traced) == [
        "09:31  answered 'Woont u in Maastricht?' with 'Ja' (by button)",
        "09:31  changed the answer to 'Woont u in Maastricht?' to 'Nee' (in words, understood by the model)",
        "09:31  gave the same answer to 'Woont u in Maastricht?': 'Nee' (in words)",
        "09:31  answered 'Wie zag u?' with 'Familie, Vrienden' (by button)",
        "09:31  would rather not answer: 'Ik voel me veilig.'",
        "09:31  the questionnaire filled in 'Aan welke kant woont u?' with 'West'",
        "09:31  answered 'gone' with 'twee / regels' (in words)",
    ]


def test_a_questionnaire_that_is_nowhere_leaves_paths_and_names() -> None:
    began = Traced(AT, "response", {"questionnaire": "old", "version": "1", "language": "nl"})
    gone = Traced(AT, "answer", answer("here", "yes").detail | {"questionnaire": "old"})
    assert told(Story(find, CATALOGUE), [began, gone]) == ["09:31  answered 'here' with 'yes' (by button)"]


def test_an_answer_is_told_in_the_words_of_its_own_questionnaire() -> None:
    small, values = (load_form(HERE / f"{name}.md") for name in ("small", "values"))
    shelf = {"small": small, "values": values}
    began = [
        Traced(AT, "response", {"questionnaire": name, "version": "1", "language": "nl"}) for name in shelf
    ]
    said = [
        Traced(AT, "answer", answer("agree", "yes").detail | {"questionnaire": name})
        for name in ("small", "values", "small")
    ]
    asked = Traced(AT, "turn", {"heard": "repeat", "question": "agree"})
    story = Story(lambda name, version: shelf[name], CATALOGUE)
    assert told(story, [*began, *said, asked])[1:] == [
        "09:31  answered 'Mag ik uw antwoorden bewaren?' with 'Ja, dat mag' (by button)",
        "09:31  answered 'Mag ik uw antwoorden bewaren?' with 'Ja' (by button)",
        "09:31  gave the same answer to 'Mag ik uw antwoorden bewaren?': 'Ja, dat mag' (by button)",
        "09:31  asked for the question again",
        "09:31  was asked 'Mag ik uw antwoorden bewaren?'",
    ]


def test_a_wish_for_a_talk_is_told_in_words() -> None:
    assert of("wish", preferences='{"here": "yes"}') == (
        "09:31  would like to talk in person: 'Woont u in Maastricht?' 'Ja'"
    )
