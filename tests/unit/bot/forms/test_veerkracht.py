"""The starter questionnaire: its texts in both languages, and walks through it."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.forms.form import Form
from bot.forms.load import load_form
from domain.answer import Answer, AnswerStatus, answered
from domain.consent import Purpose
from domain.questionnaire import LocalText, Meaning, Question, QuestionKind

FORM: Form = load_form(Path(__file__).parents[4] / "bot" / "questionnaires" / "veerkracht.md")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
QUESTIONS = FORM.questionnaire.questions
SHOWN = [each for each in QUESTIONS if each.fact is None]
LANGUAGES = ("nl", "en")


def texts_of(question: Question) -> Iterator[tuple[str, LocalText]]:
    for part in ("label", "hint", "guidance", "why", "probe", "constraint_message"):
        text: LocalText = getattr(question, part)
        if text:
            yield part, text
    for choice in question.choices:
        yield f"choice {choice.name}", choice.label


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_every_text_is_there_in_both_languages(question: Question) -> None:
    for part, text in texts_of(question):
        assert set(text) == set(LANGUAGES), part
        assert all(words.strip() == words != "" for words in text.values()), part
        assert not any(re.search(r"[*_<>]|\$\{|  ", words) for words in text.values()), part


@pytest.mark.parametrize(
    "question", [each for each in QUESTIONS if each.waits], ids=lambda question: question.name
)
def test_every_question_is_explained_and_says_why(question: Question) -> None:
    assert set(question.guidance) == set(question.why) == set(LANGUAGES)
    for language in LANGUAGES:
        assert len(question.label[language]) <= 200
        assert len(question.guidance[language]) <= 400
        assert len(question.why[language]) <= 200


@pytest.mark.parametrize(
    "question", [each for each in QUESTIONS if each.choices], ids=lambda question: question.name
)
def test_every_button_has_full_words(question: Question) -> None:
    for language in LANGUAGES:
        labels = [choice.label[language] for choice in question.choices]
        assert all(len(label) <= 30 and re.search(r"[A-Za-z]{2}", label) for label in labels)
        assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(
    "question", [each for each in SHOWN if not each.waits], ids=lambda question: question.name
)
def test_note_is_short_enough_to_be_read(question: Question) -> None:
    assert all(len(question.label[language]) <= 300 for language in LANGUAGES)


def test_words_for_a_choice_mean_one_choice_only() -> None:
    for question in QUESTIONS:
        for language in LANGUAGES:
            words = [
                word.lower()
                for choice in question.choices
                for word in {choice.label[language], *choice.also.get(language, ())}
            ]
            assert len(set(words)) == len(words), (question.name, language)


def test_dutch_says_u_and_not_je() -> None:
    for question in QUESTIONS:
        if question.name != "under_16":  # a child is not "u"
            for part, text in texts_of(question):
                assert not re.search(r"\b(je|jij|jou|jouw|jullie)\b", text["nl"].lower()), (
                    question.name,
                    part,
                )


def test_blocks_have_names_and_about_five_questions() -> None:
    blocks = {group.path: group for group in FORM.questionnaire.groups}
    sizes = {
        name: sum(question.block == name and question.waits for question in QUESTIONS) for name in blocks
    }
    assert sizes == {
        "about_you": 4,
        "life": 5,
        "strength": 5,
        "neighbourhood": 5,
        "trust": 3,
        "sensitive": 7,
        "own_words": 3,
        "talk": 3,
        "wish": 5,
    }
    assert all(set(group.label) == set(LANGUAGES) for group in blocks.values())


def test_every_consent_is_asked_once_and_on_its_own() -> None:
    asked = {question.name: question.consent for question in QUESTIONS if question.consent}
    assert asked == {
        "consent_answers": Purpose.ANSWERS,
        "consent_reminders": Purpose.REMINDERS,
        "consent_learn": Purpose.LEARN,
        "consent_sensitive": Purpose.SENSITIVE,
        "consent_quote": Purpose.QUOTE,
        "consent_contact": Purpose.CONTACT,
    }


def test_answers_are_kept_under_their_own_purpose() -> None:
    kept = {
        purpose: [each.name for each in QUESTIONS if each.waits and each.purpose is purpose]
        for purpose in Purpose
    }
    assert kept[Purpose.SENSITIVE] == ["rondkomen", *(f"lonely_{letter}" for letter in "abcdef")]
    assert kept[Purpose.CONTACT] == [each.name for each in QUESTIONS if each.wish or each.reach]
    assert kept[Purpose.CONTACT] == ["reach_at", "place", "times", "prefers", "talk_language", "step_free"]


def test_neutral_stands_in_the_middle_of_agreement() -> None:
    for question in QUESTIONS:
        if len(question.choices) == 5 and question.choices[0].meaning is Meaning.AGREE_STRONGLY:
            assert question.choices[2].meaning is Meaning.NEUTRAL
            assert question.choices[2].label["nl"] == "Niet eens, niet oneens"


def first_value(question: Question) -> str:
    if question.choices:
        return question.choices[0].name
    return "7" if question.kind is QuestionKind.INTEGER else "Meer groen."


def walk(*, reachable: str = "yes", **said: str) -> tuple[list[str], list[str], str]:
    """(questions asked, notes said, the exit) when `said` is answered, and elsewhere the first choice."""
    answers: dict[str, Answer] = {"reachable": answered(reachable)}
    asked: list[str] = []
    notes: list[str] = []
    after = ""
    usual = {"age": "30_44", "talk_language": "ar"}
    while True:
        step = FORM.view(answers, NOW).next_step(after)
        notes += [note.name for note in step.notes]
        if step.question is None:
            return asked, notes, step.exit.name if step.exit else ""
        value = {**usual, **said}.get(step.question.name) or first_value(step.question)
        answer = Answer(AnswerStatus.SKIPPED) if value == "-" else answered(value)
        assert value == "-" or FORM.view(answers, NOW).accepts(step.question.path, value)
        answers[step.question.path] = answer
        asked.append(step.question.name)
        after = step.question.path


ALL = [
    question.name
    for question in QUESTIONS
    if question.waits and question.name not in ("talk_language", "reach_at")
]
SENSITIVE = [question.name for question in QUESTIONS if question.block == "sensitive"]
WISH = [question.name for question in QUESTIONS if question.wish]


def without(*names: str) -> list[str]:
    return [name for name in ALL if name not in names]


def test_walk_saying_yes_to_everything() -> None:
    assert walk() == (ALL, ["welcome"], "closing")


def test_walk_without_the_sensitive_block() -> None:
    assert walk(consent_sensitive="no") == (without(*SENSITIVE), ["welcome"], "closing")


def test_walk_with_the_sensitive_consent_skipped() -> None:
    assert walk(consent_sensitive="-")[0] == without(*SENSITIVE)


@pytest.mark.parametrize("said", ["no", "-"])
def test_walk_without_consent_ends_at_once(said: str) -> None:
    assert walk(consent_answers=said) == (["consent_answers"], ["welcome"], "no_consent")


def test_walk_under_16_ends_with_the_kindertelefoon() -> None:
    assert walk(age="under_16") == (["consent_answers", "wijk", "age"], ["welcome"], "under_16")
    assert "0800-0432" in FORM.question("about_you/under_16").label["nl"]


def test_walk_outside_maastricht_ends() -> None:
    assert walk(wijk="elsewhere") == (["consent_answers", "wijk"], ["welcome"], "elsewhere")


@pytest.mark.parametrize(("offer", "notes"), [("later", ["welcome", "talk_later"]), ("no", ["welcome"])])
def test_walk_without_a_talk(offer: str, notes: list[str]) -> None:
    assert walk(talk_offer=offer) == (without("consent_contact", *WISH), notes, "closing")


def test_walk_with_a_talk_but_no_contact() -> None:
    assert walk(consent_contact="no") == (without(*WISH), ["welcome", "talk_without_contact"], "closing")


def test_walk_where_nobody_can_be_reached_later_asks_how_to_reach() -> None:
    asked, notes, _ = walk(reachable="no", reach_at="06-12345678")
    place = ALL.index("consent_contact") + 1
    assert asked == [name for name in [*ALL[:place], "reach_at", *ALL[place:]] if name != "consent_reminders"]
    assert notes == ["welcome"]


def test_walk_where_nobody_can_be_reached_and_nothing_is_left_plans_no_talk() -> None:
    asked, notes, _ = walk(reachable="no", reach_at="-")
    assert asked[-2:] == ["consent_contact", "reach_at"]
    assert notes == ["welcome", "talk_without_reach"]


@pytest.mark.parametrize(
    ("typed", "fits"),
    [
        ("0612345678", True),
        ("06 - 123 456 78, liefst na zes uur", True),
        ("+31 43 350 5050", True),
        ("anna.de.vries@voorbeeld.nl", True),
        ("mail naar anna@voorbeeld.nl", True),
        ("bij mijn zus", False),
        ("06 123", False),
        ("anna@voorbeeld", False),
        ("1" * 201, False),
    ],
)
def test_way_to_be_reached_looks_like_a_number_or_an_address(typed: str, fits: bool) -> None:
    assert FORM.view({}, NOW).accepts("talk/reach_at", typed) is fits


def test_walk_in_another_language_is_asked_for_the_talk() -> None:
    assert "talk_language" in walk(language="ar")[0]


def test_quote_is_only_asked_when_something_was_written() -> None:
    skipped = dict.fromkeys(("goes_well", "needs_better", "would_like"), "-")
    assert "consent_quote" not in walk(**skipped)[0]
    assert "consent_quote" in walk(**{**skipped, "would_like": "Meer bankjes."})[0]


def test_life_satisfaction_is_from_1_to_10() -> None:
    assert FORM.bounds("life/life_satisfaction") == (1.0, 10.0)
    view = FORM.view({}, NOW)
    assert [
        value for value in ("0", "1", "10", "11", "7.5") if view.accepts("life/life_satisfaction", value)
    ] == ["1", "10"]


VALUES = sorted(
    {choice.name for question in QUESTIONS for choice in question.choices} | {"", "7", "x", "yes no", "é"}
)
ANSWERS = st.dictionaries(
    st.sampled_from([question.path for question in QUESTIONS] + ["unknown/path"]),
    st.builds(Answer, st.sampled_from(AnswerStatus), st.sampled_from(VALUES) | st.text(max_size=5)),
)


@settings(max_examples=150, deadline=None)
@given(ANSWERS, st.sampled_from(["", *(question.path for question in QUESTIONS)]))
def test_any_answers_lead_to_a_next_step_and_to_an_end(answers: Mapping[str, Answer], after: str) -> None:
    given_so_far = dict(answers)
    for _ in range(len(QUESTIONS) + 1):
        view = FORM.view(given_so_far, NOW)
        step = view.next_step(after)
        dealt, total = view.progress()
        assert 0 <= dealt <= total
        assert set(view.values()) <= {question.path for question in QUESTIONS}
        if step.question is None:
            return
        assert step.question.path not in given_so_far
        assert view.is_relevant(step.question.path)
        view.accepts(step.question.path, "7")
        given_so_far[step.question.path] = Answer(AnswerStatus.SKIPPED)
    raise AssertionError("there was no end")


@settings(max_examples=100, deadline=None)
@given(ANSWERS)
def test_hidden_answers_are_as_good_as_none(answers: Mapping[str, Answer]) -> None:
    view = FORM.view(answers, NOW)
    shown = {path: answer for path, answer in answers.items() if FORM.has(path) and view.is_relevant(path)}
    assert FORM.view(shown, NOW).values() == view.values()
