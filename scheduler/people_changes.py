"""What a file with meemakers changes: who is new, changed, unchanged or not in it, and which duos begin and end; every
problem at once, and nothing is written here."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from domain.errors import Problem
from domain.session import Duo, MeemakerKind, Person
from scheduler.people_files import PeopleFile, PersonRow
from scheduler.sheet_rows import MOST_SUGGESTIONS, fold, near_to

_NOT_OF_A_PERSON = frozenset({"duo", "id"})
_ONE_OF_EACH = "A duo has one resident (bewoner) and one professional: change the kind, or the duo"

Pairs = Mapping[frozenset[str], PersonRow]
"""Two ids, and a row that puts them together."""


@dataclass(frozen=True, slots=True)
class KnownPeople:
    """What is there already. `ended` are duos that were, and may be again."""

    people: Sequence[Person] = ()
    duos: Sequence[Duo] = ()
    ended: Sequence[Duo] = ()


@dataclass(frozen=True, slots=True)
class PeopleChanges:
    """`changed` has everybody as they were and as they will be; `away` are meemakers who are not in the file: they stay as
    they are, but for their duos in a file that is complete. With `problems`, there is nothing else."""

    new: tuple[Person, ...] = ()
    changed: tuple[tuple[Person, Person], ...] = ()
    unchanged: tuple[Person, ...] = ()
    away: tuple[Person, ...] = ()
    begun: tuple[Duo, ...] = ()
    ended: tuple[Duo, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Comparison:
    """One file beside what is known. `after` has everybody by id as they will be; `row_of` the row of whoever is in the
    file."""

    file: PeopleFile
    known: KnownPeople
    problems: list[Problem]
    after: dict[str, Person]
    is_complete: bool
    row_of: dict[str, PersonRow] = field(default_factory=dict)

    @property
    def has_duos(self) -> bool:
        return "duo" in self.file.told

    def complain(self, row: PersonRow, key: str, rule: str, fix: str) -> None:
        column = self.file.columns.get(key, key)
        self.problems.append(Problem(file=self.file.file, row=row.number, column=column, rule=rule, fix=fix))


def people_changes(
    file: PeopleFile, known: KnownPeople, new_id: Callable[[str], str], *, is_complete: bool = False
) -> PeopleChanges:
    """`new_id` makes an id that begins with a word ("meemaker-1f3a"). With `is_complete` the duos of whoever is not in
    the file end."""
    before = {person.id: person for person in known.people}
    state = _Comparison(file, known, list(file.problems), dict(before), is_complete)
    _find_people(state, new_id)
    pairs = _pairs(state) if state.has_duos else {}
    kept = _kept(state, pairs)
    there = {frozenset(duo.members) for duo in kept}
    begun = _begun(state, {pair: row for pair, row in pairs.items() if pair not in there}, new_id)
    if state.problems:
        return PeopleChanges(problems=tuple(sorted(state.problems, key=lambda each: each.row or 0)))
    inside, kept_ids = [state.after[id] for id in state.row_of], {duo.id for duo in kept}
    return PeopleChanges(
        new=tuple(each for each in inside if each.id not in before),
        changed=tuple((before[each.id], each) for each in inside if before.get(each.id, each) != each),
        unchanged=tuple(each for each in inside if before.get(each.id) == each),
        away=tuple(each for each in known.people if each.id not in state.row_of and each.kind is not None),
        begun=tuple(begun),
        ended=tuple(duo for duo in known.duos if duo.id not in kept_ids),
    )


# --- who each row is about ---


def _find_people(state: _Comparison, new_id: Callable[[str], str]) -> None:
    ids = Counter(row.person.id for row in state.file.rows)
    names = Counter(fold(row.person.name) for row in state.file.rows)
    by_name = defaultdict[str, list[Person]](list)
    for person in state.known.people:
        by_name[fold(person.name)].append(person)
    for row in state.file.rows:
        person, same = row.person, by_name[fold(row.person.name)]
        if person.id and ids[person.id] > 1:
            rule = f'the id "{person.id}" is there {ids[person.id]} times'
            state.complain(row, "id", rule, "Give each person one row")
        elif not person.id and person.name and names[fold(person.name)] > 1:
            rule = f'the name "{person.name}" is there {names[fold(person.name)]} times'
            state.complain(row, "name", rule, "Keep one row, or tell them apart by their ids")
        elif not person.id and len(same) > 1:
            fix = f"Write the id of the one you mean: {', '.join(each.id for each in same)}"
            state.complain(row, "name", f"there are {len(same)} people called {person.name}", fix)
        elif person.id and person.id not in state.after and same:
            rule = f"{person.name} is known already, as {same[0].id}"
            state.complain(row, "id", rule, "Write that id, or leave it empty")
        else:
            found = state.after.get(person.id) if person.id else same[0] if same else None
            _place_person(state, row, found, new_id)


def _place_person(
    state: _Comparison, row: PersonRow, found: Person | None, new_id: Callable[[str], str]
) -> None:
    person = row.person
    if found is None:
        after = replace(person, id=person.id or new_id("meemaker"))
    elif found.kind is None:  # only filled in with residents until now
        after = replace(person, id=found.id, has_joined=found.has_joined)
    else:
        told = {key: getattr(person, key) for key in state.file.told - _NOT_OF_A_PERSON}
        after = replace(found, **told)
    if after.id in state.row_of:
        rule = f"{person.name} is in row {state.row_of[after.id].number} already"
        state.complain(row, "name", rule, "Give each person one row")
        return
    state.after[after.id] = after
    state.row_of[after.id] = row


# --- duos ---


def _pairs(state: _Comparison) -> Pairs:
    """Whom the file puts together. One of them may leave the cell empty."""
    found: dict[frozenset[str], PersonRow] = {}
    others = defaultdict[str, set[str]](set)
    said_in: dict[str, PersonRow] = {}
    by_name = defaultdict[str, list[str]](list)
    for id, person in state.after.items():
        if id in state.row_of or person.kind is not None:
            by_name[fold(person.name)].append(id)
    in_file = {fold(row.person.name) for row in state.file.rows}
    for id, row in state.row_of.items():
        other = _named(state, row, by_name, in_file) if row.duo else ""
        if other == id:
            fix = "Write who the other half is, or leave it empty"
            state.complain(row, "duo", "nobody is a duo alone", fix)
        elif other:
            found.setdefault(frozenset((id, other)), row)
            others[id].add(other)
            others[other].add(id)
            said_in |= {id: row, other: row}
    for id, of_them in others.items():
        if len(of_them) > 1:
            names = " and with ".join(sorted(state.after[each].name for each in of_them))
            rule = f"{state.after[id].name} is in a duo with {names}"
            state.complain(said_in[id], "duo", rule, "Somebody is in one duo: keep one")
    return found


def _named(
    state: _Comparison, row: PersonRow, by_name: Mapping[str, Sequence[str]], in_file: set[str]
) -> str:
    """The id of the other half; "" with a problem when it is not clear who that is."""
    same = by_name.get(fold(row.duo), ())
    if row.duo in state.after:
        return row.duo
    if len(same) == 1:
        return same[0]
    if same:
        fix = f"Write the id of the one you mean: {', '.join(sorted(same))}"
        state.complain(row, "duo", f"there are {len(same)} people called {row.duo}", fix)
    elif fold(row.duo) not in in_file:  # a row with a problem of its own is told of there
        names = (each.name for each in state.after.values())
        near = near_to(row.duo, names) if len(state.problems) < MOST_SUGGESTIONS else ""
        fix = f'Did you mean "{near}"?' if near else "Add a row for the other half, or leave it empty"
        state.complain(row, "duo", f'there is no meemaker "{row.duo}"', fix)
    return ""


def _kept(state: _Comparison, pairs: Pairs) -> list[Duo]:
    """The duos that go on. Whoever is in the file is in the duo that it says, or in none; when it has no column for duos,
    all stay."""
    found = []
    paired = {id for pair in pairs for id in pair}
    for duo in state.known.duos:
        if frozenset(duo.members) in pairs:
            if _has_one_of_each(state, duo):
                found.append(duo)
            continue
        inside = [id for id in duo.members if id in state.row_of]
        if not paired.isdisjoint(duo.members) or (state.has_duos and inside):
            continue
        if not state.is_complete or len(inside) == len(duo.members):
            found.append(duo)
            if not _has_one_of_each(state, duo):
                _complain_of_kind(state, duo)
    return found


def _has_one_of_each(state: _Comparison, duo: Duo) -> bool:
    kinds = tuple(state.after[id].kind for id in duo.members)
    # A kind that could not be read is a problem of its own.
    return None in kinds or kinds == (MeemakerKind.RESIDENT, MeemakerKind.PROFESSIONAL)


def _complain_of_kind(state: _Comparison, duo: Duo) -> None:
    names = " and ".join(state.after[id].name for id in duo.members)
    row = next(state.row_of[id] for id in duo.members if id in state.row_of)
    state.complain(row, "kind", f"{names} are a duo, and not one of each kind any more", _ONE_OF_EACH)


def _begun(state: _Comparison, pairs: Pairs, new_id: Callable[[str], str]) -> list[Duo]:
    found = []
    once = {duo.members: duo for duo in state.known.ended}
    for pair, row in pairs.items():
        by_kind = {state.after[id].kind: id for id in sorted(pair)}
        if None in by_kind:
            if any(state.after[id].kind is None and id not in state.row_of for id in pair):
                state.complain(row, "duo", f"{row.duo} holds no talks yet", "Add a row for them")
            continue
        if len(by_kind) < 2:
            names = " and ".join(sorted(state.after[id].name for id in pair))
            rule = f"{names} are both {next(iter(by_kind))}s"
            state.complain(row, "duo", rule, _ONE_OF_EACH)
            continue
        members = by_kind[MeemakerKind.RESIDENT], by_kind[MeemakerKind.PROFESSIONAL]
        found.append(once.get(members) or Duo(new_id("duo"), *members))
    return found
