"""The command `wijkverhaal trace`: one person's conversation as one readable list, for whoever has to account for it."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from app.settings import Settings
from app.wiring import new_id, open_vault
from storage.store import open_store
from storage.telling import Telling, Traced, TracedPerson

log = structlog.get_logger(__name__)

ZONE = ZoneInfo("Europe/Amsterdam")
UNKNOWN = (
    "Nobody is known by the reference {reference}. It may be mistyped, or this person was erased: "
    "then nothing is left to tell."
)
SIMULATED = "This is a simulated resident; what follows counts in no export."
_TIMES = ("sent_at", "closed_at", "not_before")


async def trace_person(
    settings: Settings, reference: str, as_json: bool, write: Callable[[str], None]
) -> bool:
    """Writes the trace, or one sentence when nobody is known by this reference (then False)."""
    store = open_store(settings.database, vault=open_vault(settings), new_id=new_id)
    try:
        with store.reading() as db:
            telling = Telling(db, store.dialect)
            person = telling.person(reference)
            traced = telling.of(reference) if person is not None else []
    finally:
        await store.close()
    # Who looks at one person's story is itself something to account for. What was asked for may be anything, so only
    # a reference that exists is named.
    log.warning("trace_read", reference=person.reference if person else "unknown", found=person is not None)
    if person is None:
        sentence = UNKNOWN.format(reference=reference)
        write(json.dumps({"error": sentence}, ensure_ascii=False) if as_json else sentence)
        return False
    write(as_document(person, traced) if as_json else "\n".join(as_lines(person, traced)))
    return True


def as_document(person: TracedPerson, traced: list[Traced]) -> str:
    """One JSON document; times in the Netherlands, with their offset."""
    return json.dumps(
        {
            "reference": person.reference,
            "channel": person.channel,
            "simulated": person.simulated,
            "language": person.language,
            "turns": person.turns,
            "blocked_at": _moment(person.blocked_at),
            "time_zone": ZONE.key,
            "events": [
                {
                    "at": _moment(each.at),
                    "kind": each.kind,
                    **{k: _detail(k, v) for k, v in each.detail.items()},
                }
                for each in traced
            ],
        },
        ensure_ascii=False,
        indent=2,
    )


def as_lines(person: TracedPerson, traced: list[Traced]) -> list[str]:
    """A line for each thing that happened."""
    lines = [f"{person.reference}: {person.channel}, {person.language}, {person.turns} turns"]
    if person.simulated:
        lines.append(SIMULATED)
    if person.blocked_at is not None:
        lines.append(f"Blocked the bot on {_told(person.blocked_at)}.")
    lines.append("Times are those of the Netherlands.")
    day = ""
    for each in traced:
        date, _, clock = _told(each.at).partition(" ")
        if date != day:
            lines += ["", date]
            day = date
        lines.append(f"  {clock}  {_sentence(each.kind, each.detail)}")
    return lines


def _sentence(kind: str, detail: Mapping[str, str]) -> str:
    told = {name: _detail(name, value, readable=True) for name, value in detail.items()}
    match kind:
        case "turn":
            asked = f"; asked {told['question']}" if "question" in told else ""
            return f"heard {told.get('heard', '?')}{asked}"
        case "missed":
            return f"not understood twice in a row at {told.get('question', '?')}"
        case "answer":
            value = told.get("value", told["status"]).replace("\n", " / ")
            return f"answer {told['question']} = {value} ({told['understood_by']})"
        case "consent":
            return f"consent {told['purpose']}: {told['given']} ({told['text']})"
        case _:
            return " ".join([kind, *(f"{name}={value}" for name, value in told.items())])


def _detail(name: str, value: str, *, readable: bool = False) -> str:
    if name not in _TIMES:
        return value
    moment = datetime.fromisoformat(value)
    return _told(moment).replace(" ", "T") if readable else str(_moment(moment))


def _moment(moment: datetime | None) -> Any:
    return moment.astimezone(ZONE).isoformat(timespec="seconds") if moment is not None else None


def _told(moment: datetime) -> str:
    return moment.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")
