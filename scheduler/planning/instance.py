"""What has to be planned, as records, and how it is read from JSON; nothing is placed here.

Ids are words of the caller. A slot is a stretch of time in which one session fits; `start` and `end` carry their zone, or
no slot does: then they are by the clock in Amsterdam.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, groupby
from typing import TypeVar

from scheduler.hours import AMSTERDAM

T = TypeVar("T")

MOST_PRIORITY = 3
GENDERS = ("f", "m")


@dataclass(frozen=True, slots=True)
class Slot:
    id: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Location:
    id: str
    neighbourhood: str
    rooms: int
    open_slots: frozenset[str]
    step_free: bool


@dataclass(frozen=True, slots=True)
class Duo:
    """One resident and one professional. `genders` are those of the two, where they wish to tell."""

    id: str
    neighbourhoods: frozenset[str]
    languages: frozenset[str]
    genders: frozenset[str]
    available_slots: frozenset[str]
    max_per_week: int


@dataclass(frozen=True, slots=True)
class Resident:
    """`accepts` includes the own neighbourhood; `priority` is 1 to 3, 3 goes first."""

    id: str
    neighbourhood: str
    accepts: frozenset[str]
    languages: frozenset[str]
    wants_gender: str | None
    needs_step_free: bool
    available_slots: frozenset[str]
    priority: int


@dataclass(frozen=True, slots=True)
class Confirmed:
    """An appointment that stands: nobody moves it here."""

    resident: str
    duo: str
    slot: str
    location: str


@dataclass(frozen=True, slots=True)
class Instance:
    seats: int
    slots: tuple[Slot, ...]
    locations: tuple[Location, ...]
    duos: tuple[Duo, ...]
    residents: tuple[Resident, ...]
    confirmed: tuple[Confirmed, ...] = ()


@dataclass(frozen=True, slots=True)
class BadInstance:
    """Why it cannot be planned: every problem, a whole sentence each."""

    problems: tuple[str, ...]


def read_instance(data: object, *, now: datetime | None = None) -> Instance | BadInstance:
    """Checks everything and names all problems at once. With `now`, slots that have begun by then are problems too; without,
    the instance is a question of what could be, at whatever time."""
    reader = _Reader(now)
    instance = reader.instance(data)
    if instance is not None:
        reader.check(instance)
    if reader.problems or instance is None:
        return BadInstance(tuple(reader.problems))
    return instance


def in_zone(moment: datetime) -> datetime:
    """A moment without a zone is by the clock in Amsterdam."""
    return moment if moment.tzinfo else moment.replace(tzinfo=AMSTERDAM)


class _Reader:
    def __init__(self, now: datetime | None) -> None:
        self.problems: list[str] = []
        self._now = now and in_zone(now)

    def instance(self, data: object) -> Instance | None:
        if not isinstance(data, dict):
            self.problems.append("The instance has to be one JSON object.")
            return None
        return Instance(
            seats=self._whole(data, "seats", "The instance", least=1, otherwise=1),
            slots=tuple(self._rows(data, "slots", self._slot)),
            locations=tuple(self._rows(data, "locations", self._location)),
            duos=tuple(self._rows(data, "duos", self._duo)),
            residents=tuple(self._rows(data, "residents", self._resident)),
            confirmed=tuple(self._rows(data, "confirmed", self._confirmed, optional=True)),
        )

    def check(self, instance: Instance) -> None:
        """What one row alone cannot tell: ids that are given twice, and ids that nobody has."""
        ids = {
            "slot": [each.id for each in instance.slots],
            "location": [each.id for each in instance.locations],
            "duo": [each.id for each in instance.duos],
            "resident": [each.id for each in instance.residents],
        }
        for what, names in ids.items():
            for name, many in Counter(names).items():
                if many > 1 and name:
                    self.problems.append(f"There are {_number(many)} {what}s with the id {name!r}.")
        readable = [each for each in instance.slots if _NEVER not in (each.start, each.end)]
        if len({each.start.tzinfo is None for each in readable}) > 1:
            self.problems.append(
                "Some slots carry a zone and some do not: give all of them one, such as +01:00."
            )
        self._past(readable)
        known = {what: set(names) for what, names in ids.items()}
        for place in instance.locations:
            self._known(place.open_slots, known["slot"], f"Location {place.id!r} is open in")
        for duo in instance.duos:
            self._known(duo.available_slots, known["slot"], f"Duo {duo.id!r} is available in")
        for resident in instance.residents:
            self._known(resident.available_slots, known["slot"], f"Resident {resident.id!r} is available in")
        self._confirmed_known(instance, known)
        if not self.problems:
            self._together(instance)

    def _past(self, slots: Sequence[Slot]) -> None:
        for each in slots:
            if self._now is not None and in_zone(each.start) < self._now:
                self.problems.append(
                    f"Slot {each.id!r} begins at {each.start.isoformat()}, and that is past. Leave it out."
                )

    def _confirmed_known(self, instance: Instance, known: Mapping[str, set[str]]) -> None:
        for each in instance.confirmed:
            for what in known:
                name = getattr(each, what)
                if name and name not in known[what]:
                    self.problems.append(
                        f"A confirmed appointment names the {what} {name!r}, which is not in the instance."
                    )
        for who, many in Counter(each.resident for each in instance.confirmed).items():
            if many > 1 and who:
                self.problems.append(f"Resident {who!r} has {_number(many)} confirmed appointments.")

    def _together(self, instance: Instance) -> None:
        """Confirmed appointments that cannot all be true. Those that only break a rule stand: see `clashes`."""
        slots = {each.id: each for each in instance.slots}
        residents = Counter((each.duo, each.slot, each.location) for each in instance.confirmed)
        for (duo, slot, location), many in residents.items():
            if many > instance.seats:
                self.problems.append(
                    f"Duo {duo!r} has {many} confirmed residents in slot {slot!r} at {location!r}, and there are "
                    f"{instance.seats} seats."
                )
        for duo, held in groupby(sorted(residents), key=lambda each: each[0]):
            for (_, slot, location), (_, later, elsewhere) in combinations(held, 2):
                one, two = slots[slot], slots[later]
                if _overlap(one, two):
                    self.problems.append(
                        f"Duo {duo!r} has two confirmed sessions at once: in slot {slot!r} at {location!r} and in slot "
                        f"{later!r} at {elsewhere!r}."
                    )

    def _known(self, named: frozenset[str], slots: set[str], who: str) -> None:
        for name in sorted(named - slots):
            self.problems.append(f"{who} slot {name!r}, which is not in the instance.")

    def _rows(
        self,
        data: Mapping[str, object],
        key: str,
        read: Callable[[Mapping[str, object], str], T],
        *,
        optional: bool = False,
    ) -> list[T]:
        rows = data.get(key, [] if optional else None)
        if not isinstance(rows, list):
            self.problems.append(f"`{key}` has to be a list.")
            return []
        found = []
        for number, row in enumerate(rows, start=1):
            where = f"`{key}`, entry {number}"
            if isinstance(row, dict):
                found.append(read(row, where))
            else:
                self.problems.append(f"{where} has to be an object.")
        return found

    def _slot(self, row: Mapping[str, object], where: str) -> Slot:
        start, end = self._moment(row, "start", where), self._moment(row, "end", where)
        if start is not _NEVER and end is not _NEVER:
            if (start.tzinfo is None) != (end.tzinfo is None):
                self.problems.append(f"{where}: `start` and `end` have to carry a zone both or neither.")
            elif end <= start:
                self.problems.append(f"{where}: `end` has to be after `start`.")
        return Slot(self._id(row, where), start, end)

    def _location(self, row: Mapping[str, object], where: str) -> Location:
        return Location(
            self._id(row, where),
            self._word(row, "neighbourhood", where),
            self._whole(row, "rooms", where, least=0),
            self._words(row, "open_slots", where),
            self._yes(row, "step_free", where),
        )

    def _duo(self, row: Mapping[str, object], where: str) -> Duo:
        return Duo(
            self._id(row, where),
            self._words(row, "neighbourhoods", where),
            self._words(row, "languages", where),
            self._words(row, "genders", where),
            self._words(row, "available_slots", where),
            self._whole(row, "max_per_week", where, least=0),
        )

    def _resident(self, row: Mapping[str, object], where: str) -> Resident:
        wants = row.get("wants_gender")
        if wants is not None and wants not in GENDERS:
            self.problems.append(f'{where}: `wants_gender` has to be "f", "m" or null.')
            wants = None
        neighbourhood = self._word(row, "neighbourhood", where)
        priority = self._whole(row, "priority", where, least=1)
        if priority > MOST_PRIORITY:
            self.problems.append(f"{where}: `priority` has to be 1, 2 or {MOST_PRIORITY}.")
        return Resident(
            self._id(row, where),
            neighbourhood,
            self._words(row, "accepts", where) | {neighbourhood},
            self._words(row, "languages", where),
            wants,
            self._yes(row, "needs_step_free", where),
            self._words(row, "available_slots", where),
            priority,
        )

    def _confirmed(self, row: Mapping[str, object], where: str) -> Confirmed:
        return Confirmed(*(self._word(row, key, where) for key in ("resident", "duo", "slot", "location")))

    def _id(self, row: Mapping[str, object], where: str) -> str:
        return self._word(row, "id", where)

    def _word(self, row: Mapping[str, object], key: str, where: str) -> str:
        value = row.get(key)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        self.problems.append(f"{where}: `{key}` has to be a word.")
        return ""

    def _words(self, row: Mapping[str, object], key: str, where: str) -> frozenset[str]:
        value = row.get(key)
        if isinstance(value, list) and all(
            isinstance(each, str | int) and not isinstance(each, bool) for each in value
        ):
            return frozenset(map(str, value))
        self.problems.append(f"{where}: `{key}` has to be a list of words.")
        return frozenset()

    def _whole(
        self, row: Mapping[str, object], key: str, where: str, *, least: int, otherwise: int | None = None
    ) -> int:
        value = row.get(key, otherwise)
        if isinstance(value, int) and not isinstance(value, bool) and value >= least:
            return value
        self.problems.append(f"{where}: `{key}` has to be a whole number from {least}.")
        return least

    def _yes(self, row: Mapping[str, object], key: str, where: str) -> bool:
        value = row.get(key, False)
        if isinstance(value, bool):
            return value
        self.problems.append(f"{where}: `{key}` has to be true or false.")
        return False

    def _moment(self, row: Mapping[str, object], key: str, where: str) -> datetime:
        value = row.get(key)
        found = read_moment(value) if isinstance(value, str) else None
        if found is None:
            self.problems.append(
                f"{where}: `{key}` has to be a date and time such as 2026-12-01T10:00:00+01:00."
            )
        return found or _NEVER


def read_moment(text: str) -> datetime | None:
    """A date with a time as ISO 8601 writes it; None for anything else, and for a date alone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if ":" in text or "T" in text else None


def _overlap(one: Slot, two: Slot) -> bool:
    return one.start < two.end and two.start < one.end


def _number(many: int) -> str:
    return "two" if many == 2 else str(many)


_NEVER = datetime(1, 1, 1)
