"""The best plan of a small instance by trying every one. Written from the rules in words, with nothing of the planner."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

Key = tuple[str, str, str]
"""(duo, slot, location): a session."""


class Brute:
    def __init__(self, data: dict[str, Any]) -> None:
        self.seats = data["seats"]
        self.slots = {each["id"]: each for each in data["slots"]}
        self.places = {each["id"]: each for each in data["locations"]}
        self.duos = {each["id"]: each for each in data["duos"]}
        self.residents = {each["id"]: each for each in data["residents"]}
        self.first = min(monday(each) for each in data["slots"])
        self.sessions: dict[Key, list[str]] = defaultdict(list)
        self.value = 0
        for each in data["confirmed"]:
            self._add((each["duo"], each["slot"], each["location"]), each["resident"])
        settled = {each["resident"] for each in data["confirmed"]}
        self.waiting = [each for each in data["residents"] if each["id"] not in settled]
        self.ways = {each["id"]: list(self._ways(each)) for each in self.waiting}

    def best(self, done: int = 0) -> int:
        """What the best plan is worth."""
        if done == len(self.waiting):
            return self.value
        who = self.waiting[done]["id"]
        most = self.best(done + 1)
        for key in self.ways[who]:
            if self._may(key):
                before = self.value
                self._add(key, who)
                most = max(most, self.best(done + 1))
                self.sessions[key].remove(who)
                if not self.sessions[key]:
                    del self.sessions[key]
                self.value = before
        return most

    def _ways(self, who: dict[str, Any]) -> Iterator[Key]:
        for duo in self.duos.values():
            for slot in self.slots:
                for place in self.places.values():
                    key = duo["id"], slot, place["id"]
                    # A session that stands already may be joined, whatever became of its duo and place.
                    could_be = key in self.sessions or (
                        slot in duo["available_slots"]
                        and slot in place["open_slots"]
                        and place["neighbourhood"] in duo["neighbourhoods"]
                    )
                    if (
                        could_be
                        and slot in who["available_slots"]
                        and place["neighbourhood"] in [who["neighbourhood"], *who["accepts"]]
                        and any(language in duo["languages"] for language in who["languages"])
                        and (who["wants_gender"] is None or who["wants_gender"] in duo["genders"])
                        and (place["step_free"] or not who["needs_step_free"])
                    ):
                        yield key

    def _may(self, key: Key) -> bool:
        if key in self.sessions:
            return len(self.sessions[key]) < int(self.seats)
        duo, slot, place = key
        theirs = [each for each in self.sessions if each[0] == duo]
        week = monday(self.slots[slot])
        in_week = sum(monday(self.slots[each[1]]) == week for each in theirs)
        in_room = sum(each[1:] == (slot, place) for each in self.sessions)
        if in_week >= self.duos[duo]["max_per_week"] or in_room >= self.places[place]["rooms"]:
            return False
        return not any(self._collide(slot, each[1]) for each in theirs)

    def _collide(self, one: str, two: str) -> bool:
        (begins, ends), (starts, _) = sorted(when(self.slots[each]) for each in (one, two))
        return starts < ends or (starts == ends and starts.date() == begins.date())

    def _add(self, key: Key, who: str) -> None:
        duo, slot, place = key
        if key not in self.sessions:
            self.value -= 8 * sum(each[0] == duo for each in self.sessions)
        self.sessions[key].append(who)
        resident = self.residents[who]
        self.value += 1000 * resident["priority"]
        self.value -= 2 * ((monday(self.slots[slot]) - self.first).days // 7)
        self.value -= 6 * (self.places[place]["neighbourhood"] != resident["neighbourhood"])


def when(slot: dict[str, Any]) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(slot["start"]), datetime.fromisoformat(slot["end"])


def monday(slot: dict[str, Any]) -> date:
    day = when(slot)[0].date()
    return day - timedelta(days=day.isoweekday() - 1)
