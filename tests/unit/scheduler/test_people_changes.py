"""What a file changes beside what is known: who is new, changed, unchanged or away, and duos of always one of each."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count

from domain.session import Duo, MeemakerKind, Person, Place, Room
from scheduler.people_changes import KnownPeople, PeopleChanges, people_changes
from scheduler.place_changes import PlaceChanges, place_changes
from tests.unit.scheduler.test_people_files import TUESDAY, people, places

HEAD = "naam | id | soort | wijken | duo"
RESIDENT, PROFESSIONAL = MeemakerKind.RESIDENT, MeemakerKind.PROFESSIONAL
NL, NAZARETH = frozenset({"nl"}), frozenset({"nazareth"})
ELS = Person("p-els", "Els", RESIDENT, NL, NAZARETH, None, 2)
JO = Person("p-jo", "Jo", PROFESSIONAL, NL, NAZARETH, None, 2)
KIM = Person("p-kim", "Kim", RESIDENT, NL, NAZARETH, None, 2)
ELS_AND_JO = Duo("d-1", "p-els", "p-jo")
KNOWN = KnownPeople([ELS, JO, KIM], [ELS_AND_JO])


def numbered() -> Callable[[str], str]:
    numbers = count(1)
    return lambda word: f"{word}-{next(numbers)}"


def changes(
    *rows: str, known: KnownPeople = KNOWN, head: str = HEAD, complete: bool = False
) -> PeopleChanges:
    return people_changes(people(head, *rows), known, numbered(), is_complete=complete)


def told(found: PeopleChanges | PlaceChanges) -> list[str]:
    return [f"{each.row} {each.column}: {each.rule}" for each in found.problems]


def test_new_people_form_a_duo_also_when_only_one_of_them_says_so() -> None:
    found = changes(
        "Els | | bewoner | Nazareth | jo", "Jo | | professional | Nazareth | ", known=KnownPeople()
    )

    assert [(each.id, each.name) for each in found.new] == [("meemaker-1", "Els"), ("meemaker-2", "Jo")]
    assert found.begun == (Duo("duo-3", "meemaker-1", "meemaker-2"),)
    assert (found.changed, found.unchanged, found.away, found.problems) == ((), (), (), ())


def test_the_same_file_again_changes_nothing() -> None:
    rows = (
        "Els | | bewoner | Nazareth | Jo",
        "Jo | | professional | Nazareth | p-els",
        "Kim | | b | Nazareth | ",
    )

    assert changes(*rows) == PeopleChanges(unchanged=(ELS, JO, KIM))


def test_a_row_finds_its_person_by_id_or_name_and_others_are_away() -> None:
    found = changes(
        "Els Peeters | p-els | bewoner | Pottenberg | Jo",
        "JO | | professional | Nazareth | ",
        "Wim | w1 | bewoner | Nazareth | ",
    )

    after = replace(ELS, name="Els Peeters", neighbourhoods=frozenset({"pottenberg"}))
    assert found.changed == ((ELS, after), (JO, replace(JO, name="JO")))
    assert [each.id for each in found.new] == ["w1"]
    assert (found.away, found.begun, found.ended) == ((KIM,), (), ())


def test_what_has_no_column_stays_as_it_is() -> None:
    els = replace(ELS, hours=(TUESDAY,), email="els@x.nl", max_per_week=5)
    known = KnownPeople([els, JO], [ELS_AND_JO])

    found = changes("Els | bewoner | Nazareth", known=known, head="naam | soort | wijken")

    assert (found.unchanged, found.ended) == ((els,), ())
    emptied = changes("Els | bewoner | Nazareth | ", known=known, head="naam | soort | wijken | e-mail")
    assert emptied.changed == ((els, replace(els, email="")),)


def test_who_only_filled_in_with_residents_becomes_a_meemaker_under_the_same_id() -> None:
    known = KnownPeople([Person("p-els", "Els", has_joined=True)])

    found = changes("Els | | bewoner | Nazareth | ", known=known)

    assert found.changed == ((known.people[0], replace(ELS, has_joined=True)),)


def test_a_duo_ends_when_the_file_pairs_anew_and_comes_back_under_its_old_id() -> None:
    found = changes("Kim | | bewoner | Nazareth | Jo")
    assert (found.begun, found.ended) == ((Duo("duo-1", "p-kim", "p-jo"),), (ELS_AND_JO,))

    alone = changes("Els | | bewoner | Nazareth | ")
    assert (alone.begun, alone.ended) == ((), (ELS_AND_JO,))

    back = changes("Els | | bewoner | Nazareth | Jo", known=KnownPeople([ELS, JO], [], [ELS_AND_JO]))
    assert back.begun == (ELS_AND_JO,)


def test_two_who_change_kinds_with_each_other_are_a_new_duo() -> None:
    found = changes("Els | | professional | Nazareth | Jo", "Jo | | bewoner | Nazareth | Els")

    assert (found.begun, found.ended) == ((Duo("duo-1", "p-jo", "p-els"),), (ELS_AND_JO,))


def test_only_a_complete_file_ends_duos_of_others() -> None:
    row = "Kim | | bewoner | Nazareth | "

    assert changes(row).ended == ()
    assert changes(row, complete=True).ended == (ELS_AND_JO,)


def test_a_duo_is_always_one_of_each_and_everything_else_about_it_is_told() -> None:
    found = changes(
        "Ann | | professional | Nazareth | Bob",
        "Bob | | professional | Nazareth | ",
        "Cas | | bewoner | Nazareth | Nobody",
        "Dee | | bewoner | Nazareth | Dee",
        "Fay | | bewoner | Nazareth | Gus",
        "Gus | | professional | Nazareth | Hal",
        "Hal | | bewoner | Nazareth | ",
        known=KnownPeople(),
    )

    assert told(found) == [
        "2 duo: Ann and Bob are both professionals",
        '4 duo: there is no meemaker "Nobody"',
        "5 duo: nobody is a duo alone",
        "7 duo: Gus is in a duo with Fay and with Hal",
    ]
    assert (found.new, found.begun) == ((), ())


def test_a_change_of_kind_may_not_spoil_a_duo_with_somebody_outside_the_file() -> None:
    found = changes("Els | professional | Nazareth", head="naam | soort | wijken")

    assert told(found) == ["2 soort: Els and Jo are a duo, and not one of each kind any more"]


def test_who_holds_no_talks_cannot_be_half_of_a_duo() -> None:
    known = KnownPeople([ELS, Person("p-typist", "Typist")])

    assert told(changes("Els | | bewoner | Nazareth | p-typist", known=known)) == [
        "2 duo: p-typist holds no talks yet"
    ]


def test_rows_that_may_mean_two_people_are_told() -> None:
    known = KnownPeople([ELS, replace(ELS, id="p-els-2"), JO])
    found = changes(
        "Els | | bewoner | Nazareth | ",
        "Jo | jo2 | professional | Nazareth | ",
        "Wim | w | bewoner | Nazareth | ",
        "Wim | w | bewoner | Nazareth | ",
        "Pia | | bewoner | Nazareth | ",
        "pia | | bewoner | Nazareth | Els",
        known=known,
    )

    assert told(found) == [
        "2 naam: there are 2 people called Els",
        "3 id: Jo is known already, as p-jo",
        '4 id: the id "w" is there 2 times',
        '5 id: the id "w" is there 2 times',
        '6 naam: the name "Pia" is there 2 times',
        '7 naam: the name "pia" is there 2 times',
    ]
    assert found.problems[0].fix == "Write the id of the one you mean: p-els, p-els-2"
    twice = changes("Jo | | professional | Nazareth | ", "Joke | p-jo | professional | Nazareth | ")
    assert told(twice) == ["3 naam: Joke is in row 2 already"]


PLACES = "naam | id | adres | wijk | openingstijden | ruimtes | drempelvrij"
HALL = Place("b1", "Buurthuis", "Plein 1", "nazareth", True, (Room("zaal", 12),), (TUESDAY,))
LIBRARY = replace(HALL, id="b2", name="Bibliotheek")


def located(*rows: str, closed: tuple[Place, ...] = ()) -> PlaceChanges:
    return place_changes(places(PLACES, *rows), [HALL, LIBRARY], closed, numbered())


def test_locations_are_new_changed_unchanged_or_away() -> None:
    hall = "Buurthuis | | Plein 1 | Nazareth | di 13-17 | zaal 12 | ja"

    assert located(hall) == PlaceChanges(unchanged=(HALL,), away=(LIBRARY,))
    found = located(hall.replace("12", "14"), "Kerk | | Plein 2 | Nazareth | di 13-17 | zaal 9 | nee")
    assert found.changed == ((HALL, replace(HALL, rooms=(Room("zaal", 14),))),)
    assert [each.id for each in found.new] == ["place-1"]
    again = located(hall.replace("Buurthuis", "Kerk"), closed=(replace(HALL, id="b9", name="Kerk"),))
    assert [each.id for each in again.new] == ["b9"]


def test_locations_that_are_there_twice_are_told() -> None:
    row = "| Plein 1 | Nazareth | di 13-17 | zaal 12 | ja"
    found = located(
        f"Kerk | {row}", f"kerk | {row}", f"A | x {row}", f"B | x {row}", f"Buurthuis | b7 {row}", f"C | b2 {row}",
        f"Bibliotheek | {row}",
    )  # fmt: skip # read as one list of rows

    assert told(found) == [
        '2 naam: the name "Kerk" is there 2 times',
        '3 naam: the name "kerk" is there 2 times',
        '4 id: the id "x" is there 2 times',
        '5 id: the id "x" is there 2 times',
        "6 id: Buurthuis is known already, as b1",
        "8 naam: Bibliotheek is there twice",
    ]
