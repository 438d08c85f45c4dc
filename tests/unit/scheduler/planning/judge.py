"""An independent judge of plans: it knows the rules of an instance and nothing of how plans are made."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any


def problems_of(instance: dict[str, Any], plan: dict[str, Any]) -> list[str]:
    """Every rule that the plan breaks, as words."""
    found = []
    slots = {each["id"]: each for each in instance["slots"]}
    places = {each["id"]: each for each in instance["locations"]}
    duos = {each["id"]: each for each in instance["duos"]}
    residents = {each["id"]: each for each in instance["residents"]}
    confirmed = {
        each["resident"]: (each["duo"], each["slot"], each["location"])
        for each in instance.get("confirmed", [])
    }
    standing = set(confirmed.values())
    where: dict[str, tuple[str, str, str]] = {}
    in_room: Counter[tuple[str, str]] = Counter()
    in_week: Counter[tuple[str, Any]] = Counter()
    of_duo: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for session in plan["sessions"]:
        key = (session["duo"], session["slot"], session["location"])
        duo, slot, place = duos[key[0]], slots[key[1]], places[key[2]]
        new = key not in standing
        already = sum(each == key for each in confirmed.values())
        if len(session["residents"]) > max(instance["seats"], already):
            found.append(f"{key}: too many residents")
        if not session["residents"]:
            found.append(f"{key}: nobody comes")
        if new and key[1] not in place["open_slots"]:
            found.append(f"{key}: closed")
        if new and key[1] not in duo["available_slots"]:
            found.append(f"{key}: the duo is away")
        if new and place["neighbourhood"] not in duo["neighbourhoods"]:
            found.append(f"{key}: the duo does not serve it")
        in_room[key[1:]] += 1
        in_week[key[0], datetime.fromisoformat(slot["start"]).isocalendar()[:2]] += 1
        of_duo[key[0]].append((key[1], new))
        for who in session["residents"]:
            if who in where:
                found.append(f"{who} is in two sessions")
            where[who] = key
            each = residents[who]
            if who in confirmed:
                continue
            if key[1] not in each["available_slots"]:
                found.append(f"{who} is away")
            if place["neighbourhood"] not in [*each["accepts"], each["neighbourhood"]]:
                found.append(f"{who} does not accept it")
            if not set(each["languages"]) & set(duo["languages"]):
                found.append(f"{who}: no common language")
            if each["wants_gender"] and each["wants_gender"] not in duo["genders"]:
                found.append(f"{who}: not the gender asked for")
            if each["needs_step_free"] and not place["step_free"]:
                found.append(f"{who}: steps")
    made = {(session["duo"], session["slot"], session["location"]) for session in plan["sessions"]}
    for who, key in confirmed.items():
        if where.get(who) != key:
            found.append(f"{who} was confirmed and moved or dropped")
    for room, many in in_room.items():
        held = len({each for each in standing if each[1:] == room})
        if many > max(places[room[1]]["rooms"], held):
            found.append(f"{room}: too few rooms")
    for (duo, week), many in in_week.items():
        held = len(
            {
                each
                for each in standing
                if each[0] == duo
                and datetime.fromisoformat(slots[each[1]]["start"]).isocalendar()[:2] == week
            }
        )
        if many > max(duos[duo]["max_per_week"], held):
            found.append(f"{duo}: too many in week {week}")
    for duo, theirs in of_duo.items():
        for one in range(len(theirs)):
            for two in range(one + 1, len(theirs)):
                (first, new), (second, newer) = theirs[one], theirs[two]
                if (new or newer) and _collide(slots[first], slots[second]):
                    found.append(f"{duo}: {first} and {second}")
    missing = {each["resident"] for each in plan["not_placed"]}
    if missing & set(where) or missing | set(where) != set(residents):
        found.append("somebody is neither placed nor told why, or both")
    if len(made) != len(plan["sessions"]):
        found.append("a session stands twice in the plan")
    if plan["objective"] != value_of(instance, plan):
        found.append(f"the objective is {value_of(instance, plan)}, not {plan['objective']}")
    if plan["bound"] < plan["objective"]:
        found.append("the bound is below the objective")
    return found


def value_of(instance: dict[str, Any], plan: dict[str, Any]) -> int:
    slots = {each["id"]: each for each in instance["slots"]}
    places = {each["id"]: each for each in instance["locations"]}
    residents = {each["id"]: each for each in instance["residents"]}
    first = min((_monday(each) for each in instance["slots"]), default=None)
    total = 0
    many: Counter[str] = Counter()
    for session in plan["sessions"]:
        total -= 8 * many[session["duo"]]
        many[session["duo"]] += 1
        for who in session["residents"]:
            weeks = (_monday(slots[session["slot"]]) - first).days // 7
            elsewhere = places[session["location"]]["neighbourhood"] != residents[who]["neighbourhood"]
            total += 1000 * residents[who]["priority"] - 2 * weeks - 6 * elsewhere
    return total


def _monday(slot: dict[str, Any]) -> Any:
    day = datetime.fromisoformat(slot["start"]).date()
    return day - timedelta(days=day.weekday())


def _collide(one: dict[str, Any], two: dict[str, Any]) -> bool:
    first, second = sorted((one, two), key=lambda each: datetime.fromisoformat(each["start"]))
    ends, begins = datetime.fromisoformat(first["end"]), datetime.fromisoformat(second["start"])
    same_day = begins.date() == datetime.fromisoformat(first["start"]).date()
    return begins < ends or (begins == ends and same_day)
