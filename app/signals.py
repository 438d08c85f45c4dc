"""The command `wijkverhaal signals`: which signals of danger there were, and who did what about each; never the words."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from app.settings import Settings
from app.story import ZONE, told_moment
from app.wiring import new_id, open_vault, utc_now
from bot.ports import TurnDb
from domain.audit import AuditAction, AuditEntry
from domain.safety import Case, CaseStep, Step
from storage.store import open_store

log = structlog.get_logger(__name__)

LEFT = "somebody who left the staff"
NOBODY = "nobody yet"
SHOWN_AT_ONCE = 4
"""How many tellings of one signal stand in the table; all of them stand in the JSON."""

_NONE = {
    None: "There are no signals: no danger was heard.",
    True: "There are no open signals: nothing waits for anybody.",
    False: "There are no closed signals.",
}
_HEADS = ("time", "reference", "kind", "state", "told", "taken by", "closed by")
_TELLS = (Step.TOLD, Step.TOLD_MORE, Step.COUNTED)


@dataclass(frozen=True, slots=True)
class ListedCase:
    """A case with what was done about it, and the names of who did."""

    case: Case
    steps: tuple[CaseStep, ...]
    names: Mapping[str, str]

    def name(self, member: str) -> str:
        return self.names.get(member, LEFT) if member else ""

    @property
    def state(self) -> str:
        if not self.case.is_open:
            return "closed"
        return "taken" if self.case.taken_by else "open"

    @property
    def tellings(self) -> list[CaseStep]:
        return [each for each in self.steps if each.step in _TELLS]


async def list_signals(
    settings: Settings, write: Callable[[str], None], *, is_open: bool | None, as_json: bool
) -> None:
    """Writes the open ones, the closed ones, or both (None), oldest first. Invented residents have none."""
    store = open_store(settings.database, vault=open_vault(settings), new_id=new_id)
    try:
        found = await store.turn(_look_up)
        shown = [each for each in found if is_open is None or each.case.is_open is is_open]
        await store.note(AuditEntry(AuditAction.SIGNALS, utc_now(), settings.operator, count=len(shown)))
    finally:
        await store.close()
    # As with a trace: who looks at what is known of danger is itself something to account for.
    log.warning("signals_read", count=len(shown))
    if as_json:
        write(as_document(shown))
    else:
        write("\n".join(as_table(shown)) if shown else _NONE[is_open])


def _look_up(db: TurnDb) -> tuple[ListedCase, ...]:
    names = {member.id: member.name for member in db.desk.staff()}
    cases = db.desk.cases
    return tuple(ListedCase(each, tuple(cases.steps(each.id)), names) for each in cases.all())


def as_document(listed: Sequence[ListedCase]) -> str:
    """One JSON document; times in the Netherlands, with their offset."""
    signals = [
        {
            "time": _moment(each.case.at),
            "last_time": _moment(each.case.heard_at),
            "times_heard": each.case.count,
            "reference": each.case.reference or None,
            "kinds": [kind.value for kind in each.case.kinds],
            "state": each.state,
            "told": [
                {"who": each.name(step.member), "at": _moment(step.at), "what": step.step.value}
                for step in each.steps
                if step.step not in (Step.TAKEN, Step.CLOSED)
            ],
            "taken_by": each.name(each.case.taken_by) or None,
            "taken_at": _moment(each.case.taken_at),
            "closed_by": each.name(each.case.closed_by) or None,
            "closed_at": _moment(each.case.closed_at),
        }
        for each in listed
    ]
    return json.dumps({"time_zone": ZONE.key, "signals": signals}, ensure_ascii=False, indent=2)


def as_table(listed: Sequence[ListedCase]) -> list[str]:
    """Lines under each other, with times on the clock of the Netherlands."""
    rows = [_HEADS, *(_row(each) for each in listed)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _row(each: ListedCase) -> tuple[str, ...]:
    case = each.case
    kinds = ", ".join(kind.value for kind in case.kinds)
    return (
        told_moment(case.at),
        case.reference or "(erased)",
        f"{kinds} ({case.count} times)" if case.count > 1 else kinds,
        each.state,
        _tellings(each) or NOBODY,
        _by(each.name(case.taken_by), case.taken_at),
        _closed_by(each),
    )


def _tellings(each: ListedCase) -> str:
    told = [f"{each.name(step.member)} {told_moment(step.at)}" for step in each.tellings]
    if len(told) > SHOWN_AT_ONCE:
        told = [*told[:2], f"{len(told) - 3} more", told[-1]]
    return ", ".join(told)


def _by(name: str, at: datetime | None) -> str:
    return f"{name} {told_moment(at)}" if name and at is not None else "-"


def _closed_by(each: ListedCase) -> str:
    case = each.case
    if case.closed_at is None or case.closed_by:
        return _by(each.name(case.closed_by), case.closed_at)
    why = "-" if case.reference else "erased"
    return f"{why} {told_moment(case.closed_at)}"


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(ZONE).isoformat(timespec="seconds") if moment is not None else None
