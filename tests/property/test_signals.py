"""Whatever is said, pressed or waited for, in whatever order and through whatever restarts: no signal is forgotten while
somebody can be told, nobody is flooded, and one person at a time has it."""

import asyncio
import itertools
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.handover.signals import PATIENCE
from domain.safety import Case, CaseStep, Step
from domain.staff import Role, StaffMember
from storage import Store, Vault, open_store
from storage.vault import new_key
from tests.effort import effort
from tests.unit.bot.reception.desk import NIGHT, Desk

RESIDENTS, STAFF = ("Fatima", "Gijs"), ("Anna", "Bram", "Cora")
WORDS = ("ik wil dood", "mijn man slaat me", "er is brand")
STEPS = st.one_of(
    st.tuples(st.just("danger"), st.sampled_from(RESIDENTS), st.sampled_from(WORDS)),
    st.tuples(st.just("danger"), st.sampled_from(RESIDENTS), st.sampled_from(WORDS)),
    st.tuples(st.sampled_from(["stop", "erase"]), st.sampled_from(RESIDENTS), st.just("")),
    st.tuples(st.sampled_from(["take", "close"]), st.sampled_from(STAFF), st.just("")),
    st.tuples(st.sampled_from(["take", "close"]), st.sampled_from(STAFF), st.just("")),
    st.tuples(st.sampled_from(["leave", "join", "block"]), st.sampled_from(STAFF), st.just("")),
    st.tuples(st.just("wait"), st.just(""), st.sampled_from(["1", "14", "15", "40"])),
    st.tuples(st.just("restart"), st.just(""), st.just("")),
)


@dataclass
class World:
    """`links` numbers the invitations: each works once."""

    url: str
    key: str
    people: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.desk = Desk(self.open(), now=NIGHT)

    def open(self) -> Store:
        return open_store(
            self.url, vault=Vault.open(key=self.key), new_id=lambda: f"person-{next(self.people)}."
        )

    async def danger(self, who: str, words: str) -> None:
        before = len(self.desk.inbox[who])
        known = [each for each in await self.cases() if each.is_open]
        somebody = any(member.can_be_asked for member in await self.staff())
        await self.desk.say(who, words)
        said = "\n".join(message.text for message in self.desk.inbox[who][before:])
        assert "112" in said  # the numbers, whatever else
        assert not ("niemand van ons" in said and somebody)
        assert not ("krijgt een seintje" in said and not somebody)
        now = [each for each in await self.cases() if each.is_open]
        assert len(now) - len(known) in (0, 1)

    async def stop(self, who: str, _: str) -> None:
        await self.desk.say(who, "stop")

    async def erase(self, who: str, _: str) -> None:
        await self.desk.say(who, "wis mijn gegevens")
        if any(button.title == "Ja, wis alles" for button in self.desk.inbox[who][-1].buttons):
            await self.desk.tap(who, "Ja, wis alles")

    async def take(self, who: str, _: str) -> None:
        await self._press(who, "/handle.")

    async def close(self, who: str, _: str) -> None:
        await self._press(who, "/handled.")

    async def _press(self, who: str, start: str) -> None:
        buttons = [button.payload for message in self.desk.inbox[who] for button in message.buttons]
        found = [payload for payload in buttons if payload.startswith(start)]
        if found and any(member.name == who and member.channel for member in await self.staff()):
            await self.desk.say(who, found[-1])

    async def leave(self, who: str, _: str) -> None:
        await self.desk.remove(who)

    async def join(self, who: str, _: str) -> None:
        if not any(member.name == who for member in await self.staff()):
            await self.desk.join(who, Role.COORDINATOR if who == "Cora" else Role.DUTY)

    async def block(self, who: str, _: str) -> None:
        await self.desk.store.block_contact("telegram", who, at=self.desk.now)

    async def wait(self, _: str, minutes: str) -> None:
        await self.desk.pass_time(int(minutes))

    async def restart(self, _: str, __: str) -> None:
        await self.desk.store.close()
        inbox, now, numbers = self.desk.inbox, self.desk.now, self.desk._numbers
        self.desk = Desk(self.open(), now=now, inbox=inbox, _numbers=numbers)

    async def staff(self) -> list[StaffMember]:
        return await self.desk.store.turn(lambda db: list(db.desk.staff()))

    async def cases(self) -> list[Case]:
        return await self.desk.store.turn(lambda db: list(db.desk.cases.all()))

    async def steps(self, case: Case) -> list[CaseStep]:
        return await self.desk.store.turn(lambda db: list(db.desk.cases.steps(case.id)))

    async def check(self) -> None:
        can_be_told = {member.id for member in await self.staff() if member.can_be_asked}
        for case in await self.cases():
            steps = await self.steps(case)
            check_one_after_the_other(steps)
            if case.is_open and not case.taken_by and can_be_told:
                last = max((each.at for each in steps if each.step is Step.TOLD), default=None)
                due = (last or case.at) + PATIENCE
                assert due + timedelta(minutes=1) >= self.desk.now, "nobody looks at it"
        seen = str([self.desk.inbox[name] for name in STAFF])
        assert [words for words in WORDS if words in seen] == []


def check_one_after_the_other(steps: list[CaseStep]) -> None:
    """Nobody is told while somebody has it but of something new; each is told once that it was passed on; and what the
    same person gets of one case is no flood."""
    holder, tells, passed = "", defaultdict(list), list[str]()
    for each in steps:
        match each.step:
            case Step.TOLD:
                assert not holder
                tells[each.member].append(each.at)
            case Step.TAKEN:
                assert not holder
                holder = each.member
            case Step.LET_GO | Step.CLOSED:
                assert holder == each.member
                holder = ""
            case Step.PASSED_ON:
                passed.append(each.member)
            case Step.TOLD_MORE | Step.COUNTED:
                assert holder in ("", each.member)
    assert len(passed) == len(set(passed))
    more = [each for each in steps if each.step is Step.TOLD_MORE]
    assert len(more) <= len(WORDS) - 1
    for times in tells.values():
        assert all(later - earlier >= PATIENCE for earlier, later in itertools.pairwise(times))


async def live(folder: Path, steps: list[tuple[str, str, str]]) -> None:
    world = World(f"sqlite:///{folder / 'x.db'}", new_key())
    try:
        for name in STAFF:
            await world.join(name, "")
        for step, who, what in steps:
            await getattr(world, step)(who, what)
            await world.check()
    finally:
        await world.desk.store.close()


@settings(max_examples=effort(30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=25))
def test_no_signal_is_forgotten(steps: list[tuple[str, str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(live(Path(folder), steps))
