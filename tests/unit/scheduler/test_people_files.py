"""Files with meemakers and locations: what rows mean, and that every problem in them is told at once."""

from collections.abc import Sequence
from datetime import time

import pytest

from domain.session import Gender, Hours, MeemakerKind, Person, Place, Room
from scheduler import people_files, place_files
from scheduler.people_files import PeopleFile, Readers, read_people
from scheduler.place_files import PlaceFile, read_places
from scheduler.sheet_rows import Sheet
from scheduler.weekly_hours import read_hours

LANGUAGES = {"nl": "nl", "nederlands": "nl", "arabisch": "ar", "ar": "ar"}
WIJKEN = {"nazareth": "nazareth", "nazaret": "nazareth", "pottenberg": "pottenberg"}
READERS = Readers(LANGUAGES, WIJKEN, read_hours)
TUESDAY = Hours(1, time(13), time(17))


def sheet(*lines: str) -> Sheet:
    """Lines with bars between the cells, the first of them the head."""
    head, *rows = (tuple(cell.strip() for cell in line.split("|")) for line in lines)
    return Sheet("f.csv", head, tuple(enumerate(rows, start=2)))


def people(*lines: str) -> PeopleFile:
    return read_people(sheet(*lines), READERS)


def places(*lines: str) -> PlaceFile:
    return read_places(sheet(*lines), WIJKEN)


def told(file: PeopleFile | PlaceFile) -> list[tuple[int | None, str, str]]:
    return [(each.row, each.column, each.rule) for each in file.problems]


def test_a_row_is_a_person() -> None:
    file = people(
        "Naam | Soort | Talen | Wijken | Geslacht | Max per week | Beschikbaar | E-mail | Duo",
        "Els Peeters | Bewoner | Nederlands, ar | Nazaret; Wittevrouwenveld | V | 3,0 | di 13-17 | els@x.nl | Jo",
    )

    assert file.problems == ()
    assert [(row.number, row.duo) for row in file.rows] == [(2, "Jo")]
    assert file.rows[0].person == Person(
        "",
        "Els Peeters",
        MeemakerKind.RESIDENT,
        frozenset({"nl", "ar"}),
        frozenset({"nazareth", "wittevrouwenveld"}),
        Gender.WOMAN,
        3,
        (TUESDAY,),
        "els@x.nl",
    )


def test_the_columns_may_be_in_english_in_any_order_and_cells_empty() -> None:
    file = people(
        "neighbourhoods | kind | name | availability | remarks",
        "Nazareth | professional | Jo | | phones only",
    )

    assert file.problems == ()
    person = file.rows[0].person
    assert (person.kind, person.languages, person.max_per_week) == (
        MeemakerKind.PROFESSIONAL,
        frozenset({"nl"}),
        people_files.USUAL_A_WEEK,
    )
    assert file.told == {"neighbourhoods", "kind", "name", "hours"}


def test_every_problem_of_every_row_is_told_at_once() -> None:
    file = people(
        "naam | id | soort | talen | wijken | geslacht | max per week | beschikbaar | e-mail | telefoon",
        "Jan | a b | boer | Blorps | Nazarett | z | veel | di 17-13 | jan@ | 06",
        " | | | | | | | | | 06",
        "#N/A | | bewoner | nl | Nazareth | | 21 | | | ",
        f"{'x' * 81} | | bewoner | nl | Nazareth | | | | | ",
    )

    assert told(file) == [
        (1, "telefoon", "this column is not known"),
        (4, "naam", "the spreadsheet shows a mistake here (#N/A)"),
        (5, "naam", "this has 81 letters; 80 is the most"),
        (2, "id", '"a b" cannot be an id'),
        (2, "wijken", 'there is no neighbourhood "Nazarett"'),
        (2, "soort", '"boer" is no kind of meemaker'),
        (2, "talen", 'the language "Blorps" is not known'),
        (2, "geslacht", '"z" cannot be read'),
        (2, "max per week", '"veel" cannot be a number of talks a week'),
        (2, "beschikbaar", '"di 17-13" cannot be read as hours'),
        (2, "e-mail", "this is no e-mail address"),
        (4, "max per week", '"21" cannot be a number of talks a week'),
    ]
    assert all(each.fix and not each.fix.endswith(".") for each in file.problems)


def test_problems_with_the_head_are_told_with_what_was_meant() -> None:
    file = people("naam | name | sort | | wijken", "Els | Els | bewoner | x | Nazareth")

    assert [str(each) for each in file.problems] == [
        'f.csv, row 1, column name: there are two columns for "naam". Remove one',
        'f.csv, row 1, column sort: this column is not known. Did you mean "soort"? '
        'Otherwise remove it, or call it "opmerking" when it is only a remark',
        "f.csv, row 1: column 4 has cells and no name. Name it in the first row, or empty its cells",
        'f.csv, row 1: there is no column "soort". Add it; the template shows all columns',
    ]


def test_a_file_without_rows_is_a_problem() -> None:
    assert told(people("naam | soort | wijken")) == [
        (None, "", "there are no rows below the names of the columns")
    ]


@pytest.mark.parametrize(
    "columns, rows",
    [(people_files.COLUMNS, people_files.TEMPLATE), (place_files.COLUMNS, place_files.TEMPLATE)],
)
def test_examples_of_a_template_are_only_refused_as_examples(
    columns: Sequence[people_files.Column], rows: Sequence[Sequence[str]]
) -> None:
    head = tuple(column.name for column in columns)
    words = Readers({**LANGUAGES}, WIJKEN, lambda text: (TUESDAY,))
    made = Sheet("t.csv", head, tuple(enumerate(map(tuple, rows), start=2)))
    file = read_people(made, words) if columns is people_files.COLUMNS else read_places(made, WIJKEN)

    assert told(file) == [(number, "naam", "this is an example from the template") for number in (2, 3)]


HEAD = "naam | adres | wijk | openingstijden | ruimtes | drempelvrij"


def test_a_row_is_a_place() -> None:
    file = places(
        HEAD, "Buurthuis | Kerkplein 1 | Nazareth | di 13-17 | grote zaal (12 plaatsen); kamer: 4 | ja"
    )

    assert file.problems == ()
    assert file.rows[0].place == Place(
        "",
        "Buurthuis",
        "Kerkplein 1",
        "nazareth",
        True,
        (Room("grote zaal", 12), Room("kamer", 4)),
        (TUESDAY,),
    )


def test_a_location_without_hours_rooms_or_access_is_a_problem_and_so_is_the_rest() -> None:
    file = places(
        HEAD,
        "Leeg | | | | | ",
        "Scheef | Plein 1 | Nazareth, Pottenberg | dinsdagmiddag | zaal; kamer 0; hal 5; Hal 6 | soms",
    )

    assert told(file) == [
        (2, "adres", "there is no address"),
        (2, "wijk", "there is no neighbourhood"),
        (2, "drempelvrij", "it does not say whether it can be reached without steps"),
        (2, "ruimtes", "there is no room"),
        (2, "openingstijden", "there are no opening hours"),
        (3, "wijk", "there is more than one neighbourhood"),
        (3, "drempelvrij", '"soms" is no yes or no'),
        (3, "ruimtes", '"zaal" is no room with its seats'),
        (3, "ruimtes", '"kamer 0" is no room with its seats'),
        (3, "ruimtes", 'there are two rooms "Hal"'),
        (3, "openingstijden", '"dinsdagmiddag" cannot be read as hours'),
    ]
