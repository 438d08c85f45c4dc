import pytest

from nlu.rules.dutch import cost, how_often, ordinary_words, parts_of, sound


def price(part: str) -> float | None:
    """Words of three letters and more, at what they tell; and two short ones."""
    count = how_often().get(part)
    return None if count is None or (len(part) < 3 and part not in ("me", "ik")) else cost(count)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gespaart", "gespaard"),
        ("drijgt", "dreigt"),
        ("klappe", "klappen"),
        ("vrouw", "vrauw"),
        ("sgool", "school"),
        ("piztool", "pistool"),
    ],
)
def test_what_sounds_the_same_is_the_same(one: str, other: str) -> None:
    assert sound(one) == sound(other)


def test_ordinary_words_are_dutch_and_english_without_slips() -> None:
    assert {"huis", "geven", "house"} <= ordinary_words()
    assert not {"huiss", "zelfmrod", "housse"} & ordinary_words()


def test_frequent_word_tells_less_than_a_rare_one() -> None:
    assert cost(how_often()["ik"]) < cost(how_often()["keuken"])


@pytest.mark.parametrize(
    ("joined", "parts"),
    [
        ("hijslaatmesteeds", ("hij", "slaat", "me", "steeds")),
        ("mijnvader", ("mijn", "vader")),
        ("vader", ("vader",)),
    ],
)
def test_words_typed_as_one_are_found(joined: str, parts: tuple[str, ...]) -> None:
    assert parts_of(joined, price)[0] == parts


def test_letters_that_are_no_words_have_no_parts() -> None:
    assert parts_of("xqzzqx", price) == ((), float("inf"))


def test_no_letters_have_no_parts_and_cost_nothing() -> None:
    assert parts_of("", price) == ((), 0.0)


def test_longer_text_is_looked_at_in_proportion() -> None:
    """Every letter asks for no more prices than the longest word has letters."""
    asked: list[str] = []

    def counted(part: str) -> float | None:
        asked.append(part)
        return 1.0

    parts_of("a" * 1_000, counted)

    assert len(asked) <= 18 * 1_000
