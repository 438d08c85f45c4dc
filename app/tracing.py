"""The command `wijkverhaal trace`: one person's conversation as one readable list, for whoever has to account for it."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from typing import Any

import structlog

from app.settings import Settings
from app.story import ZONE, Story
from app.wiring import new_id, open_vault, utc_now
from bot.dialogue.state import State, state_from_json
from bot.forms.form import Form
from bot.forms.load import form_from_kept
from bot.ports import TurnDb
from bot.texts.catalogue import load_catalogue
from domain.audit import AuditAction, AuditEntry
from domain.staff import StaffMember, Talk
from storage.store import Store, open_store
from storage.telling import Telling, Traced, TracedPerson

log = structlog.get_logger(__name__)

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
        story = await _open_story(store, reference)
        if person is not None:
            await store.note(
                AuditEntry(AuditAction.TRACE, utc_now(), settings.operator, person=reference, count=1)
            )
    finally:
        await store.close()
    # Who looks at one person's story is itself something to account for. What was asked for may be anything, so only
    # a reference that exists is named.
    log.warning("trace_read", reference=person.reference if person else "unknown", found=person is not None)
    if person is None:
        sentence = UNKNOWN.format(reference=reference)
        write(json.dumps({"error": sentence}, ensure_ascii=False) if as_json else sentence)
        return False
    write(as_document(person, traced) if as_json else "\n".join(as_lines(person, traced, story)))
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


def as_lines(person: TracedPerson, traced: list[Traced], story: Story) -> list[str]:
    """A heading, and then the story with times on the clock of the Netherlands."""
    lines = [f"{person.reference}: {person.channel}, {person.language}, {person.turns} turns"]
    if person.simulated:
        lines.append(SIMULATED)
    if person.blocked_at is not None:
        lines.append(f"Blocked the bot on {_told(person.blocked_at)}.")
    return [*lines, "Times are those of the Netherlands.", *story.lines(traced)]


async def _open_story(store: Store, reference: str) -> Story:
    """What sentences need beside the trace: the questionnaires, and who has the talk that goes on."""

    @cache
    def find(questionnaire: str, version: str) -> Form | None:
        row = store.find_form(questionnaire, version)
        return form_from_kept(row.source) if row is not None else None

    state, talk, member = await store.turn(partial(_look_up, reference))
    at_hand = (state, *(each.state for each in state.parked))
    forms = [find(each.questionnaire, each.version) for each in at_hand if each.questionnaire]
    known = [form for form in forms if form is not None]
    return Story(find, load_catalogue(), known, talk, member.name if member is not None else "")


def _look_up(reference: str, db: TurnDb) -> tuple[State, Talk | None, StaffMember | None]:
    conversation, talk = db.find(reference), db.desk.talk(reference)
    member = db.desk.member(talk.taken_by) if talk is not None and talk.taken_by else None
    return state_from_json(conversation.state if conversation is not None else ""), talk, member


def _detail(name: str, value: str) -> str:
    return str(_moment(datetime.fromisoformat(value))) if name in _TIMES else value


def _moment(moment: datetime | None) -> Any:
    return moment.astimezone(ZONE).isoformat(timespec="seconds") if moment is not None else None


def _told(moment: datetime) -> str:
    return moment.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
