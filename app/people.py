"""The commands `people` and `places`: a file becomes rows in the database, all of it or nothing."""

import csv
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import TypeVar

from app.campaigns import LINK_LASTS
from app.links import link_with, page_link_with
from app.settings import Settings
from app.sheets import open_sheet
from app.shelf import open_shelf
from app.talk_feeds import address_of_feed, feed_hash, new_token
from app.weekly_hours import read_weekly
from app.wiring import new_id, open_vault, utc_now
from bot.assisting import INVITATION
from domain.audit import AuditAction, AuditEntry
from domain.errors import DomainError, Problem
from domain.questionnaire import Questionnaire
from domain.session import Duo, Gender, Person, Place
from scheduler import people_files, place_files
from scheduler.people_changes import KnownPeople, PeopleChanges, people_changes
from scheduler.people_files import Readers, read_people
from scheduler.place_changes import PlaceChanges, place_changes
from scheduler.place_files import read_places
from scheduler.sheet_rows import Column, fold
from scheduler.weekly_hours import hours_words
from storage.people import FeedKind
from storage.people_import import ImportTable, with_people
from storage.store import Store, open_store

Say = Callable[[str], None]
Named = TypeVar("Named", Person, Place)
MOST_PROBLEMS = 200
MOST_NAMES = 30
_NEIGHBOURHOOD = frozenset({"wijk", "neighbourhood"})
"""The names of the question that asks where somebody lives."""
_GENDERS = {Gender.WOMAN: "woman", Gender.MAN: "man"}


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Store]:
    store = open_store(settings.database, vault=open_vault(settings), new_id=new_id)
    try:
        yield store
    finally:
        await store.close()


async def import_people(settings: Settings, path: Path, dry_run: bool, is_complete: bool, say: Say) -> None:
    """Raises DomainError as `open_sheet` does, and "rows_wrong" with every problem; nothing was written then."""
    sheet = open_sheet(path)

    def run(table: ImportTable) -> tuple[PeopleChanges, dict[str, Person]]:
        table.wait_for_others()
        known = KnownPeople(table.people(), table.duos(), table.ended_duos())
        changes = people_changes(file, known, _new_id, is_complete=is_complete)
        if not (changes.problems or dry_run):
            table.put_people((*changes.new, *(after for _, after in changes.changed)), utc_now())
            table.put_duos(changes.begun, changes.ended)
        return changes, {person.id: person for person in (*known.people, *changes.new)}

    async with _opened(settings) as store:
        neighbourhoods = await _neighbourhoods(settings, store)
        file = read_people(sheet, Readers(known_languages(), neighbourhoods, read_weekly))
        changes, everybody = await with_people(
            store, run, lambda done: _imported(settings, AuditAction.PEOPLE_IMPORT, done[0], dry_run)
        )
    _refuse(path, changes.problems)
    say(_summary("meemaker", changes.new, changes.changed, changes.unchanged, changes.away, dry_run))
    _tell(say, "new", [f"{each.name} ({_person_words(each)})" for each in changes.new])
    _tell(say, "changed", [_difference(*map(_person_facts, both)) for both in changes.changed])
    _tell(say, "not in the file", [each.name for each in changes.away])
    for word, duos in (("new duo", changes.begun), ("duo that ends", changes.ended)):
        _tell(say, word, [_duo_words(duo, everybody) for duo in duos])
    if changes.away and not is_complete:
        say("Who is not in the file stays as they are. With --complete their duos end.")


async def import_places(settings: Settings, path: Path, dry_run: bool, is_complete: bool, say: Say) -> None:
    """Raises as `import_people` does."""
    sheet = open_sheet(path)

    def run(table: ImportTable) -> PlaceChanges:
        table.wait_for_others()
        changes = place_changes(file, table.places(), table.closed_places(), _new_id)
        if not (changes.problems or dry_run):
            closed = changes.away if is_complete else ()
            table.put_places((*changes.new, *(after for _, after in changes.changed)), closed)
        return changes

    async with _opened(settings) as store:
        file = read_places(sheet, await _neighbourhoods(settings, store))
        changes = await with_people(
            store, run, lambda done: _imported(settings, AuditAction.PLACES_IMPORT, done, dry_run)
        )
    _refuse(path, changes.problems)
    say(_summary("location", changes.new, changes.changed, changes.unchanged, changes.away, dry_run))
    _tell(say, "new", [f"{each.name} ({_place_words(each)})" for each in changes.new])
    _tell(say, "changed", [_difference(*map(_place_facts, both)) for both in changes.changed])
    _tell(say, "closed" if is_complete else "not in the file", [each.name for each in changes.away])
    if changes.away and not is_complete:
        say("What is not in the file stays as it is. With --complete it closes.")


