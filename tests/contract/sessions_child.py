"""A process that books talks beside others that want the same; it prints every booking that was acknowledged.

Arguments: url, key, how many processes there are, which one this is, and whether it looks at what it was refused."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from domain.errors import DomainError
from domain.session import TICK, Claim, SeatStatus, Session, SessionKind, SessionStatus, Stretch
from storage import Vault, open_store
from storage.claims import Key
from storage.sessions import SessionTable
from storage.statements import Db

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOOKINGS = 1000
A_DAY = 40
"""How many bookings want one day; all of them want the quarter to eleven."""


class Unguarded(SessionTable):
    """Books without a look at what it was refused; only to see that the test would notice."""

    @staticmethod
    def _is_won(wanted: Sequence[Key], won: set[Key]) -> bool:
        return True


def session(number: int) -> Session:
    """One of the bookings: the same duo, room and resident as all others, at times that overlap in many ways."""
    day, place = divmod(number, A_DAY)
    start = datetime(2026, 4, 1, 10, tzinfo=UTC) + timedelta(days=day) + (place % 4) * TICK
    when = Stretch(start, start + (4 + place % 3) * TICK)
    private, asked = SessionKind.PRIVATE, SessionStatus.ASKED
    return Session(f"s{number}", private, "duo", "fatima", "jan", "huis", "kamer", when, asked)


def claims(session: Session) -> list[Claim]:
    whats = (("meemaker", "jan"), ("room", "huis/kamer"), ("resident", "ref"), ("meemaker", "fatima"))
    return [Claim(what, id, session.when.start, session.when.end) for what, id in whats]


def book(table: SessionTable, session: Session) -> bool:
    if not table.claim(session.id, claims(session), until=None, now=NOW):
        return False
    table.put_session(session, at=NOW)
    table.set_seat(session.id, "ref", SeatStatus.BOOKED, at=NOW)
    return True


async def main(url: str, key: str, processes: int, this: int, guarded: bool) -> None:
    store = open_store(url, vault=Vault.open(key=key), new_id=lambda: "nobody", connections=4)
    table = SessionTable if guarded else Unguarded

    async def one(number: int) -> None:
        def job(db: Db) -> bool:
            return book(table(db, store._turns.sessions), session(number))

        won: bool | None = None
        while won is None:  # nothing was written when the others held the file for too long: tap again
            with suppress(DomainError):
                won = await store.transact(job)
        print(number, "won" if won else "refused", flush=True)

    print("ready", flush=True)
    sys.stdin.readline()
    mine = range(this, BOOKINGS, processes)
    for start in range(0, len(mine), 8):
        await asyncio.gather(*(one(number) for number in mine[start : start + 8]))
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5] == "guarded"))
