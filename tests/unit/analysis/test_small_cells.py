"""Nobody who has all tables and all releases can find a small number; and what protects does."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.people import NOTHING, Asked, Counted, Numbers, Person, Release, Survey
from analysis.protecting import Beside, Outcome, Why, protect
from tests.unit.analysis.attacker import Attacker, Told

AT = datetime(2026, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)
DIMENSIONS = {"wijk": ("a", "b", "c"), "role": ("r", "s")}
QUESTIONS = (Asked("q", ("yes", "some", "no"), in_order=True), Asked("p", ("yes", "no")))
LEAST = 5


def survey(people: Sequence[Person], questions: Sequence[Asked] = QUESTIONS) -> Survey:
    return Survey(DIMENSIONS, questions, people)


def person(wijk: str, role: str = "r", *, day: int = 0, **answers: str) -> Person:
    return Person({"wijk": wijk, "role": role}, answers, AT + day * DAY - timedelta(hours=1))


def of(numbers: Mapping[tuple[str, str], int], day: int = 0) -> list[Person]:
    """So many people by wijk and answer to q, of two roles in turn."""
    found: list[Person] = []
    for (wijk, answer), count in numbers.items():
        found += [person(wijk, "rs"[each % 2], day=day, q=answer) for each in range(count)]
    return found


def publish(people: Sequence[Person], earlier: Sequence[Release] = (), **options: object) -> Outcome:
    asked = survey(people, options.get("questions", QUESTIONS))  # type: ignore[arg-type]  # one option of one type
    minimum = options.get("minimum", LEAST)
    assert isinstance(minimum, int)
    return protect(asked, minimum=minimum, earlier=earlier, at=AT + len(earlier) * DAY)


def told(releases: Sequence[Release]) -> list[Told]:
    """Everything that stands in releases, as an attacker reads it."""
    found: list[Told] = []
    for number, release in enumerate(releases):
        found += told_of(number, release.by, Counted((("*",),), release.people), "")
        for name, counted in release.questions.items():
            found += told_of(number, release.by, counted, name)
    return found


def told_of(number: int, by: Mapping[str, object], counted: Counted, name: str) -> list[Told]:
    def answers(place: int) -> dict[str, tuple[str, ...]]:
        return {name: counted.classes[place]} if name else {}

    found = [Told(number, {}, answers(place), count) for place, count in enumerate(counted.numbers.total)]
    for dimension, rows in counted.numbers.tables.items():
        for groups, row in zip(by[dimension], rows, strict=True):  # type: ignore[call-overload]  # rows of classes
            found += [Told(number, {dimension: groups}, answers(place), n) for place, n in enumerate(row)]
    return found


def hidden(surveys: Sequence[Sequence[Person]], questions: Sequence[Asked] = QUESTIONS) -> list[Told]:
    """Every number by one group and one answer that is small: in a release, and among who came since the one before."""
    spans = [(number, since) for number in range(len(surveys)) for since in (0, number)]
    return [
        cell
        for number, since in sorted(set(spans))
        for question in questions
        for cell in small(surveys[number], surveys[since - 1] if since else [], number, since, question)
    ]


def small(
    people: Sequence[Person], before: Sequence[Person], number: int, since: int, question: Asked
) -> list[Told]:
    came = people[len(before) :]
    counts = Counter(
        (name, each.groups[name], each.answers.get(question.id, NOTHING))
        for each in came
        for name in DIMENSIONS
    )
    return [
        Told(number, {name: (group,)}, {question.id: (answer,)}, counts[name, group, answer], since)
        for name, groups in DIMENSIONS.items()
        for group in groups
        for answer in (*question.categories, NOTHING)
        if counts[name, group, answer] < LEAST
    ]


def attacker(
    releases: Sequence[Release], questions: Sequence[Asked] = QUESTIONS, known: Sequence[Told] = ()
) -> Attacker:
    dimensions = {name: (*groups, NOTHING) for name, groups in DIMENSIONS.items()}
    return Attacker(
        dimensions,
        {each.id: (*each.categories, NOTHING) for each in questions},
        [*told(releases), *known],
    )


def candidates(bounds: tuple[int, int]) -> int:
    return bounds[1] - bounds[0] + 1


def assert_nothing_small_is_found(
    releases: Sequence[Release], surveys: Sequence[Sequence[Person]], questions: Sequence[Asked] = QUESTIONS
) -> None:
    against = attacker(releases, questions)
    for cell in hidden(surveys, questions):
        low, high = against.bounds(cell)
        assert low <= cell.count <= high
        assert candidates((low, high)) > LEAST, cell


def chance_people(seed: int, count: int, day: int = 0) -> list[Person]:
    chance = random.Random(seed)
    weights = [chance.random() + 0.02 for _ in range(9)]
    found = []
    for _ in range(count):
        wijk = chance.choices(("a", "b", "c"), weights[:3])[0]
        role = "r" if wijk == "a" and chance.random() < 0.9 else chance.choice("rs")
        q = chance.choices(("yes", "some", "no", NOTHING), weights[3:7])[0]
        p = chance.choices(("yes", "no", NOTHING), weights[6:])[0]
        found.append(person(wijk, role, day=day, q=q, p=p))
    return found


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), sizes=st.lists(st.integers(1, 80), min_size=1, max_size=3))
def test_nothing_small_is_found_in_any_tables_and_releases(seed: int, sizes: list[int]) -> None:
    people = chance_people(seed, 60)
    releases: list[Release] = []
    surveys: list[list[Person]] = []
    for number, size in enumerate(sizes):
        people = [*people, *chance_people(seed + number + 1, size, day=number)]
        fresh = publish(people, releases).fresh
        if fresh is not None:
            releases.append(fresh)
            surveys.append(people)
    if releases:
        assert_nothing_small_is_found(releases, surveys)


def test_a_three_beside_thirty_seven_is_not_found_from_another_table() -> None:
    people = of({("a", "yes"): 37, ("a", "no"): 3, ("b", "yes"): 30, ("b", "no"): 30, ("c", "no"): 40})

    released = publish(people).fresh

    assert released is not None
    assert_nothing_small_is_found([released], [people])
    assert all(count >= LEAST for counted in released.questions.values() for count in counted.numbers.cells())


def naive(people: Sequence[Person], at: datetime = AT) -> Release:
    """What only withholds small cells: of q by wijk those of 5 and more, with their margins."""
    counts = Counter((each.groups["wijk"], each.answers["q"]) for each in people)
    classes = tuple((each,) for each in QUESTIONS[0].categories)
    by = {"wijk": tuple((each,) for each in DIMENSIONS["wijk"])}
    total = tuple(sum(counts[wijk, each] for (wijk,) in by["wijk"]) for (each,) in classes)
    rows = tuple(tuple(counts[wijk, each] for (each,) in classes) for (wijk,) in by["wijk"])
    sizes = tuple((sum(row),) for row in rows)
    return Release(
        at,
        LEAST,
        by,
        Numbers((len(people),), {"wijk": sizes}),
        {"q": Counted(classes, Numbers(total, {"wijk": rows}))},
    )


def test_without_complementary_suppression_the_attacker_finds_the_three() -> None:
    people = of({("a", "yes"): 37, ("a", "no"): 3, ("b", "yes"): 30, ("b", "no"): 30, ("c", "no"): 40})
    margins = [each for each in told([naive(people)]) if each.count >= LEAST]
    dimensions = {"wijk": DIMENSIONS["wijk"]}
    against = Attacker(dimensions, {"q": QUESTIONS[0].categories}, margins)

    assert against.bounds(Told(0, {"wijk": ("a",)}, {"q": ("no",)}, 3)) == (3, 3)


ORDERED = (Asked("q", ("never", "rarely", "often", "always"), in_order=True),)
FOUR_RARELY = {"never": 7, "rarely": 4, "often": 20, "always": 20}
RARELY = Told(0, {}, {"q": ("rarely",)}, 4)


def all_of(counts: Mapping[str, int], wijk: str = "a") -> list[Person]:
    return [person(wijk, q=answer) for answer, count in counts.items() for _ in range(count)]


def of_two(beside: Beside | None) -> tuple[Release, Outcome]:
    """The same people answer a question of two questionnaires the same; the second has a larger minimum."""
    people = survey(all_of(FOUR_RARELY), ORDERED)
    first = protect(people, minimum=5, earlier=(), at=AT).fresh
    assert first is not None
    beside = Beside(others=[first]) if beside is None else beside
    return first, protect(people, minimum=10, earlier=(), at=AT + DAY, beside=beside)


def bounds_of(releases: Sequence[Release]) -> tuple[int, int]:
    """What an attacker makes of it who knows that they are the same people."""
    found = [replace(each, release=0) for each in told(releases)]
    names = {each.id: (*each.categories, NOTHING) for each in ORDERED}
    return Attacker({name: (*groups, NOTHING) for name, groups in DIMENSIONS.items()}, names, found).bounds(
        RARELY
    )


def test_two_questionnaires_of_the_same_people_give_nothing_away() -> None:
    first, second = of_two(Beside())
    assert second.fresh is not None
    assert bounds_of([first, second.fresh]) == (4, 4), "the attacker finds it when nobody looks beside"

    first, second = of_two(None)
    assert second.fresh is None
    low, high = bounds_of([first])
    assert high - low > LEAST


def test_a_question_of_another_questionnaire_keeps_its_classes_also_in_another_group() -> None:
    people = all_of({"never": 27, "rarely": 14, "often": 20, "always": 20})
    first = protect(survey(all_of(FOUR_RARELY), ORDERED), minimum=5, earlier=(), at=AT).fresh
    assert first is not None
    moved = survey(
        [replace(each, answers={"life/q": each.answers["q"]}) for each in people],
        [replace(ORDERED[0], id="life/q")],
    )
    alone = protect(moved, minimum=5, earlier=(), at=AT).fresh
    second = protect(moved, minimum=5, earlier=(), at=AT, beside=Beside(rounds=[first]))

    assert alone is not None
    assert second.fresh is not None
    assert second.fresh.questions["life/q"].classes == first.questions["q"].classes
    assert alone.questions["life/q"].classes != first.questions["q"].classes


def test_a_few_people_more_in_another_questionnaire_are_not_told_and_many_are() -> None:
    counts = {"never": 20, "rarely": 20, "often": 20, "always": 20}
    first = protect(survey(all_of(counts), ORDERED), minimum=5, earlier=(), at=AT).fresh
    assert first is not None

    def also(more: int, beside: Beside, questions: Sequence[Asked] = ORDERED) -> Outcome:
        people = all_of({name: count + more for name, count in counts.items()})
        return protect(survey(people, questions), minimum=5, earlier=(), at=AT, beside=beside)

    others, rounds = Beside(others=[first]), Beside(rounds=[first])
    assert also(2, others) == Outcome(None, {"q": Why.TOLD_ELSEWHERE})
    assert also(9, others).fresh is not None
    assert also(0, others).fresh is not None
    assert also(2, rounds).fresh is not None
    other_answers = (Asked("q", ("never", "rarely", "often"), in_order=True),)
    assert also(9, others, other_answers) == Outcome(None, {"q": Why.TOLD_ELSEWHERE})


def test_groups_are_put_together_as_in_the_first_tables_or_not_told() -> None:
    first = publish(of({("a", "yes"): 20, ("b", "yes"): 8, ("c", "yes"): 9, ("a", "no"): 20})).fresh
    assert first is not None
    assert first.by["wijk"][0] == ("a",)
    later = survey(of({("b", "yes"): 20, ("a", "yes"): 8, ("c", "yes"): 9, ("b", "no"): 20}))

    def beside(people: Survey, **releases: Sequence[Release]) -> Release:
        done = protect(people, minimum=5, earlier=(), at=AT, beside=Beside(**releases))
        assert done.fresh is not None
        return done.fresh

    assert beside(later).by["wijk"] != first.by["wijk"]
    for releases in ({"others": [first]}, {"rounds": [first]}):
        assert beside(later, **releases).by["wijk"] == first.by["wijk"]
    without_a = survey(of({("b", "yes"): 20, ("b", "no"): 20}))
    assert len(beside(without_a, rounds=[first]).by["wijk"]) == 1


def test_without_the_register_the_attacker_finds_who_came_in_between() -> None:
    before = of({(wijk, answer): 20 for wijk in "abc" for answer in ("yes", "some", "no")})
    after = [*before, person("a", "r", day=1, q="no"), person("b", "s", day=1, q="yes")]
    first = publish(before).fresh
    forgetful = publish(after).fresh
    assert first is not None
    assert forgetful is not None

    cell = Told(1, {"wijk": ("a",)}, {"q": ("no", NOTHING)}, 1, since=1)
    assert attacker([first, forgetful]).bounds(cell) == (1, 1)
    assert publish(after, [first]) == Outcome(None, {"q": Why.CHANGED_LITTLE, "p": Why.CHANGED_LITTLE})


def test_a_later_release_has_the_classes_of_the_first_one() -> None:
    few = of({(wijk, answer): 7 for wijk in "abc" for answer in ("yes", "no")})
    many = [*few, *of({(wijk, answer): 50 for wijk in "abc" for answer in ("yes", "some", "no")}, day=1)]
    first = publish(few).fresh
    assert first is not None

    second = publish(many, [first]).fresh

    assert second is not None
    assert second.by == first.by
    assert second.questions["q"].classes == first.questions["q"].classes
    assert_nothing_small_is_found([first, second], [few, many])


def test_erasures_do_not_show_in_the_difference() -> None:
    before = of({(wijk, answer): 20 for wijk in "abc" for answer in ("yes", "some", "no")})
    first = publish(before).fresh
    assert first is not None

    assert publish(before[1:], [first]).fresh is None


def test_what_has_become_small_is_not_told_again() -> None:
    before = of({(wijk, answer): 20 for wijk in "abc" for answer in ("yes", "some", "no")})
    after = of({(wijk, answer): 4 for wijk in "abc" for answer in ("yes", "some", "no")})
    first = publish(before).fresh
    assert first is not None

    assert publish(after, [first]).why["q"] is Why.CHANGED_LITTLE


def test_nothing_new_is_not_told_again() -> None:
    people = of({(wijk, answer): 20 for wijk in "abc" for answer in ("yes", "some", "no")})
    first = publish(people).fresh
    assert first is not None

    assert set(publish(people, [first]).why.values()) == {Why.UNCHANGED}


def test_a_group_in_which_all_say_the_same_does_not_show_it() -> None:
    """No answer has the number 0 either: 'all 20 of a said yes' tells of each of them."""
    people = of({("a", "yes"): 20, ("b", "yes"): 20, ("b", "no"): 20, ("c", "yes"): 20, ("c", "no"): 20})

    released = publish(people).fresh

    assert released is not None
    assert "wijk" not in released.questions["q"].numbers.tables
    assert_nothing_small_is_found([released], [people])


def test_who_knows_in_which_groups_everybody_is_cannot_work_out_a_table_that_is_not_told() -> None:
    """Nearly all of role s live in b, so a table by role alone would tell how many of b said no."""
    people = of({("a", "yes"): 20, ("a", "no"): 20, ("c", "yes"): 20, ("c", "no"): 20})
    people = [replace(each, groups={**each.groups, "role": "r"}) for each in people]
    people += [person("b", "s", q="yes") for _ in range(19)] + [person("b", "s", q="no")]
    people += [person("c", "s", q="no") for _ in range(4)]
    sizes = Counter((each.groups["wijk"], each.groups["role"]) for each in people)
    known = [
        Told(0, {"wijk": (wijk,), "role": (role,)}, {}, sizes[wijk, role])
        for wijk in (*DIMENSIONS["wijk"], NOTHING)
        for role in (*DIMENSIONS["role"], NOTHING)
    ]

    released = publish(people, questions=QUESTIONS[:1]).fresh

    assert released is not None
    for classes in released.questions["q"].classes:
        cell = Told(0, {"wijk": ("b",)}, {"q": classes}, 0)
        assert candidates(attacker([released], QUESTIONS[:1], known).bounds(cell)) > LEAST


def test_a_higher_minimum_once_promised_stays() -> None:
    people = of({(wijk, answer): 20 for wijk in "abc" for answer in ("yes", "some", "no")})
    more = [*people, *of({(wijk, answer): 7 for wijk in "abc" for answer in ("yes", "some", "no")}, day=1)]
    first = publish(people, minimum=10).fresh
    assert first is not None

    assert publish(more, [first]).fresh is None


def test_a_new_group_is_with_what_is_not_known() -> None:
    people = of({(wijk, answer): 20 for wijk in "abc" for answer in ("yes", "no")})
    first = publish(people).fresh
    assert first is not None
    grown = {**DIMENSIONS, "wijk": ("a", "b", "c", "d")}
    more = [*people, *of({(wijk, answer): 20 for wijk in "abcd" for answer in ("yes", "no")}, day=1)]

    second = protect(Survey(grown, QUESTIONS, more), minimum=LEAST, earlier=[first], at=AT + DAY).fresh

    assert second is not None
    assert sum(row[0] for row in second.people.tables["wijk"]) == len(more)


@pytest.mark.parametrize("minimum", [-1, 0, 4])
def test_a_minimum_under_five_is_refused(minimum: int) -> None:
    with pytest.raises(ValueError, match="under 5"):
        protect(survey([]), minimum=minimum, earlier=(), at=AT)


def test_too_few_people_tell_nothing() -> None:
    assert publish(of({("a", "yes"): 4})).fresh is None
