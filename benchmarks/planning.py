"""How good and how quick plans are: `python -m benchmarks.planning`. Made-up residents, duos, slots and places, five seeds.

Beside every plan of the solvers stands what first come, first served would give, made in the same run.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.planning.instance import BadInstance, Instance, read_instance
from scheduler.planning.plan import Plan
from scheduler.planning.solve import make_plan

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
FIRST_DAY = datetime(2026, 11, 30, tzinfo=AMSTERDAM)
STARTS = ((9, 0), (10, 30), (12, 0), (13, 30), (15, 0), (16, 30), (19, 0), (20, 30))
LONG = timedelta(minutes=90)
HOODS = ("nazareth", "pottenberg", "mariaberg", "wittevrouwenveld", "limmel", "malpertuis")
FALLS_OUT = 0.08


def generate(
    seed: int, *, residents: int = 1000, duos: int = 60, slots: int = 400, locations: int = 14, seats: int = 1
) -> dict[str, Any]:
    """An instance as JSON: about 100 times as many pairs of resident and session as residents."""
    chance = random.Random(seed)
    times = _slots(slots)
    part_of = {each["id"]: _part(each) for each in times}
    return {
        "seats": seats,
        "slots": times,
        "locations": [_location(chance, number, part_of) for number in range(locations)],
        "duos": [_duo(chance, number, part_of) for number in range(duos)],
        "residents": [_resident(chance, number, part_of) for number in range(residents)],
        "confirmed": [],
    }


def _slots(many: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    day = FIRST_DAY
    while len(found) < many:
        if day.weekday() < 6:
            for hour, minute in STARTS[: many - len(found)]:
                start = day.replace(hour=hour, minute=minute)
                found.append(
                    {"id": f"s{len(found)}", "start": start.isoformat(), "end": (start + LONG).isoformat()}
                )
        day += timedelta(days=1)
    return found


def _part(slot: dict[str, Any]) -> tuple[int, str]:
    start = datetime.fromisoformat(slot["start"])
    return start.weekday(), "morning" if start.hour < 12 else "afternoon" if start.hour < 18 else "evening"


def _free(chance: random.Random, part_of: dict[str, tuple[int, str]], share: float) -> list[str]:
    """Slots in some parts of the week, the same every week."""
    parts = sorted(set(part_of.values()))
    mine = {each for each in parts if chance.random() < share}
    return [slot for slot, part in part_of.items() if part in mine]


def _location(chance: random.Random, number: int, part_of: dict[str, tuple[int, str]]) -> dict[str, Any]:
    late = number % 3 == 0
    return {
        "id": f"l{number}",
        "neighbourhood": HOODS[number % len(HOODS)],
        "rooms": chance.choice((1, 1, 2)),
        "open_slots": [
            slot
            for slot, (day, part) in part_of.items()
            if (part != "evening" or late) and day < 5 + number % 2
        ],
        "step_free": number % 3 != 1,
    }


def _duo(chance: random.Random, number: int, part_of: dict[str, tuple[int, str]]) -> dict[str, Any]:
    return {
        "id": f"d{number}",
        "neighbourhoods": chance.sample(HOODS, chance.choice((1, 2, 2, 3))),
        "languages": ["nl", *chance.sample(("en", "ar", "tr", "pl"), chance.choice((0, 1, 1, 2)))],
        "genders": chance.choice((["f"], ["m"], ["f", "m"], ["f", "m"])),
        "available_slots": _free(chance, part_of, 0.17),
        "max_per_week": chance.choice((1, 1, 1, 2, 2)),
    }


def _resident(chance: random.Random, number: int, part_of: dict[str, tuple[int, str]]) -> dict[str, Any]:
    own = chance.choice(HOODS)
    return {
        "id": f"r{number}",
        "neighbourhood": own,
        "accepts": [own, *(each for each in HOODS if each != own and chance.random() < 0.3)],
        "languages": ["nl"] if chance.random() < 0.8 else [chance.choice(("en", "ar", "tr", "pl"))],
        "wants_gender": chance.choice((None,) * 7 + ("f", "f", "m")),
        "needs_step_free": chance.random() < 0.12,
        "available_slots": [slot for slot in _free(chance, part_of, 0.12) if chance.random() < 0.45],
        "priority": chance.choice((1, 1, 1, 2, 2, 3)),
    }


def fall_out(data: dict[str, Any], plan: Plan, seed: int) -> tuple[dict[str, Any], list[str]]:
    """The same instance a moment later: what was planned is confirmed, but for a share of sessions whose duo fell ill.
    Gives the residents of those too."""
    chance = random.Random(seed)
    fallen = set(chance.sample(range(len(plan.sessions)), round(FALLS_OUT * len(plan.sessions))))
    kept = [each for number, each in enumerate(plan.sessions) if number not in fallen]
    gone = [plan.sessions[number] for number in sorted(fallen)]
    ill = {(each.duo, each.slot) for each in gone}
    confirmed = [
        {"resident": who, "duo": each.duo, "slot": each.slot, "location": each.location}
        for each in kept
        for who in each.residents
    ]
    duos = [
        {**duo, "available_slots": [slot for slot in duo["available_slots"] if (duo["id"], slot) not in ill]}
        for duo in data["duos"]
    ]
    return {**data, "duos": duos, "confirmed": confirmed}, [who for each in gone for who in each.residents]


def instance_of(data: dict[str, Any]) -> Instance:
    instance = read_instance(data)
    if isinstance(instance, BadInstance):
        raise ValueError(instance.problems)
    return instance


def described(instance: Instance, plan: Plan) -> str:
    places = {each.id: each.neighbourhood for each in instance.locations}
    own = {each.id: each.neighbourhood for each in instance.residents}
    near = Counter(places[each.location] == own[who] for each in plan.sessions for who in each.residents)
    placed = near.total()
    share = near[True] / placed if placed else 0
    return (
        f"{placed:>4} placed, {share:.0%} in their own neighbourhood, objective {plan.objective}, "
        f"gap {plan.gap:.3%}, {plan.seconds:.1f} s, {plan.method}"
    )


def measure(seed: int, residents: int, time_limit: float) -> None:
    data = (
        generate(seed, residents=residents)
        if residents >= 1000
        else generate(seed, residents=residents, slots=120)
    )
    instance = instance_of(data)
    spent = time.process_time()
    best = make_plan(instance, clock=time.monotonic, time_limit=time_limit)
    spent = time.process_time() - spent
    greedy = make_plan(instance, clock=time.monotonic, solvers=False)
    # First come, first served knows no bound of its own that is worth a look.
    print(f"seed {seed}, {residents} residents")
    # On a busy machine the seconds say little; those that the processors gave say more.
    print(f"   solvers  {described(instance, best)}; {spent:.1f} s of processors")
    print(
        f"   greedy   {described(instance, greedy)}; {(best.objective - greedy.objective) / best.bound:.2%} below"
    )
    again, lost = fall_out(data, best, seed)
    planned = make_plan(instance_of(again), clock=time.monotonic, time_limit=time_limit)
    before = {(each["resident"], each["duo"], each["slot"], each["location"]) for each in again["confirmed"]}
    after = {(who, each.duo, each.slot, each.location) for each in planned.sessions for who in each.residents}
    found = {who for who, *_ in after}
    print(
        f"   {len(lost)} sessions fell out: {len(before - after)} confirmed people moved or dropped, "
        f"{sum(who in found for who in lost)} of the {len(lost)} got another offer, {planned.seconds:.1f} s"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planning", description="Measure the planner.")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--residents", type=int, default=1000)
    parser.add_argument("--time-limit", type=float, default=30)
    parser.add_argument("--write", type=Path, help="write the instance of seed 1 here, and do nothing else")
    chosen = parser.parse_args()
    if chosen.write:
        chosen.write.write_text(json.dumps(generate(1, residents=chosen.residents)), encoding="utf-8")
        return 0
    for seed in range(1, chosen.seeds + 1):
        measure(seed, chosen.residents, chosen.time_limit)
    return 0


if __name__ == "__main__":
    sys.exit(main())