def _imported(
    settings: Settings, action: AuditAction, changes: PeopleChanges | PlaceChanges, dry_run: bool
) -> AuditEntry | None:
    """What to account for; nothing where nothing was written."""
    count = len(changes.new) + len(changes.changed)
    if changes.problems or dry_run:
        return None
    return AuditEntry(action, utc_now(), settings.operator, count=count)


async def list_people(settings: Settings, say: Say) -> None:
    def run(table: ImportTable) -> tuple[list[Person], list[Duo]]:
        return table.people(), table.duos()

    async with _opened(settings) as store:
        people, duos = await with_people(
            store,
            run,
            lambda found: AuditEntry(
                AuditAction.LIST, utc_now(), settings.operator, "meemakers", count=len(found[0])
            ),
        )
    by_id = {person.id: person for person in people}
    other: dict[str, str] = {}
    for duo in duos:
        resident, professional = (by_id[id].name for id in duo.members)
        other |= {duo.resident: professional, duo.professional: resident}
    found = [person for person in people if person.kind is not None]
    if not found:
        say("There are no meemakers who hold talks yet. See: wijkverhaal people import.")
    for person in sorted(found, key=lambda each: fold(each.name)):
        where = f"in a duo with {other[person.id]}" if person.id in other else "in no duo"
        joined = "" if person.has_joined else "; has not used a link yet"
        say(f"{person.id}: {person.name}, {where}; {_person_words(person)}{joined}")


async def list_places(settings: Settings, say: Say) -> None:
    async with _opened(settings) as store:
        found = await with_people(store, lambda table: table.places())
    if not found:
        say("There are no locations yet. See: wijkverhaal places import.")
    for place in sorted(found, key=lambda each: fold(each.name)):
        say(f"{place.id}: {place.name}; {_place_words(place)}")


async def invite_person(settings: Settings, who: str, again: bool, say: Say) -> None:
    """A personal link that works once. Raises DomainError: no_such_person, same_name, person_joined."""
    code, until, vault = f"{INVITATION}{new_id()}", utc_now() + LINK_LASTS, open_vault(settings)

    def run(table: ImportTable) -> Person:
        person = _one_of(table.people(), who)
        if person.has_joined and not again:
            raise DomainError("person_joined", name=person.name)
        table.invite(person.id, code, vault, until=until)
        return person

    async with _opened(settings) as store:
        person = await with_people(
            store,
            run,
            lambda found: AuditEntry(
                AuditAction.INVITE, utc_now(), settings.operator, "meemaker", found.id, 1
            ),
        )
    say(f"{person.name} is {person.id} in exports.")
    say(f"The link works once, for a week: {await link_with(settings, code)}")
    page = page_link_with(settings, code)
    if page:
        say(f"Or, just as well, on the chat page: {page}")


async def new_feed(settings: Settings, kind: FeedKind, who: str, say: Say) -> None:
    """A private address of a calendar, in place of an earlier one. Raises DomainError: no_such_person, no_such_place,
    same_name."""
    token, vault = new_token(), open_vault(settings)

    async with _opened(settings) as store:
        if kind == "meemaker":
            person = await with_people(store, lambda table: _one_of(table.people(), who))
            id, name = person.id, person.name
        else:
            place = await with_people(store, lambda table: _one_of(table.places(), who, "no_such_place"))
            id, name = place.id, place.name
        noted = AuditEntry(AuditAction.FEED, utc_now(), settings.operator, str(kind), id, 1)
        await store.with_sessions(
            lambda talks: talks.new_feed(kind, id, feed_hash(vault, token)), note=lambda _: noted
        )
    say(f"The talks of {name}, for a calendar that subscribes to them. An earlier address no longer works.")
    say(address_of_feed(settings, token))
    say("Whoever has this address sees them: give it to nobody else. It is shown only now.")
    if not settings.webhook_url:
        say(
            "This is the address on this machine: put the one at which it is reached from outside before /agenda."
        )


def _one_of(people: Sequence[Named], who: str, missing: str = "no_such_person") -> Named:
    found = [each for each in people if each.id == who] or [
        each for each in people if fold(each.name) == fold(who)
    ]
    if not found:
        raise DomainError(missing, name=who)
    if len(found) > 1:
        raise DomainError("same_name", name=who, ids=", ".join(each.id for each in found))
    return found[0]


