"""Scores, against every vector that the scales' rules were given with."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bot.forms.load import load_form
from bot.forms.scale_files import SHIPPED, load_scales, read_scale
from bot.forms.scales import Scale, ScaleScore, score
from domain.errors import DefinitionError, DomainError

SCALES = load_scales()
VEERKRACHT = load_form(SHIPPED.parent / "veerkracht.md").questionnaire


def score_points(name: str, points: Sequence[int | None]) -> ScaleScore:
    """The score of labels that stand for these points before reversal."""
    scale = SCALES[name]
    labels = {value: label for label, value in scale.points.items()}
    return score(
        scale,
        {
            item: None if each is None else labels[each]
            for item, each in zip(scale.items, points, strict=True)
        },
    )


@pytest.mark.parametrize(
    ("points", "total", "band"),
    [
        ([5, 1, 5, 1, 5, 1], 5.00, "high"),
        ([1, 5, 1, 5, 1, 5], 1.00, "low"),
        ([3] * 6, 3.00, "normal"),
        ([5] * 6, 3.00, "normal"),
        ([5, 2, 4, 2, 4, 1], 4.33, "high"),
        ([5, 2, 4, 2, 4, 2], 4.17, "normal"),
        ([2, 4, 2, 3, 3, 4], 2.33, "low"),
        ([4, 2, None, 2, 4, 3], 3.80, "normal"),
        ([4, 2, None, None, 4, 3], None, None),
    ],
)
def test_brs(points: list[int | None], total: float | None, band: str | None) -> None:
    result = score_points("brs", points)
    assert (None if result.total is None else round(result.total, 2), result.band) == (total, band)


YES, MM, NO = "yes", "somewhat", "no"


@pytest.mark.parametrize(
    ("labels", "total", "emotional", "social", "band"),
    [
        ([NO, YES, YES, NO, YES, NO], 0, 0, 0, "not"),
        ([YES, NO, NO, YES, NO, YES], 6, 3, 3, "strongly"),
        ([MM] * 6, 6, 3, 3, "strongly"),
        ([NO, MM, YES, NO, YES, NO], 1, 0, 1, "not"),
        ([NO, MM, YES, MM, YES, NO], 2, 1, 1, "somewhat"),
        ([MM, YES, NO, MM, MM, MM], 5, 3, 2, "strongly"),
        ([YES, NO, None, YES, NO, YES], 5, 3, None, "strongly"),
        ([YES, NO, None, None, NO, YES], None, None, None, None),
        ([YES] * 6, 3, 3, 0, "somewhat"),
        ([NO] * 6, 3, 0, 3, "somewhat"),
    ],
)
def test_de_jong_gierveld(
    labels: list[str | None], total: int | None, emotional: int | None, social: int | None, band: str | None
) -> None:
    scale = SCALES["de_jong_gierveld_6"]
    result = score(scale, dict(zip(scale.items, labels, strict=True)))
    assert (result.total, dict(result.subscales), result.band) == (
        total,
        {"emotional": emotional, "social": social},
        band,
    )


@pytest.mark.parametrize(
    ("points", "total", "rescaled"),
    [
        ([1, 5, 5, 5], 5.0, 10),
        ([5, 1, 1, 1], 1.0, 0),
        ([3, 3, 3, 3], 3.0, 5),
        ([2, 4, 4, 4], 4.0, 7.5),
        ([4, 3, 2, 3], 2.5, 3.75),
        ([2, 4, 3, 4], 3.75, 6.875),
        ([2, 4, None, 4], 4.0, 7.5),
        ([2, None, None, 4], None, None),
    ],
)
def test_cohesion(points: list[int | None], total: float | None, rescaled: float | None) -> None:
    result = score_points("cohesion", points)
    assert (result.total, result.rescaled) == (total, rescaled)


@pytest.mark.parametrize(
    ("points", "total", "band"),
    [
        ([5] * 5, 100, "fine"),
        ([0] * 5, 0, "offer_help"),
        ([3, 3, 2, 2, 2], 48, "offer_help"),
        ([3, 3, 3, 2, 2], 52, "fine"),
    ],
)
def test_who_5(points: list[int], total: float, band: str) -> None:
    result = score_points("who_5", points)
    assert (result.total, result.band) == (total, band)


@pytest.mark.parametrize(
    ("points", "total"), [([5] * 8 + [1, 1], 50), ([1] * 8 + [5, 5], 10), ([3] * 10, 30), ([5] * 10, 42)]
)
def test_collective_efficacy(points: list[int], total: float) -> None:
    assert score_points("collective_efficacy", points).total == total


@pytest.mark.parametrize(
    ("points", "total"),
    [
        ([4] * 9, 36),
        ([0] * 9, 0),
        ([0, 1, 2, 3, 4, 3, 2, 1, 0], 16),
        ([4, 4, 4, 4, 4, 4, 4, None, None], 36),
        ([1, 1, 1, 1, 1, 2, 2, 2, None], 12.375),
        ([4, 4, 4, 4, 4, 4, None, None, None], None),
    ],
)
def test_res(points: list[int | None], total: float | None) -> None:
    assert score_points("res", points).total == total


@pytest.mark.parametrize(
    ("name", "label", "total", "band"),
    [
        ("life_satisfaction", "4", 4, "dissatisfied"),
        ("life_satisfaction", "5", 5, "between"),
        ("life_satisfaction", "6", 6, "between"),
        ("life_satisfaction", "7", 7, "satisfied"),
        ("rondkomen", "must_be_careful", 0, "no_trouble"),
        ("rondkomen", "some_trouble", 1, "trouble"),
        ("trust_municipality", "quite_some", 1, "much"),
        ("trust_municipality", "not_much", 0, "little"),
        ("trust_people", "yes", 1, "yes"),
        ("influence_neighbourhood", "agree", 1, "agree"),
        ("influence_future", "neutral", 0, "not_agree"),
        ("influence_future", None, None, None),
    ],
)
def test_single_question(name: str, label: str | None, total: float | None, band: str | None) -> None:
    result = score(SCALES[name], {name: label})
    assert (result.total, result.band) == (total, band)


@pytest.mark.parametrize(
    ("name", "points", "flagged"),
    [
        ("brs", [5] * 6, True),
        ("cohesion", [3] * 4, True),
        ("cohesion", [3, 3, 3, None], False),
        ("cohesion", [1, 5, 5, 5], False),
        ("collective_efficacy", [5] * 10, True),
        ("res", [4] * 9, False),
    ],
)
def test_same_answer_everywhere_is_flagged_on_a_mixed_scale(
    name: str, points: list[int | None], flagged: bool
) -> None:
    assert score_points(name, points).straight_lined is flagged


def test_same_answer_everywhere_is_flagged_for_loneliness() -> None:
    scale = SCALES["de_jong_gierveld_6"]
    assert score(scale, dict.fromkeys(scale.items, "yes")).straight_lined


@pytest.mark.parametrize("values", [{}, {"cohesion_1": None}, {"cohesion_1": "", "other": "x"}])
def test_nothing_answered_has_no_score(values: Mapping[str, str | None]) -> None:
    assert score(SCALES["cohesion"], values) == ScaleScore(None, {}, None, 0, False, None)


@pytest.mark.parametrize(
    ("name", "item", "label"),
    [
        ("res", "res_1", "3"),
        ("life_satisfaction", "life_satisfaction", "11"),
        ("life_satisfaction", "life_satisfaction", "good"),
    ],
)
def test_unknown_label_is_never_read_as_points(name: str, item: str, label: str) -> None:
    with pytest.raises(DomainError) as refusal:
        score(SCALES[name], {item: label})
    assert (refusal.value.code, refusal.value.detail) == ("unknown_label", {"scale": name, "item": item})


ASKED = [scale for scale in SCALES.values() if scale.id not in ("brs", "who_5", "collective_efficacy")]


@pytest.mark.parametrize("scale", ASKED, ids=lambda scale: scale.id)
def test_scale_fits_the_starter_questionnaire(scale: Scale) -> None:
    questions = {question.name: question for question in VEERKRACHT.questions}
    for item in scale.items:
        for choice in questions[item].choices:
            assert score(scale, {item: choice.name}).answered == 1
    assert {item: questions[item].label["nl"] for item in scale.texts} == dict(scale.texts)


def test_published_instruments_carry_their_words() -> None:
    assert [scale.id for scale in ASKED if scale.texts] == ["cohesion", "de_jong_gierveld_6", "res"]
    assert {
        scale.id for scale in SCALES.values() if scale.wording["nl"] == "unconfirmed" and scale.texts
    } == {"res"}
    assert not any(SCALES[name].texts for name in ("brs", "who_5", "collective_efficacy"))


SMALL = (SHIPPED / "rondkomen.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('rule = "sum"', 'rule = "product"', 'x.toml, column rule: "product" is unknown. Use sum or mean'),
        ("at_least = 1", "at_least = 2", "x.toml, column at_least: this is not between 1 and the number of items. Change it"),
        ("at_least = 1", 'reversed = ["b"]\nat_least = 1', 'x.toml, column items: "b" is not an item. Add it or correct it'),
        ("great_trouble = 1", "great_trouble = 2", 'x.toml, column points: "great_trouble" gives 2, outside 0 to 1.'
         " Correct the points or the bounds"),
        ('nl = "confirmed"', 'nl = "perhaps"', "x.toml, column wording: each language is confirmed or unconfirmed. Correct it"),
        ('licence = "own wording"\n', "", "x.toml, column licence: this is missing or of the wrong kind."
         " See the other scales for how it is written"),
        ("minimum = 0", "minimum = 0\nmedian = 2", "x.toml, column median: this is unknown. Remove it"),
        ("at_least = 1", 'impute = "zero"\nat_least = 1', 'x.toml, column impute: "zero" is unknown. Use none or mean'),
    ],
)  # fmt: skip # read as a table, a row a line
def test_scale_written_wrongly_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(DefinitionError) as refusal:
        read_scale(SMALL.replace(old, new), "x.toml")
    assert str(refusal.value) == message


def test_scale_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(SMALL, encoding="utf-8")
    with pytest.raises(DefinitionError) as refusal:
        load_scales(tmp_path)
    assert str(refusal.value) == 'b.toml, column id: "rondkomen" is there twice. Rename it'


def test_every_scale_file_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("id =", encoding="utf-8")
    (tmp_path / "b.toml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "c.toml").write_text(SMALL.replace('rule = "sum"', 'rule = "product"'), encoding="utf-8")
    with pytest.raises(DefinitionError) as refusal:
        load_scales(tmp_path)
    assert [(problem.file, problem.column, problem.fix) for problem in refusal.value.problems] == [
        ("a.toml", "", "Mend the file"),
        ("c.toml", "rule", "Use sum or mean"),
    ]
    assert refusal.value.problems[0].rule == "this is not TOML (Invalid value (at end of document))"
