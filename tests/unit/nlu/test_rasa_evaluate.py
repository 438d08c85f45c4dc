"""The figures, on small examples worked out by hand."""

from __future__ import annotations

from nlu.rasa_data import Example
from nlu.rasa_evaluate import Figures, Judged, macro_f1, measure, out_of_scope_auroc, report
from nlu.rasa_parse import ModelParse


def judged(intent: str, *ranking: tuple[str, float], language: str = "nl") -> Judged:
    return Judged(Example(f"een zin over {intent}", intent, language), ModelParse(ranking, "m"))


RIGHT = judged("stop", ("stop", 0.9), ("out_of_scope", 0.1))
WRONG = judged("stop", ("pause", 0.6), ("out_of_scope", 0.4))
OUTSIDE = judged("out_of_scope", ("out_of_scope", 0.4), ("stop", 0.3))


def test_measure_counts_and_averages() -> None:
    # F1: stop 2*1/(2+1), pause 0, out_of_scope 1; AUROC: one pair won, one tied
    assert measure([RIGHT, WRONG, OUTSIDE]) == Figures(3, 2 / 3, (2 / 3 + 0 + 1) / 3, 0.75)


def test_macro_f1_all_right_is_one() -> None:
    assert macro_f1([RIGHT, OUTSIDE]) == 1.0


def test_out_of_scope_auroc_without_out_of_scope_sentences_is_a_guess() -> None:
    assert out_of_scope_auroc([RIGHT, WRONG]) == 0.5


def test_report_has_a_line_per_language_and_lists_mistakes() -> None:
    english = judged("stop", ("stop", 1.0), language="en")
    assert report([RIGHT, WRONG, english], 4, show_mistakes=True).splitlines() == [
        "language   sentences  accuracy  macro-F1   AUROC",
        "nl                 2     0.500     0.333   0.500",
        "en                 1     1.000     1.000   0.500",
        "all                3     0.667     0.400   0.500",
        "1 sentences were not answered in time and are not counted.",
        "stop -> pause: een zin over stop",
    ]
