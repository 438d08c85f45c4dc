"""What may lead to a person is marked in anybody's words, by its kind."""

import re
from pathlib import Path

import pytest

from nlu.looking import KINDS, is_bsn, look

PERSONAL = Path(__file__).parents[3] / "nlu" / "corpus" / "personal.tsv"
LONG = "Het is hier mooi en de mensen zijn aardig, maar het park is slecht onderhouden " * 8


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Het park is mooi, en de bus rijdt 2 keer per uur.", ()),
        ("mevrouw Smeets helpt mij altijd", ("name",)),
        ("vraag maar aan fatima", ("name",)),
        ("Jan Peeters", ("name",)),
        ("bel 06-12345678", ("phone",)),
        ("bel +31 (0)6 12 34 56 78 maar", ("phone",)),
        ("043 350 40 40", ("phone",)),
        ("ik woon op Kerkstraat 12", ("address",)),
        ("6211 ab", ("address",)),
        ("schrijf naar jan@voorbeeld.nl", ("e-mail",)),
        ("mijn bsn is 123456782", ("bsn",)),
        ("1234.56.782", ("bsn",)),
        ("dossier 123456789", ("number",)),
        ("bsn 123456782, dossier 123456789", ("bsn", "number")),
        ("NL91 ABNA 0417 1643 00", ("phone", "account")),
        ("zie www.voorbeeld.nl", ("link",)),
        ("geboren op 3 mei 1950", ("date",)),
        ("Парк красивый", ("other_letters",)),
        ("Парк красивый, bel 0612345678", ("phone", "other_letters")),
        ("mevrouw Smeets, Kerkstraat 12, 0612345678", ("name", "phone", "address")),
        ("", ()),
        ("😀", ()),
    ],
)
def test_kinds_are_told_and_never_the_words(text: str, kinds: tuple[str, ...]) -> None:
    assert look(text) == kinds
    assert set(kinds) <= set(KINDS)


@pytest.mark.parametrize("place", range(0, len(LONG), 37))
def test_a_name_is_found_wherever_it_stands_in_a_long_text(place: int) -> None:
    start = LONG.rfind(" ", 0, place) + 1
    assert "name" in look(f"{LONG[:start]}mevrouw Smeets {LONG[start:]}")
    assert look(LONG) == ()


def test_burgerservicenummers_pass_the_test_of_eleven() -> None:
    assert [is_bsn(each) for each in ("123456782", "123456789", "000000000", "11122233", "1234567820", "12a456782")] == [
        True, False, False, False, False, False,
    ]  # fmt: skip # one list beside the other
    assert is_bsn("10000008") == is_bsn("010000008")


def test_nearly_every_message_with_something_personal_in_it_is_marked() -> None:
    texts = [
        re.sub("[<>]", "", line.split("\t")[1])
        for line in PERSONAL.read_text(encoding="utf-8").splitlines()
        if "\t" in line and not line.startswith("#") and "<" in line
    ]
    assert len(texts) > 100
    missed = [text for text in texts if not look(text)]
    assert len(missed) <= len(texts) / 50, missed
