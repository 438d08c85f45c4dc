"""How quick offers are: `python -m benchmarks.offers`. 60 duos, 14 places, hours for 400 slots and 2,000 booked sessions.

Every resident asks something else; the sum starts anew for each, as it does in the desk. The booked sessions keep the rules
of offers themselves, but for one: meemakers hold more talks a week, else 60 duos could not have 2,000.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time as clock
from datetime import UTC, datetime, time, timedelta

from domain.session import (
    Claim,
    Duo,
    Gender,
    Hours,
    Meemaker,
    MeemakerKind,
    Place,
    Room,
    Session,
    SessionKind,
    SessionStatus,
    Stretch,
    TalkWish,
)
from scheduler.claims import Talk, claims_for
from scheduler.fits import LENGTH, Town, is_whole
from scheduler.hours import common, free_times, open_times, weeks_between
from scheduler.offers import find_offers

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
HOODS = ("nazareth", "pottenberg", "mariaberg", "wittevrouwenveld", "limmel", "malpertuis")
PARTS = ((9, 12), (12, 15), (15, 18), (19, 22))


def make_town(seed: int, *, duos: int = 60, places: int = 14, booked: int = 2000) -> Town:
    """Eight weeks of six days with eight times for a talk each: about 400 slots."""
    chance = random.Random(seed)
    people, pairs = [], []
    for number in range(duos):
        hoods = frozenset(chance.sample(HOODS, chance.choice((2, 3, 4))))
        hours = _hours(chance, 0.75)
        for kind in MeemakerKind:
            people.append(
                Meemaker(
                    f"{kind}{number}",
                    kind,
                    frozenset({"nl", *(["en"] if chance.random() < 0.3 else [])}),
                    hoods,
                    chance.choice((Gender.WOMAN, Gender.MAN, None)),
                    9,
                    hours,
                )
            )
        pairs.append(Duo(f"d{number}", f"resident{number}", f"professional{number}"))
    halls = [
        Place(
            f"p{number}",
            f"Hall {number}",
            "",
            HOODS[number % len(HOODS)],
            number % 3 > 0,
            tuple(Room(f"r{room}", chance.choice((2, 8))) for room in range(chance.choice((2, 3)))),
            _hours(chance, 0.85),
        )
        for number in range(places)
    ]
    empty = Town(people, pairs, halls)
    return _book(chance, empty, booked)


def _hours(chance: random.Random, share: float) -> tuple[Hours, ...]:
    return tuple(
        Hours(day, time(begin), time(until))
        for day in range(6)
        for begin, until in PARTS
        if chance.random() < share
    )


def _book(chance: random.Random, town: Town, many: int) -> Town:
    """As many sessions as were asked for, where they fit."""
    end = NOW + timedelta(days=56)
    people = {each.id: each for each in town.meemakers}
    assert all(is_whole(duo, people) for duo in town.duos)
    free = {each.id: free_times(each, NOW, end) for each in town.meemakers}
    opened = {each.id: open_times(each, NOW, end) for each in town.places}
    most = {each.id: each.max_per_week for each in town.meemakers}
    sessions: list[Session] = []
    claims: dict[int, list[Claim]] = {}
    while len(sessions) < many:
        duo, place = chance.choice(list(town.duos)), chance.choice(list(town.places))
        both = common(common(free[duo.resident], free[duo.professional]), opened[place.id])
        hole = chance.choice(both)
        start = hole.start + timedelta(minutes=15 * chance.randrange(12))
        when = Stretch(start, start + LENGTH[SessionKind.PRIVATE])
        if not hole.holds(when):
            continue
        week = next(n for n, each in enumerate(weeks_between(NOW, end)) if each.start <= start < each.end)
        room, resident = chance.choice(place.rooms).name, f"booked{len(sessions)}"
        talk = Talk(SessionKind.PRIVATE, duo.members, place.id, room, when, (resident,))
        near = [each for each in sessions if abs(each.when.start - start) < timedelta(hours=4)]
        found = claims_for(talk, taken=claims.get(week, []), sessions=near, most=most)
        if found is None:
            continue
        claims.setdefault(week, []).extend(found)
        sessions.append(
            Session(
                f"s{len(sessions)}",
                talk.kind,
                duo.id,
                *duo.members,
                place.id,
                room,
                when,
                SessionStatus.CONFIRMED,
                booked=(resident,),
            )
        )
    return Town(
        town.meemakers, town.duos, town.places, sessions, [each for week in claims.values() for each in week]
    )


def make_wish(chance: random.Random) -> TalkWish:
    hood = chance.choice(HOODS)
    return TalkWish(
        chance.choice((SessionKind.PRIVATE, SessionKind.PRIVATE, SessionKind.HOME, SessionKind.GROUP)),
        hood,
        frozenset({hood, *chance.sample(HOODS, chance.choice((0, 2, 5)))}),
        chance.choice(("nl", "nl", "nl", "en")),
        chance.choice((None, None, Gender.WOMAN, Gender.MAN)),
        chance.random() < 0.2,
        parts=frozenset(chance.sample(("morning", "afternoon", "evening"), chance.choice((0, 1)))),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance, town = random.Random(given.seed), make_town(given.seed)
    print(f"{len(town.duos)} duos, {len(town.places)} places, {len(town.sessions)} booked sessions")
    took, offered, reasons = [], 0, 0
    for number in range(given.times):
        wish, begin = make_wish(chance), clock.perf_counter()
        found = find_offers(f"asks{number}", wish, town, now=NOW)
        took.append((clock.perf_counter() - begin) * 1000)
        offered += len(found) if isinstance(found, tuple) else 0
        reasons += not isinstance(found, tuple)
    cuts = statistics.quantiles(took, n=100)
    print(f"{given.times} residents: {offered / given.times:.2f} offers each, {reasons} got a reason instead")
    print(f"p50 {cuts[49]:.0f} ms, p95 {cuts[94]:.0f} ms, most {max(took):.0f} ms")


if __name__ == "__main__":
    main()
