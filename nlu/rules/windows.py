"""Reads when somebody can, in everyday words, into windows of time in Amsterdam; books nothing.

Theory of operation. The words become marks (`window_words`). The marks are cut into terms, at commas, "en", "maar",
"want"; each term tells days, hours, or both, and whether somebody can, can not, or is busy then. A term that lacks days or
hours takes them from its neighbour. Then the days are laid on the calendar from now on: what somebody can, less what
they cannot; where they only say when they cannot, all other times of the next two weeks.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from nlu.rules.tables import table
from nlu.rules.window_words import DAY, Kind, Mark, marks_in

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_MOMENT = 60
"""Minutes that a single moment ("om half elf") stands for."""
_NOON = 12 * 60
_SMALL_HOURS = 6 * 60
_MOST_LETTERS = 300
_MOST_WINDOWS = 30
_ALL_DAYS = frozenset(range(7))
_WEEKEND = (5, 6)

Hours = tuple[int, int]
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to `end`, both with the time zone of Amsterdam; `end` is not in it."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class _Day:
    """A weekday (monday 0) or a date; `later` weeks and `beside` days after it."""

    number: int | None = None
    day: date | None = None
    later: int = 0
    beside: int = 0


@dataclass(frozen=True, slots=True)
class _Term:
    """What a few words say. `since` and `until` are days at the edge, both included; `week` counts from this one; `leads`:
    the word for "not" or "busy" stands before the days. `is_every`: not just the first such day. `is_plain`: nothing
    but words of time."""

    days: tuple[_Day, ...] = ()
    ranges: tuple[tuple[_Day | None, _Day | None], ...] = ()
    among: frozenset[int] | None = None
    hours: tuple[Hours, ...] = ()
    week: int | None = None
    parity: int | None = None
    is_every: bool = False
    is_whole_day: bool = False
    says: Kind | None = None
    leads: bool = False
    is_plain: bool = True
    is_others: bool = False
    is_any: bool = False
    is_compound: bool = False
    is_reason: bool = False
    is_home: bool = False
    is_past: bool = False
    joined: Kind = Kind.STOP
    points: frozenset[Kind] = field(default_factory=frozenset)
    moments: tuple[tuple[int, int], ...] = ()
    words: int = 0
    weekend: tuple[date, ...] = ()
    has_hours_first: bool = False

    @property
    def names_days(self) -> bool:
        return bool(self.days or self.ranges or self.among or self.moments)

    @property
    def names_time(self) -> bool:
        return (
            self.names_days
            or bool(self.hours)
            or self.week is not None
            or self.is_any
            or self.is_others
            or self.is_whole_day
        )

    @property
    def is_against(self) -> bool:
        return self.says in (Kind.NOT, Kind.BUSY)


def read_windows(text: str, now: datetime) -> tuple[Window, ...]:
    """The windows that `text` names, from `now` (UTC) on, in order and without overlap; empty when it names none, only such
    as are over, or when it may mean two things ("om de week op dinsdag"). Within two weeks, unless it names a date."""
    if len(text) > _MOST_LETTERS:
        return ()
    here = now.astimezone(AMSTERDAM)
    marks = _since_corrected(marks_in(text, here.date()))
    if (
        any(mark.kind is Kind.ALTERNATE for mark in marks)
        or _has_unread_day(marks)
        or all(mark.kind in _NO_TIME for mark in marks)
    ):
        return ()
    terms = [_read(group, here.date()) for group in _groups(_joined_up(marks, here.date()))]
    terms = _completed(_told(_pointed(terms)))
    if not terms:
        return ()
    found = _laid_together(terms, here)
    return tuple(Window(max(start, here), end) for start, end in found[:_MOST_WINDOWS] if end > here)


def _has_unread_day(marks: Sequence[Mark]) -> bool:
    """Whether a day was named that nobody can read, and no other one, or beside another: "wxnsdag", "dinsdag of wxnsdag"."""
    if not any(mark.kind is Kind.UNREAD for mark in marks):
        return False
    kinds = [mark.kind for mark in marks if mark.kind is not Kind.FILLER]
    if not _NAMED.intersection(kinds):
        return True
    return any(Kind.UNREAD in pair and (Kind.AND in pair or Kind.COMMA in pair) for pair in pairwise(kinds))


def _since_corrected(marks: list[Mark]) -> list[Mark]:
    """ "Maandag, nee wacht, dinsdag": what was said first does not count."""
    last = max((place for place, mark in enumerate(marks) if mark.kind is Kind.INSTEAD), default=-1)
    has_time = any(mark.kind in _TIMELY for mark in marks[last + 1 :])
    return marks[last + 1 :] if has_time else marks[: last if last >= 0 else None]


_TIMELY = frozenset(
    {Kind.WEEKDAY, Kind.DATE, Kind.DAYS, Kind.WEEK, Kind.PART, Kind.CLOCK, Kind.SOON, Kind.WEEKEND}
)
_NO_TIME = frozenset(
    {
        Kind.WORD, Kind.FILLER, Kind.COMMA, Kind.STOP, Kind.AND, Kind.BUT, Kind.BECAUSE, Kind.SO, Kind.IF, Kind.NOT, Kind.CAN,
        Kind.AT, Kind.TO, Kind.FROM, Kind.THROUGH, Kind.AFTER, Kind.BEFORE, Kind.BETWEEN, Kind.EVERY, Kind.BUSY,
    }
)  # fmt: skip # read as one line
"""Marks that name no time of their own."""
_CUTS = frozenset({Kind.AND, Kind.COMMA, Kind.STOP, Kind.BUT, Kind.BECAUSE, Kind.SO, Kind.IF, Kind.EXCEPT})
_DAYS = frozenset({Kind.WEEKDAY, Kind.DATE, Kind.SOON})
_NAMED = _DAYS | {Kind.DAYS, Kind.WEEKEND}


# --- marks that belong together ---


@dataclass(frozen=True, slots=True)
class _Piece:
    """A mark, or some that stand for one thing: hours, or a range of days."""

    kind: Kind
    mark: Mark
    hours: Hours | None = None
    days: tuple[_Day | None, _Day | None] | None = None


def _joined_up(marks: Sequence[Mark], today: date) -> list[_Piece]:
    pieces: list[_Piece] = []
    place = 0
    while place < len(marks):
        piece, width = _hours_at(marks, place) or _range_at(marks, place, today) or (None, 1)
        pieces.append(piece or _Piece(marks[place].kind, marks[place]))
        place += width
    return pieces


def _skip(marks: Sequence[Mark], place: int) -> int:
    """Past words that mean nothing between an edge and its time: "vanaf een uur of drie", "tussen de 2 en 4"."""
    while place < len(marks) and marks[place].kind in (Kind.FILLER, Kind.AT):
        place += 1
    return place


def _clock(marks: Sequence[Mark], place: int) -> tuple[Mark, Hours | None, int] | None:
    """A clock time, the part of the day said right after it, and where it ends."""
    place = _skip(marks, place)
    if place >= len(marks) or marks[place].kind is not Kind.CLOCK:
        return None
    end = place + 1
    part = _skip(marks, end)
    if part < len(marks) and marks[part].kind is Kind.PART and (part == end or part - end < 3):
        return marks[place], marks[part].hours, part + 1
    return marks[place], None, end


_OPENS = frozenset({Kind.AFTER, Kind.FROM, Kind.BETWEEN})
_CLOSES = frozenset({Kind.TO, Kind.BEFORE, Kind.THROUGH})


def _hours_at(marks: Sequence[Mark], place: int) -> tuple[_Piece, int] | None:
    first = marks[place].kind
    start = place + (first in _OPENS or first in _CLOSES)
    low = _clock(marks, start)
    if low is None:
        return None
    if first in _CLOSES:
        last = _edge(low[0], low[1], after=marks[place].number == 1)
        is_morning = low[1] is not None and low[1][0] == _SMALL_HOURS < last
        return _piece((_SMALL_HOURS if is_morning else 0, last)), low[2] - place
    then = marks[low[2]].kind if low[2] < len(marks) else None
    joins = then in _CLOSES or (first is Kind.BETWEEN and then is Kind.AND)
    if (
        first is Kind.AFTER
        and then is Kind.AND
        and low[2] + 1 < len(marks)
        and marks[low[2] + 1].kind in _CLOSES
    ):
        high = _clock(marks, low[2] + 2)
    else:
        high = _clock(marks, low[2] + 1) if joins else None
    if high is not None:
        return _piece(_between(low, high)), high[2] - place
    if first in (Kind.AFTER, Kind.FROM, Kind.BETWEEN):
        return _piece((_edge(low[0], low[1], after=True), DAY)), low[2] - place
    minute = _edge(low[0], low[1], after=False)
    return _piece((minute, min(minute + _MOMENT, DAY)), Kind.AT), low[2] - place


def _piece(hours: Hours, kind: Kind = Kind.CLOCK) -> _Piece:
    return _Piece(kind, Mark(kind), hours=hours)


def _edge(mark: Mark, part: Hours | None, *, after: bool) -> int:
    if part is not None:
        return _in_part(mark.number, part)
    return _by_day(mark, after=after)


def _in_part(minute: int, part: Hours) -> int:
    for shift in (0, _NOON, -_NOON):
        if part[0] <= minute + shift <= part[1] and minute + shift <= DAY:
            return minute + shift
    return minute


def _by_day(mark: Mark, *, after: bool) -> int:
    """Nobody means the small hours: up to half past seven is afternoon or evening, "na achten" too."""
    minute = mark.number
    if mark.is_sure or minute >= _NOON:
        return minute
    return minute + _NOON if minute < 8 * 60 or (after and minute == 8 * 60) else minute


def _between(low: tuple[Mark, Hours | None, int], high: tuple[Mark, Hours | None, int]) -> Hours:
    """ "Van 10 tot 2", "tussen 1 en 3 in de middag": the part of the day at the end tells of both where it can."""
    end = _edge(high[0], high[1], after=False)
    starts = [low[0].number, low[0].number + _NOON]
    if low[1] is not None:
        start = _in_part(low[0].number, low[1])
    elif high[1] is not None:
        inside = [each for each in starts if high[1][0] <= each < end]
        start = (inside or [_by_day(low[0], after=False)])[0]
    else:
        start = _by_day(low[0], after=False)
    if start >= end and not high[0].is_sure and high[1] is None and start < end + _NOON <= DAY:
        end += _NOON
    if start >= end and start - _NOON >= 0 and not low[0].is_sure:
        start -= _NOON
    return (start, end) if start < end else (start, DAY)


def _day(marks: Sequence[Mark], place: int, today: date) -> tuple[_Day, int] | None:
    """A single day and where it ends: "dinsdag", "dinsdag 8 december", "maandag over een week"."""
    while place < len(marks) and marks[place].kind is Kind.FILLER:
        place += 1
    if place >= len(marks) or marks[place].kind not in _DAYS:
        return None
    mark, end = marks[place], place + 1
    if mark.kind is Kind.WEEKDAY:
        following = end + 1 if end < len(marks) and marks[end].kind is Kind.FILLER else end
        if following < len(marks) and marks[following].kind is Kind.DATE:
            mark, end = marks[following], following + 1
    found = _day_of(mark, today)
    if end < len(marks) and marks[end].kind is Kind.SHIFT:
        found, end = replace(found, later=marks[end].number), end + 1
    return found, end


def _day_of(mark: Mark, today: date) -> _Day:
    if mark.kind is Kind.SOON:
        return _Day(day=today + timedelta(days=mark.number))
    return _Day(day=mark.day) if mark.kind is Kind.DATE else _Day(number=mark.number)


def _range_at(marks: Sequence[Mark], place: int, today: date) -> tuple[_Piece, int] | None:
    """Days from one to another, or up to or after one; and a single day that more than one mark tells."""
    first = marks[place].kind
    start = place + (first in _OPENS or first in _CLOSES)
    if (
        first in (Kind.AFTER, Kind.FROM)
        and start < len(marks)
        and marks[_skip(marks, start) if _skip(marks, start) < len(marks) else place].kind is Kind.WEEK
    ):
        week = marks[_skip(marks, start)].number
        monday = today - timedelta(days=today.weekday()) + timedelta(days=7 * week)
        return _days_piece((_Day(day=monday), None)), _skip(marks, start) + 1 - place
    low = _day(marks, start, today)
    if low is None:
        return None
    then = marks[low[1]].kind if low[1] < len(marks) else None
    high = None
    if then in (Kind.TO, Kind.THROUGH) or (first is Kind.BETWEEN and then is Kind.AND):
        after = low[1] + 1
        high = _day(marks, after, today)
    if high is not None:
        return _days_piece((low[0], high[0])), high[1] - place
    if first is Kind.AFTER:
        return _days_piece((replace(low[0], beside=marks[place].number), None)), low[1] - place
    if first in _CLOSES:
        last = low[0] if first is Kind.THROUGH else replace(low[0], beside=marks[place].number - 1)
        return _days_piece((None, last)), low[1] - place
    if marks[start].kind is Kind.FILLER:
        return None
    is_every = marks[start].is_every
    return _Piece(Kind.WEEKDAY, Mark(Kind.WEEKDAY, is_every=is_every), days=(low[0], low[0])), low[1] - place


def _days_piece(days: tuple[_Day | None, _Day | None]) -> _Piece:
    return _Piece(Kind.THROUGH, Mark(Kind.THROUGH), days=days)


# --- terms ---


def _groups(pieces: Sequence[_Piece]) -> Iterator[tuple[Kind, list[_Piece]]]:
    """Cut at commas, "en" and the like; and where a new day comes after a finished "maandag kan ik niet"."""
    joined, group = Kind.STOP, list[_Piece]()
    for piece in pieces:
        if piece.kind in _CUTS:
            yield joined, group
            joined, group = piece.kind, []
            continue
        if piece.kind in (*_DAYS, Kind.THROUGH, Kind.DAYS, Kind.OTHERS) and _is_finished(group):
            yield joined, group
            joined, group = Kind.COMMA, []
        group.append(piece)
    yield joined, group


def _is_finished(group: Sequence[_Piece]) -> bool:
    places = {piece.kind: place for place, piece in enumerate(group)}
    day = max((places.get(kind, -1) for kind in (*_DAYS, Kind.THROUGH, Kind.DAYS)), default=-1)
    return day >= 0 and places.get(Kind.NOT, -1) > day


def _read(group: tuple[Kind, Sequence[_Piece]], today: date) -> _Term:
    joined, pieces = group
    kinds = [piece.kind for piece in pieces]
    says, leads = _says(pieces)
    if joined is Kind.EXCEPT:
        says, leads = Kind.NOT, True
    if joined is Kind.IF and says is Kind.BUSY:
        says = None
    term = _Term(
        joined=joined,
        says=says,
        leads=leads,
        is_plain=not {Kind.WORD, Kind.CAN}.intersection(kinds) and says is not Kind.BUSY,
        is_every=Kind.EVERY in kinds,
        is_whole_day=Kind.WHOLE_DAY in kinds,
        is_others=Kind.OTHERS in kinds,
        is_any=Kind.ANY in kinds,
        is_home=Kind.HOME in kinds,
        is_past=Kind.PAST in kinds,
        is_reason=joined in (Kind.BECAUSE, Kind.IF),
        words=kinds.count(Kind.WORD) + kinds.count(Kind.BUSY),
        points=frozenset(
            {Kind.THEN, Kind.AFTERWARDS, Kind.BEFOREHAND, Kind.THE_NEXT, Kind.SAME}.intersection(kinds)
        ),
    )
    parts: list[Hours] = []
    hours: list[Hours] = []
    for piece in pieces:
        mark = piece.mark
        if piece.hours is not None:
            hours.append(_until_evening(piece, kinds))
            term = replace(term, has_hours_first=term.has_hours_first or not term.names_days)
        elif piece.kind is Kind.PART and mark.hours is not None:
            parts.append(mark.hours)
            term = replace(term, has_hours_first=term.has_hours_first or not term.names_days)
            term = replace(term, is_compound=term.is_compound or mark.is_sure)
        else:
            term = _with_days(term, piece, today)
    return replace(_in_weekend(term), hours=_within(hours, parts))


def _in_weekend(term: _Term) -> _Term:
    """ "Dit weekend zondag": only that day of it."""
    if not term.weekend:
        return term
    wanted = {each.number for each in term.days} or set(_WEEKEND)
    days = tuple(_Day(day=day) for day in term.weekend if day.weekday() in wanted)
    return replace(term, days=days or term.days)


def _with_days(term: _Term, piece: _Piece, today: date) -> _Term:
    mark = piece.mark
    match piece.kind:
        case Kind.THROUGH if piece.days is not None:
            return replace(term, ranges=(*term.ranges, _edges(piece)))
        case Kind.WEEKDAY | Kind.DATE | Kind.SOON:
            day = piece.days[0] if piece.days and piece.days[0] else _day_of(mark, today)
            return replace(term, days=(*term.days, day), is_every=term.is_every or mark.is_every)
        case Kind.DAYS:
            return replace(
                term, among=mark.days if term.among is None else term.among & mark.days, is_every=True
            )
        case Kind.WEEKEND:
            return replace(term, weekend=_weekend(mark.number, today))
        case Kind.WEEK:
            return replace(term, week=mark.number)
        case Kind.SHIFT:
            return replace(term, week=mark.number)
        case Kind.PARITY:
            return replace(term, parity=mark.number, is_every=True)
        case Kind.LATER:
            return replace(term, moments=(*term.moments, (mark.number, mark.number + _MOMENT)))
        case _:
            return term


def _edges(piece: _Piece) -> tuple[_Day | None, _Day | None]:
    assert piece.days is not None
    return piece.days


def _until_evening(piece: _Piece, kinds: Sequence[Kind]) -> Hours:
    """ "Ik ben om vier uur thuis": from then on."""
    assert piece.hours is not None
    if piece.kind is Kind.AT and Kind.HOME in kinds and Kind.CAN not in kinds:
        return piece.hours[0], DAY
    return piece.hours


def _says(pieces: Sequence[_Piece]) -> tuple[Kind | None, bool]:
    """Whether these words say "can", "not" or "busy", and whether that stands before the first time."""
    first_time = next(
        (place for place, each in enumerate(pieces) if each.kind in _TIMELY or each.days or each.hours),
        len(pieces),
    )
    for wanted in (Kind.NOT, Kind.CAN, Kind.BUSY):
        for place, each in enumerate(pieces):
            if each.kind is wanted and not (wanted is Kind.BUSY and _is_after_event(pieces, place)):
                return wanted, place < first_time
    words = [place for place, each in enumerate(pieces) if each.kind is Kind.WORD]
    return None, bool(words) and words[0] < first_time


def _is_after_event(pieces: Sequence[_Piece], place: int) -> bool:
    """ "Na de training" tells no time, and nothing of being busy."""
    before = [each.kind for each in pieces[max(0, place - 3) : place] if each.kind is not Kind.FILLER]
    return bool(before) and before[-1] in (Kind.AFTER, Kind.BEFORE)


def _weekend(which: int, today: date) -> tuple[date, ...]:
    """This one (today's too), the one to come, or that of next week."""
    monday = today - timedelta(days=today.weekday())
    if which == 2 or (which == 1 and today.weekday() >= 5):
        monday += timedelta(days=7)
    return tuple(day for number in _WEEKEND if (day := monday + timedelta(days=number)) >= today)


def _within(hours: Sequence[Hours], parts: Sequence[Hours]) -> tuple[Hours, ...]:
    """Clock times inside the part of the day that is said before them: "dinsdagavond na acht"."""
    if not hours or not parts:
        return tuple(dict.fromkeys(hours or parts))
    found = []
    for low, high in hours:
        for first, last in parts:
            for shift in (0, _NOON, -_NOON):
                start = low + shift if low else first
                end = high + shift if high != DAY else last
                if first <= start < last and start < min(end, last):
                    found.append((start, end if _is_moment(low, high) else min(end, last)))
                    break
    return tuple(dict.fromkeys(found)) or tuple(hours)


def _is_moment(low: int, high: int) -> bool:
    """ "Begin van de middag, half twee": a single moment lasts its hour."""
    return high - low == _MOMENT


# --- what terms leave to each other ---


def _pointed(terms: Sequence[_Term]) -> list[_Term]:
    """ "Dan niet", "daarna graag", "die erna": what is said of the time before it."""
    done: list[_Term] = []
    for term in terms:
        last = next((place for place in range(len(done) - 1, -1, -1) if done[place].names_time), None)
        if last is None:
            done.append(term)
            continue
        former = done[last]
        if Kind.THE_NEXT in term.points and former.days:
            shifted = tuple(replace(day, later=day.later + 1) for day in former.days)
            term = replace(term, days=shifted, says=term.says or Kind.CAN)
        elif Kind.SAME in term.points and not term.hours:
            with_hours = next((each for each in reversed(done) if each.hours and not each.is_against), None)
            term = replace(term, hours=with_hours.hours, is_compound=True) if with_hours else term
        elif Kind.AFTERWARDS in term.points and _is_open(former, term):
            done.pop(last)
            until = ((former.hours[-1][1], term.hours[0][1]),)
            term = replace(
                term if term.names_days else former, hours=until, says=Kind.CAN, joined=former.joined
            )
        elif Kind.AFTERWARDS in term.points and former.hours and not term.hours and not term.is_against:
            after = tuple((high, DAY) for _, high in former.hours if high < DAY)
            if after:
                done.pop(last)
                term = replace(former, hours=after, says=Kind.CAN, joined=former.joined)
        elif Kind.BEFOREHAND in term.points and former.hours and not term.hours and not term.is_against:
            before = tuple((0, low) for low, _ in former.hours if low > 0)
            if before:
                done.pop(last)
                term = replace(former, hours=before, says=Kind.CAN, joined=former.joined)
        elif Kind.THEN in term.points and term.says is Kind.NOT and not term.names_time and term.words < 2:
            done[last] = replace(former, says=Kind.NOT)
        elif Kind.THEN in term.points and term.says is Kind.CAN and former.says is not Kind.NOT:
            done[last] = replace(former, says=Kind.CAN)
        done.append(term)
    return [term for term in done if term.names_time and not term.is_past]


def _is_open(former: _Term, term: _Term) -> bool:
    """ "Tussen negen en half elf komt de thuiszorg, daarna kan het tot twaalf"."""
    if not former.hours or len(term.hours) != 1 or term.is_against:
        return False
    low, high = term.hours[0]
    return low == 0 and former.hours[-1][1] < high


def _told(terms: list[_Term]) -> list[_Term]:
    """Each with whether it says when somebody can, where that stands once for a row: "niet op maandag en dinsdag"."""
    has_can = any(term.says is Kind.CAN for term in terms)
    has_others = any(term.is_others for term in terms)
    has_both = any(term.names_days and term.hours and not term.is_against for term in terms)
    done: list[_Term] = []
    for each in terms:
        term = _settled(each, has_can=has_can, has_others=has_others, has_both=has_both)
        former = done[-1] if done else None
        if former is not None and former.is_against and former.leads and _is_alike(term, former):
            term = replace(term, says=former.says, leads=True)
        done.append(term)
    is_row = False
    for place in range(len(done) - 2, -1, -1):
        term, following = done[place], done[place + 1]
        is_row = following.joined is Kind.AND or (
            is_row and following.joined is Kind.COMMA and not term.hours
        )
        is_row = (
            is_row and term.says is None and term.is_plain and following.is_against and not following.leads
        )
        if is_row:
            done[place] = replace(term, says=following.says)
    return done


def _is_alike(term: _Term, former: _Term) -> bool:
    if term.says is not None or not term.is_plain or term.joined not in (Kind.AND, Kind.COMMA):
        return False
    if term.names_days and not former.names_days:
        return False
    return not (term.joined is Kind.COMMA and term.hours and not former.hours)


def _settled(term: _Term, *, has_can: bool, has_others: bool, has_both: bool) -> _Term:
    """What nobody said "can" or "not" of: mostly "can"; but not a reason, nor a story beside what is said plainly."""
    if term.says is not None:
        return term
    if term.is_reason and not term.is_plain and not term.is_home:
        return replace(term, says=Kind.BUSY)
    if has_both and not term.is_plain and not term.is_home and not term.names_days and term.words:
        return replace(term, says=Kind.BUSY)
    is_story = not term.is_plain and has_can and (term.words > 1 if term.hours else term.names_days)
    if is_story or (has_others and not term.is_others and not term.hours):
        return replace(term, says=Kind.BUSY)
    return term


def _completed(terms: list[_Term]) -> list[_Term]:
    """Each with what it leaves to its neighbours: "maandag en dinsdag na zevenen", "dinsdag, na drieen"."""
    weeks = [each for each in terms if each.week is not None]
    week = next((each.week for each in sorted(weeks, key=lambda each: each.is_against)), None)
    has_days = any(each.names_days and not each.is_against for each in terms)
    terms = [each for each in terms if not (each.is_any and has_days and not each.names_days)]
    for place in range(len(terms) - 2, -1, -1):
        if _takes_hours(terms[place], terms[place + 1]):
            terms[place] = replace(terms[place], hours=terms[place + 1].hours)
    done: list[_Term] = []
    for each in terms:
        if each.is_any and not each.names_days:
            each = replace(each, among=_ALL_DAYS, is_every=True)
        if (
            each.week is None
            and week is not None
            and not any(day.day for day in each.days)
            and not each.ranges
        ):
            each = replace(each, week=week)
        row = _row(done)
        if row and (both := _together(row, each)):
            done[-len(both) :] = both
        else:
            done.append(_after(each, row) if row else each)
    only_week = [
        each
        for each in done
        if not (each.names_days or each.hours or each.is_others) and each.week is not None
    ]
    rest = _on_all_others([each for each in done if each not in only_week])
    if any(not each.is_against for each in rest):
        return rest
    return [*sorted(only_week, key=lambda each: each.is_against)[:1], *rest] or done


def _on_all_others(terms: list[_Term]) -> list[_Term]:
    """ "Niet in het weekend en alleen 's avonds": the evenings of all other days."""
    refused = [each for each in terms if each.says is Kind.NOT]
    told = [each for each in terms if not each.is_against]
    is_so = any((each.among or each.days) and not each.hours for each in refused) and not any(
        day.day for each in refused for day in each.days
    )
    if not is_so or any(each.names_days or each.is_others or each.week is not None for each in told):
        return terms
    return [each if each.is_against else replace(each, is_every=True) for each in terms]


def _row(done: Sequence[_Term]) -> list[_Term]:
    """The last term with those that belong to it: "dinsdag of donderdag", "ma, wo en vr"."""
    row = list(done[-1:])
    for place in range(len(done) - 1, 0, -1):
        joins = done[place].joined is Kind.AND or (
            done[place].joined is Kind.COMMA and done[place - 1].is_plain
        )
        alike = (
            done[place - 1].is_against == done[-1].is_against
            and done[place - 1].names_days == done[-1].names_days
        )
        if not joins or not alike:
            break
        row.insert(0, done[place - 1])
    return row


def _together(row: Sequence[_Term], each: _Term) -> list[_Term] | None:
    """What was said with what is added to it: "dinsdag of woensdag, na drieen", "na tienen maar voor twaalven", "na drieen,
    op dinsdag". None where it is said of something else."""
    former = row[-1]
    if former.is_against or each.is_against:
        return None
    if not each.names_days and each.hours and not each.is_others:
        if former.names_days and each.joined is not Kind.AND:
            added = [_with_hours(term, each.hours) for term in row]
            return [term for term in added if term is not None] if all(added) else None
        if former.names_days and not former.hours:
            return [replace(former, hours=each.hours, is_whole_day=False)]
        is_narrowed = each.joined is Kind.BUT or (
            each.joined is Kind.COMMA and former.is_plain and each.is_plain
        )
        if former.hours and is_narrowed and (hours := _narrowed(former.hours, each.hours)):
            return [replace(former, hours=hours)]
        if former.hours and each.joined is Kind.SO and not former.names_days:
            return [replace(former, hours=each.hours)]
    is_open = not former.names_days and former.hours and each.joined in (Kind.COMMA, Kind.STOP, Kind.BUT)
    if is_open and each.names_days and not each.hours and not each.is_whole_day and not each.is_others:
        return [replace(each, hours=former.hours, has_hours_first=True, joined=former.joined)]
    return None


def _with_hours(term: _Term, hours: tuple[Hours, ...]) -> _Term | None:
    if not term.hours:
        return replace(term, hours=hours, is_whole_day=False)
    common = _narrowed(term.hours, _within(hours, term.hours))
    return replace(term, hours=common) if common else None


def _narrowed(some: Sequence[Hours], others: Sequence[Hours]) -> tuple[Hours, ...]:
    """What some hours leave of others; a moment that begins in them lasts its hour."""
    if all(_is_moment(*each) and any(low <= each[0] < high for low, high in some) for each in others):
        return tuple(others)
    return _common(some, others)


def _common(some: Sequence[Hours], others: Sequence[Hours]) -> tuple[Hours, ...]:
    found = ((max(low, first), min(high, last)) for low, high in some for first, last in others)
    return tuple((low, high) for low, high in found if low < high)


def _after(each: _Term, row: Sequence[_Term]) -> _Term:
    """What a term takes from those before it."""
    former = row[-1]
    takes_days = not each.names_days and not each.is_others and each.hours and former.names_days
    is_rest = bool(former.hours) and each.says is Kind.CAN  # "dinsdag 's middags niet, 's ochtends wel"
    if takes_days and (each.is_against or not former.is_against or is_rest):
        row = row if each.is_against else row[-1:]
        return replace(
            each,
            hours=_within(each.hours, former.hours) if each.says is Kind.NOT else each.hours,
            days=tuple(day for term in row for day in term.days),
            ranges=tuple(both for term in row for both in term.ranges),
            among=former.among,
            is_every=former.is_every or each.is_every,
        )
    if each.joined in (Kind.AND, Kind.COMMA) and each.is_against == former.is_against and each.names_days:
        if former.has_hours_first and not each.hours and each.is_plain and not each.is_whole_day:
            each = replace(each, hours=former.hours, has_hours_first=True)
        if former.is_every and each.joined is Kind.AND and each.days and former.days:
            each = replace(each, is_every=True)
    return each


def _takes_hours(term: _Term, following: _Term) -> bool:
    return (
        term.names_days
        and not term.hours
        and not term.is_whole_day
        and following.names_days
        and following.is_against == term.is_against
        and not following.is_compound
        and term.is_plain
        and following.joined in (Kind.AND, Kind.COMMA)
    )


# --- the calendar ---


def _laid_together(terms: Sequence[_Term], here: datetime) -> list[Span]:
    cannot = _merged(
        span for each in terms if each.is_against for span in _laid_out(replace(each, is_every=True), here)
    )
    named = {
        span[0].date()
        for each in terms
        if not each.is_others
        for span in _laid_out(replace(each, is_every=True), here)
    }
    can: list[Span] = []
    for each in terms:
        if each.is_against:
            continue
        spans = list(_laid_out(each, here))
        if each.is_others:
            spans = [span for span in spans if span[0].date() not in named]
        left = _by_daylight(_merged(spans), cannot)
        can += left or spans
    if all(each.is_against for each in terms):
        can = [(_at(day, 0), _at(day, DAY)) for day in _horizon(terms, here.date())]
        return _by_daylight(can, cannot)
    return _merged(can)


def _by_daylight(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    """What is left, but for a night that taking away made."""
    left = _without(spans, taken)
    return [each for each in left if each in spans or not _is_small_hours(*each)]


def _is_small_hours(start: datetime, end: datetime) -> bool:
    """What is left of a night beside "'s ochtends niet": nobody means that."""
    return start.hour == 0 and start.date() == end.date() and end.hour * 60 + end.minute <= _SMALL_HOURS


def _horizon(terms: Iterable[_Term], today: date) -> list[date]:
    week = next((each.week for each in terms if each.week is not None), None)
    return _span_of_days(week, today)


def _laid_out(term: _Term, here: datetime) -> Iterator[Span]:
    for low, _ in term.moments:
        start = here + timedelta(minutes=low)
        yield start, start + timedelta(minutes=_MOMENT)
    if term.moments:
        return
    for day in _days_of(term, here):
        for low, high in term.hours or ((0, DAY),):
            if low < high:
                yield _at(day, low), _at(day, high)


def _days_of(term: _Term, here: datetime) -> list[date]:
    today = here.date()
    horizon = _span_of_days(term.week, today)
    found: set[date] = set()
    for low, high in term.ranges:
        found.update(_range(low, high, horizon, today))
    if term.ranges and (term.among is not None or term.days):
        wanted = {each.number for each in term.days} | (term.among or set())
        return sorted(day for day in found if day.weekday() in wanted)
    for each in term.days:
        found.update(_each_day(each, term, horizon, today))
    if term.days or term.ranges:
        return sorted(day for day in found if day >= today and _has_parity(day, term))
    if term.among is not None:
        return [day for day in horizon if day.weekday() in term.among and _has_parity(day, term)]
    if term.week is not None or term.is_against or term.is_every or term.is_others:
        return horizon
    begins_today = any(_at(today, low) > here for low, _ in term.hours)
    return [today if begins_today else today + timedelta(days=1)]


def _has_parity(day: date, term: _Term) -> bool:
    return term.parity is None or day.isocalendar().week % 2 == term.parity


def _each_day(each: _Day, term: _Term, horizon: Sequence[date], today: date) -> list[date]:
    later = timedelta(days=7 * each.later)
    if each.day is not None:
        return [each.day + later]
    days = [day for day in horizon if day.weekday() == each.number]
    if term.is_every and not each.later and term.week is None:
        return days
    if term.week is not None and days:
        return [day + later for day in days]
    return [_first(each.number or 0, today + timedelta(days=1)) + later]


def _first(number: int, since: date) -> date:
    return since + timedelta(days=(number - since.weekday()) % 7)


def _range(low: _Day | None, high: _Day | None, horizon: Sequence[date], today: date) -> Iterator[date]:
    begin = horizon[0] if low is None else _place(low, max(horizon[0], today + timedelta(days=1)))
    if high is None:
        end = max(horizon[-1], begin)
    else:
        end = _place(high, begin if low is not None else today + timedelta(days=1))
    for each in range(min((end - begin).days, 60) + 1):
        yield begin + timedelta(days=each)


def _place(day: _Day, since: date) -> date:
    found = day.day if day.day is not None else _first(day.number or 0, since)
    return found + timedelta(days=7 * day.later + day.beside)


def _span_of_days(week: int | None, today: date) -> list[date]:
    if week is None:
        return [today + timedelta(days=each) for each in range(int(table("windows")["horizon_days"]))]
    monday = today - timedelta(days=today.weekday()) + timedelta(days=7 * week)
    return [day for each in range(7) if (day := monday + timedelta(days=each)) >= today]


def _at(day: date, minute: int) -> datetime:
    days, minute = divmod(minute, DAY)
    return datetime.combine(day + timedelta(days=days), time(minute // 60, minute % 60), AMSTERDAM)


def _merged(spans: Iterable[Span]) -> list[Span]:
    """In order; what overlaps becomes one. Whole days beside each other stay apart."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _without(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    left = list(spans)
    for start, end in taken:
        left = [
            piece
            for low, high in left
            for piece in ((low, min(high, start)), (max(low, end), high))
            if piece[0] < piece[1]
        ]
    return left
