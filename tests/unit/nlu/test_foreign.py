"""Another language is named where that is certain; a Limburger is never taken for a German."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.understanding import Expected, ExpectedKind, ModelParse, UnderstandingKind
from nlu.measure_safety import load_cases
from nlu.rasa_data import DATA, HELD_OUT, read_examples
from nlu.rules.foreign import foreign_language, languages
from nlu.understand import understand

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
FOREIGN = {
    "ar": "لا أتكلم الهولندية",
    "bg": "Живея тук от три години",
    "de": "Ich spreche leider kein Niederländisch",
    "es": "Vivo aquí desde hace tres años",
    "fa": "من سوال را نمی‌فهمم",
    "fr": "J'habite ici depuis trois ans",
    "it": "Abito qui da tre anni",
    "pap": "Mi no ta komprondé e pregunta",
    "pl": "Nie mówię po holendersku",
    "pt": "quero falar com uma pessoa",
    "ro": "Locuiesc aici de trei ani",
    "ru": "Я не понимаю вопрос",
    "so": "Waxaan halkan ku noolahay saddex sano",
    "ti": "ሕቶ ኣይተረድኣንን",
    "tr": "Bu mahallede on yıldır oturuyorum",
    "uk": "Я не розумію питання",
    "zh": "我不明白这个问题",
}
LIMBURGISH = [
    "iech begriep de vraog neet",
    "ich höb drie kinger en eine hóndj",
    "kal plat mit mich",
    "dinsdig nao zeve kin ich",
    "'t is hei sjoen en rusteg",
    "doe mer get anges",
    "mien kinger kómme neet mie",
    "Mestreechs kinste dat ouch?",
    "zègk dat nog ins",
    "ziemelik gòdj",
]


def test_every_language_has_a_sentence_that_is_heard() -> None:
    assert {code: foreign_language(text) for code, text in FOREIGN.items()} == {
        code: code for code in FOREIGN
    }
    assert FOREIGN.keys() == languages()


@pytest.mark.parametrize("text", LIMBURGISH)
def test_limburgish_counts_as_dutch(text: str) -> None:
    assert foreign_language(text) == ""


def test_hardly_any_dutch_or_english_sentence_is_foreign() -> None:
    """What is left is a street, a joke, and people who do write in another language."""
    ours = [
        example.text
        for example in read_examples(DATA) + read_examples(HELD_OUT)
        if example.intent not in ("language", "out_of_scope") and example.text.isascii()
    ]
    wrong = [text for text in ours if foreign_language(text)]

    assert len(ours) > 6_000
    assert len(wrong) <= 5, wrong


def test_no_cry_for_help_is_foreign_before_it_is_danger() -> None:
    for case in load_cases("safety"):
        if case.expected:
            said = understand(case.text, Expected(ExpectedKind.NONE), now=NOW)
            assert said.kind is UnderstandingKind.SAFETY and not said.foreign


@pytest.mark.parametrize("text", ["", "?", "ok", "merci", "kebab", "x7 9", "lkjsdf sdf", "Özdemir"])
def test_a_word_or_two_is_not_certain_enough(text: str) -> None:
    assert foreign_language(text) == ""


def test_model_does_not_guess_at_a_language_it_never_learned() -> None:
    guess = ModelParse((("stop", 0.99),), "model")

    said = understand(FOREIGN["pl"], Expected(ExpectedKind.YESNO), now=NOW, parse=guess)

    assert (said.kind, said.foreign) == (UnderstandingKind.UNCLEAR, "pl")


def test_open_answer_in_another_language_is_an_answer_with_a_mark() -> None:
    said = understand(FOREIGN["tr"], Expected(ExpectedKind.TEXT), now=NOW)

    assert (said.kind, said.value, said.foreign) == (UnderstandingKind.ANSWER, FOREIGN["tr"], "tr")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80) | st.text(st.characters(codec=None), max_size=20))
def test_no_text_breaks_it(text: str) -> None:
    assert foreign_language(text) in {"", *languages()}
