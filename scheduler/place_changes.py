"""What a file with locations changes: which are new, changed, unchanged or not in it; every problem at once, and nothing
is written here."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from domain.errors import Problem
from domain.session import Place
from scheduler.place_files import PlaceFile, PlaceRow
from scheduler.sheet_rows import fold


@dataclass(frozen=True, slots=True)
class PlaceChanges:
    """`changed` has every place as it was and as it will be; `away` are those that are not in the file. With `problems`, there is nothing else."""

    new: tuple[Place, ...] = ()
    changed: tuple[tuple[Place, Place], ...] = ()
    unchanged: tuple[Place, ...] = ()
    away: tuple[Place, ...] = ()
    problems: tuple[Problem, ...] = ()


def place_changes(
    file: PlaceFile, known: Sequence[Place], closed: Sequence[Place], new_id: Callable[[str], str]
) -> PlaceChanges:
    """`closed` are places that were and may be new again, under their id. `new_id` makes an id that begins with a word
    ("place-1f3a")."""
    problems = list(file.problems)
    before = {place.id: place for place in known}
    after: dict[str, Place] = {}
    once = {fold(place.name): place.id for place in closed}
    for row, found in _matched(file, known, problems):
        place = row.place
        if found is None:
            place = replace(place, id=place.id or once.get(fold(place.name)) or new_id("place"))
        else:
            told = {key: getattr(place, key) for key in file.told - {"id"}}
            place = replace(found, **told)
        if place.id in after:
            problems.append(_problem(file, row, "name", f"{place.name} is there twice", _ONE_ROW))
        after[place.id] = place
    if problems:
        return PlaceChanges(problems=tuple(sorted(problems, key=lambda each: each.row or 0)))
    return PlaceChanges(
        new=tuple(each for each in after.values() if each.id not in before),
        changed=tuple(
            (before[each.id], each) for each in after.values() if before.get(each.id, each) != each
        ),
        unchanged=tuple(each for each in after.values() if before.get(each.id) == each),
        away=tuple(each for each in known if each.id not in after),
    )


_ONE_ROW = "Give each location one row"


def _matched(
    file: PlaceFile, known: Sequence[Place], problems: list[Problem]
) -> list[tuple[PlaceRow, Place | None]]:
    """Each row with the place that it is about, None for a new one; rows that are not clear become problems."""
    ids = Counter(row.place.id for row in file.rows)
    names = Counter(fold(row.place.name) for row in file.rows)
    by_id = {place.id: place for place in known}
    by_name = defaultdict[str, list[Place]](list)
    for place in known:
        by_name[fold(place.name)].append(place)
    found: list[tuple[PlaceRow, Place | None]] = []
    for row in file.rows:
        id, name, same = row.place.id, row.place.name, by_name[fold(row.place.name)]
        if id and ids[id] > 1:
            rule = f'the id "{id}" is there {ids[id]} times'
            problems.append(_problem(file, row, "id", rule, _ONE_ROW))
        elif not id and name and names[fold(name)] > 1:
            rule = f'the name "{name}" is there {names[fold(name)]} times'
            problems.append(_problem(file, row, "name", rule, f"{_ONE_ROW}, or an id"))
        elif not id and len(same) > 1:
            fix = f"Write the id of the one you mean: {', '.join(each.id for each in same)}"
            rule = f"there are {len(same)} locations called {name}"
            problems.append(_problem(file, row, "name", rule, fix))
        elif id and id not in by_id and same:
            rule = f"{name} is known already, as {same[0].id}"
            problems.append(_problem(file, row, "id", rule, "Write that id, or leave it empty"))
        else:
            found.append((row, by_id.get(id) if id else same[0] if same else None))
    return found


def _problem(file: PlaceFile, row: PlaceRow, key: str, rule: str, fix: str) -> Problem:
    return Problem(file=file.file, row=row.number, column=file.columns.get(key, key), rule=rule, fix=fix)