def write_template(path: Path, columns: Sequence[Column], rows: Iterable[Sequence[str]], say: Say) -> None:
    """A file as Dutch Excel reads and writes it, with examples to be removed. Raises DomainError: file_exists,
    not_written."""
    try:
        with path.open("x", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(column.name for column in columns)
            writer.writerows(rows)
    except FileExistsError as error:
        raise DomainError("file_exists", path=path) from error
    except OSError as error:
        raise DomainError("not_written", path=path, reason=error.strerror or error) from error
    say(f"{path} has a line for each column and two examples: put your own rows in their place.")


def write_people_template(path: Path, say: Say) -> None:
    write_template(path, people_files.COLUMNS, people_files.TEMPLATE, say)


def write_places_template(path: Path, say: Say) -> None:
    write_template(path, place_files.COLUMNS, place_files.TEMPLATE, say)


# --- what the readers need ---


@cache
def known_languages() -> Mapping[str, str]:
    """Folded names in Dutch and English, and codes, of every language that has a code."""
    from babel import Locale

    found: dict[str, str] = {}
    for locale in (Locale("nl"), Locale("en")):
        for code, name in locale.languages.items():
            if "_" not in code:
                found.setdefault(fold(name), code)
                found.setdefault(code, code)
    return found


async def _neighbourhoods(settings: Settings, store: Store) -> Mapping[str, str]:
    shelf = open_shelf(cache=settings.form_cache)
    await shelf.join(store, utc_now())
    return known_neighbourhoods(shelf.current().questionnaire)


def known_neighbourhoods(questionnaire: Questionnaire) -> Mapping[str, str]:
    """Folded names (and codes, and what people also call them) with the codes of the questionnaire's choices; empty when
    it does not ask where somebody lives."""
    found: dict[str, str] = {}
    for question in questionnaire.questions:
        if question.path.rpartition("/")[2] in _NEIGHBOURHOOD:
            for choice in question.choices:
                also = (word for words in choice.also.values() for word in words)
                for name in (choice.name, *choice.label.values(), *also):
                    found.setdefault(fold(name), choice.name)
    return found


def _new_id(word: str) -> str:
    return f"{word}-{new_id()[:8]}"


# --- what is said ---


def _refuse(path: Path, problems: Sequence[Problem]) -> None:
    if not problems:
        return
    shown = [f"- {each}" for each in problems[:MOST_PROBLEMS]]
    if len(problems) > MOST_PROBLEMS:
        shown.append(f"- and {len(problems) - MOST_PROBLEMS} more")
    raise DomainError("rows_wrong", path=path, count=len(problems), problems="\n".join(shown))


def _summary(
    what: str, new: Sequence[object], changed: Sequence[object], unchanged: Sequence[object],
    away: Sequence[object], dry_run: bool,
) -> str:  # fmt: skip # read as one line
    counts = (
        f"{len(new)} new, {len(changed)} changed, {len(unchanged)} unchanged, {len(away)} not in the file"
    )
    return f"{'Would be' if dry_run else 'Imported'}, {what}s: {counts}."


def _tell(say: Say, word: str, lines: Sequence[str]) -> None:
    for line in lines[:MOST_NAMES]:
        say(f"  {word}: {line}")
    if len(lines) > MOST_NAMES:
        say(f"  {word}: and {len(lines) - MOST_NAMES} more")


def _duo_words(duo: Duo, people: Mapping[str, Person]) -> str:
    return " and ".join(people[id].name for id in duo.members)


def _difference(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """The name, and what becomes different: "Els: hours di 13:00-17:00 -> none"."""
    parts = [f"{key} {old[key] or 'none'} -> {new[key] or 'none'}" for key in new if old[key] != new[key]]
    return f"{old['name']}: {'; '.join(parts)}"


def _person_facts(person: Person) -> Mapping[str, str]:
    return {
        "name": person.name,
        "kind": person.kind or "",
        "languages": ", ".join(sorted(person.languages)),
        "neighbourhoods": ", ".join(sorted(person.neighbourhoods)),
        "gender": _GENDERS[person.gender] if person.gender else "",
        "a week": str(person.max_per_week),
        "hours": hours_words(person.hours),
        "e-mail": person.email,
    }


def _person_words(person: Person) -> str:
    facts = _person_facts(person)
    shown = (facts[key] for key in ("kind", "languages", "neighbourhoods", "gender"))
    hours = facts["hours"] or "no hours"
    return "; ".join(filter(None, (*shown, hours, f"at most {person.max_per_week} a week")))


def _place_facts(place: Place) -> Mapping[str, str]:
    return {
        "name": place.name,
        "address": place.address,
        "neighbourhood": place.neighbourhood,
        "hours": hours_words(place.hours),
        "rooms": ", ".join(f"{room.name} {room.seats}" for room in place.rooms),
        "access": "step-free" if place.step_free else "with steps",
    }


def _place_words(place: Place) -> str:
    return "; ".join(list(_place_facts(place).values())[1:])
