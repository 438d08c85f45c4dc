"""Every key of a scale's file ends up in its record, and each has its default."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from bot.forms.scale_files import load_scales, read_scale
from bot.forms.scales import Band, Reference, Scale, Subscale, score
from domain.errors import DefinitionError

NEEDED = """
id = "mood"
title = {nl = "Stemming"}
items = ["a", "b"]
minimum = 1
maximum = 3
rule = "mean"
at_least = 1
licence = "free"
citation = "Somebody (2020)"
"""
WORDING = """
[wording]
nl = "unconfirmed"
"""
EVERYTHING = (
    NEEDED
    + """
reversed = ["b"]
impute = "mean"
factor = 2.0
points = {low = 1, high = 3}
"""
    + WORDING
    + """
[texts]
a = "Ik voel me goed."

[rescale]
subtract = 1.0
times = 25.0
label = {nl = "Van 0 tot 100"}

[[subscales]]
id = "part"
label = {nl = "Deel"}
items = ["a"]
points = {low = 2}
at_least = 1

[[subscales]]
id = "rest"
label = {nl = "Rest"}
items = ["b"]

[[bands]]
id = "low"
label = {nl = "Laag"}
up_to = 1.5

[[bands]]
id = "middle"
label = {nl = "Midden"}
below = 2.5

[[references]]
value = "2,1"
of = {nl = "Nederland"}
source = "CBS"
year = 2024

[[references]]
value = "2,2"
of = {nl = "Limburg"}
source = "CBS"
"""
)
PLAIN = Scale(
    id="mood", title={"nl": "Stemming"}, items=("a", "b"), minimum=1, maximum=3, rule="mean", at_least=1,
    licence="free", citation="Somebody (2020)", wording={"nl": "unconfirmed"},
)  # fmt: skip # read as one piece


def refused(text: str) -> list[tuple[str, str]]:
    with pytest.raises(DefinitionError) as raised:
        read_scale(text, "mood.toml")
    return [(each.column, each.rule) for each in raised.value.problems]


def test_scale_with_only_what_is_needed_has_the_defaults() -> None:
    assert read_scale(NEEDED + WORDING, "mood.toml") == PLAIN


def test_band_without_a_bound_has_no_end() -> None:
    text = f'{NEEDED}{WORDING}[[bands]]\nid = "all"\nlabel = {{nl = "Alles"}}\n'
    assert read_scale(text, "mood.toml").bands == (Band("all", {"nl": "Alles"}, math.inf, math.inf),)


def test_every_key_of_a_scale_is_kept() -> None:
    assert read_scale(EVERYTHING, "mood.toml") == Scale(
        id="mood", title={"nl": "Stemming"}, items=("a", "b"), minimum=1, maximum=3, rule="mean", at_least=1,
        licence="free", citation="Somebody (2020)", wording={"nl": "unconfirmed"}, reversed=frozenset({"b"}),
        points={"low": 1, "high": 3}, impute="mean", factor=2.0, rescale=(1.0, 25.0),
        rescale_label={"nl": "Van 0 tot 100"},
        subscales=(
            Subscale("part", {"nl": "Deel"}, ("a",), {"low": 2}, 1), Subscale("rest", {"nl": "Rest"}, ("b",), {}, 0),
        ),
        bands=(Band("low", {"nl": "Laag"}, 1.5, math.inf), Band("middle", {"nl": "Midden"}, math.inf, 2.5)),
        references=(
            Reference("2,1", {"nl": "Nederland"}, "CBS", 2024), Reference("2,2", {"nl": "Limburg"}, "CBS", None),
        ),
        texts={"a": "Ik voel me goed."},
    )  # fmt: skip # read as one piece


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ('[texts]\na', "[texts]\nz", ("items", '"z" is not an item')),
        ('items = ["a"]', 'items = ["z"]', ("items", '"z" is not an item')),
        ('reversed = ["b"]', 'reversed = ["z"]', ("items", '"z" is not an item')),
        ("{low = 2}", "{low = 4}", ("points", '"low" gives 4, outside 1 to 3')),
        ("{low = 1, high = 3}", "{low = 1, high = 4}", ("points", '"high" gives 4, outside 1 to 3')),
        ('impute = "mean"', 'impute = "guess"', ("impute", '"guess" is unknown')),
        ('nl = "unconfirmed"', 'nl = "sure"', ("wording", "each language is confirmed or unconfirmed")),
        ('rule = "mean"', 'rule = "median"', ("rule", '"median" is unknown')),
    ],
)  # fmt: skip # read as rows of a table
def test_key_of_a_scale_that_says_something_impossible_is_named(
    old: str, new: str, wrong: tuple[str, str]
) -> None:
    assert refused(EVERYTHING.replace(old, new)) == [wrong]


def test_wording_may_be_confirmed_in_one_language_and_not_in_another() -> None:
    text = NEEDED + '[wording]\nnl = "confirmed"\nen = "unconfirmed"\n'
    assert read_scale(text, "mood.toml").wording == {"nl": "confirmed", "en": "unconfirmed"}


def test_missing_item_of_a_part_is_filled_with_the_mean_of_that_part() -> None:
    scale = replace(
        PLAIN, items=("a", "b", "c"), rule="sum", impute="mean",
        subscales=(Subscale("part", {"nl": "Deel"}, ("a", "b"), {}, 1),),
    )  # fmt: skip # read as one piece
    found = score(scale, {"a": "3", "c": "1"})
    assert (found.total, found.subscales) == (6.0, {"part": 6.0})


def test_score_and_its_rescaling_have_nine_decimals_at_most() -> None:
    scale = replace(PLAIN, items=("a", "b", "c"), rescale=(1.0, 1 / 7))
    found = score(scale, {"a": "1", "b": "1", "c": "2"})
    assert (found.total, found.rescaled) == (1.333333333, 0.047619048)


def test_scales_of_a_folder_are_found_by_their_id(tmp_path: Path) -> None:
    (tmp_path / "mood.toml").write_text(NEEDED + WORDING, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no scale", encoding="utf-8")
    assert load_scales(tmp_path) == {"mood": PLAIN}
