from collections.abc import Callable, Sequence
from importlib.resources import files

import pytest

from domain.safety import SignalKind
from nlu.measure_safety import CORPORA, Case, load_cases, measure, report
from nlu.rules.safety import rules_hit, signals_in, warm_up
from nlu.rules.safety_patterns import load_rules
from nlu.rules.safety_words import standard_words

CORPUS = load_cases("safety")


@pytest.mark.parametrize("case", [case for case in CORPUS if case.expected], ids=lambda case: case.text)
def test_cry_for_help_is_heard(case: Case) -> None:
    assert case.expected & set(signals_in(case.text))


def test_look_alikes_hardly_ever_raise() -> None:
    figures = measure(CORPUS)

    assert figures.cries >= 300
    assert figures.look_alikes >= 300
    assert figures.false_alarm_rate < 0.02


def test_corpus_never_seen_by_the_rules_stays_above_its_floor() -> None:
    """The floor is below what was measured, so that a new rule may cost one case but not a class of cases."""
    figures = measure(load_cases("safety_heldout"))

    assert figures.recall >= 0.96
    assert figures.false_alarm_rate <= 0.03


@pytest.mark.parametrize(
    ("corpus", "heard", "false"),
    [("safety_unseen", 0.66, 0.05), ("safety_unseen_2", 0.83, 0.08), ("safety_unseen_3", 0.86, 0.09)],
)
def test_corpora_of_other_hands_stay_above_what_was_measured(corpus: str, heard: float, false: float) -> None:
    """Nothing is ever mended for these phrases: they tell what a stranger's words would meet."""
    figures = measure(load_cases(corpus))

    assert figures.recall >= heard
    assert figures.false_alarm_rate <= false


def test_reported_figures_are_todays() -> None:
    reported = files("nlu").joinpath("corpus", "figures.txt").read_text(encoding="utf-8")

    assert reported.splitlines() == [report(name, details=False) for name in CORPORA]


def test_corpora_do_not_share_texts() -> None:
    held_out = {case.text.casefold() for name in CORPORA[1:] for case in load_cases(name)}

    assert not held_out & {case.text.casefold() for case in CORPUS if case.expected}


@pytest.mark.parametrize(
    ("danger", "look_alike"),
    [
        ("ik wil dood", "ik lach me dood"),
        ("hij slaat me", "sla maar over"),
        ("er wordt nu ingebroken", "vorig jaar is er ingebroken"),
        ("ik wil niet meer leven", "ik wil niet meer leven in deze flat"),
        ("ik heb zelfmoordgedachten", "ik heb geen zelfmoordgedachten"),
        ("mijn man slaat me", "mijn man slaat me niet"),
        ("mijn vader slaat mij", "mijn vader sloeg mij vroeger"),
        ("hij reageert niet meer", "de gemeente reageert niet meer"),
        ("mijn huis staat in brand", "mijn huis stond vorig jaar in brand"),
        ("ik heb pillen genomen", "ik heb mijn pillen genomen tegen hoofdpijn"),
        ("ik zie geen uitweg meer", "ik zie geen uitweg in dit formulier"),
        ("ik maak me van kant", "ik maak me kwaad aan de kant van de weg"),
        ("ik hoef niet meer zo nodig te leven", "ik hoef niet meer zo nodig een park"),
    ],
)
def test_danger_is_told_from_its_look_alike(danger: str, look_alike: str) -> None:
    assert signals_in(danger) != ()
    assert signals_in(look_alike) == ()


@pytest.mark.parametrize(
    "text",
    [
        "ik wíl dóód",
        "i don’t want to live",
        "i don't want to live",
        "ik\u200b wil dood",
        "ik wil  dood",
        "ik\twil\ndood",
        "ik... wil... dood",
        "ikkkk willl dooood",
        "i k w i l d o o d",
    ],
)
def test_spelling_does_not_hide_danger(text: str) -> None:
    assert signals_in(text) == (SignalKind.SUICIDE,)


@pytest.mark.parametrize("before", [0, 3_590, 3_800, 3_990, 7_190, 10_000, 30_000])
def test_cry_at_any_place_in_a_long_text_is_heard(before: int) -> None:
    padding = ("De buren zijn aardig en het park is mooi. " * (before // 40 + 1))[:before]

    assert signals_in(padding + " ik wil niet meer leven") == (SignalKind.SUICIDE,)


def test_cry_without_any_punctuation_after_ten_thousand_letters_is_heard() -> None:
    assert signals_in("bla " * 2_500 + "mijn man slaat me elke dag") == (SignalKind.VIOLENCE,)


def test_two_dangers_are_both_heard_in_a_fixed_order() -> None:
    text = "Er is brand. Mijn man slaat me. Ik wil dood."

    assert signals_in(text) == (SignalKind.SUICIDE, SignalKind.VIOLENCE, SignalKind.EMERGENCY)


def test_look_alike_does_not_hide_danger_in_the_next_sentence() -> None:
    assert signals_in("Ik lach me dood om de buurman. Maar eigenlijk wil ik zelf dood.") == (
        SignalKind.SUICIDE,
    )


@pytest.mark.parametrize(
    ("typed", "standard"),
    [
        ("ikwildood", ". ik wil dood ."),
        ("zelfmrod", ". zelfmoord ."),
        ("Iech zien ’t neet", ". ik zien t niet ."),
        ("lezen, geven, zeven", ". lezen geven zeven ."),
    ],
)
def test_typing_becomes_standard_words(typed: str, standard: str) -> None:
    assert " ".join(standard_words(typed)) == standard


def test_every_rule_is_the_one_that_hears_some_case_of_the_corpus() -> None:
    heard = {name for case in CORPUS if case.expected for name in rules_hit(case.text)}

    assert [rule.name for rule in load_rules() if rule.name not in heard] == []


@pytest.mark.parametrize(
    "text",
    [
        "ik heb alle pillen opgespaard",
        "opgespaard heb ik ze, alle pillen",
        "al die pillen, ik heb ze de hele herfst opgespaard",
    ],
)
def test_words_are_heard_together_in_any_order(text: str) -> None:
    assert signals_in(text) == (SignalKind.SUICIDE,)


def test_words_far_apart_or_in_two_sentences_are_not_together() -> None:
    assert signals_in("Ik heb geld opgespaard. Mijn pillen liggen in de kast.") == ()
    far = "ik heb geld opgespaard voor een reis met mijn zus naar haar huis aan zee en neem elke dag mijn pillen"
    assert signals_in(far) == ()


def test_cry_among_hundreds_of_words_that_nobody_knows_is_heard() -> None:
    junk = " ".join(f"qx{chr(97 + one)}{chr(97 + two)}zvlr" for one in range(20) for two in range(20))

    assert signals_in(f"{junk} ik wil dood") == (SignalKind.SUICIDE,)


def test_words_that_a_row_needs_are_in_whatever_it_matches() -> None:
    """They spare the look: a set of words too many would deafen the row."""
    rows = {row for rule in load_rules() for way in rule.says for row in way.rows}
    lines = [tuple(standard_words(case.text)) for case in CORPUS[::9]]
    wrong = [
        (row.needed, line)
        for row in rows
        for line in lines
        for at, word in enumerate(line)
        if row.end(line, at, len(line)) is not None
        if not all(map(has_one_of(line), row.needed)) or (row.first and not has_one_of([word])(row.first))
    ]

    assert wrong == []


def has_one_of(said: Sequence[str]) -> Callable[[frozenset[str]], bool]:
    beginnings = {f"{word[:letters]}*" for word in said for letters in range(1, len(word) + 1)}
    return lambda wanted: not wanted.isdisjoint(said) or not wanted.isdisjoint(beginnings)


def test_everything_can_be_made_ready_beforehand() -> None:
    assert len(list(warm_up())) > 1


def test_danger_is_heard_in_one_sentence_of_many_and_across_two() -> None:
    assert signals_in("Het was mooi weer. Ik wil dood. Morgen komt mijn zus.") == (SignalKind.SUICIDE,)
    assert signals_in("Mooi weer hè. Hij sloeg me gisteren. Dat doet hij nog steeds.") == (
        SignalKind.VIOLENCE,
    )
