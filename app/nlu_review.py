"""The command `wijkverhaal nlu review`: shows what was not understood and writes what somebody chooses into the
training data; what is done with each sentence is decided in nlu.review."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog
from rich.console import Console
from rich.table import Table

from app.settings import Settings
from app.wiring import new_id, open_vault, utc_now
from domain.audit import AuditAction, AuditEntry
from domain.errors import DomainError
from domain.miss import Miss
from nlu.rasa_data import DATA
from nlu.review import MissGroup, Refused, Written, group_misses, in_danger, intents, write_sentence
from storage.base import Store
from storage.store import open_store

log = structlog.get_logger(__name__)
Say = Callable[[str], None]
Ask = Callable[[str], str]
Learn = Callable[[str, str, str], Written | Refused]
"""(text, intent, language) to what was written."""

NONE = "There is nothing to look at: no message was missed, or nobody agreed to have them kept."
AFTERWARDS = "{count} written. Now train and measure: 'make setup', then 'wijkverhaal nlu test'. Commit the lines if it is no worse."
HELP = "A number or the name of an intent; = and other words, to change the wording; s skip, d delete, i all intents, q quit."
_WHY_NOT = {
    "unknown_intent": "There is no such intent. Type i to see them all.",
    "unknown_language": "There are no sentences in that language.",
    "empty": "There are no words in it.",
    "personal": "Something in it may lead to a person: a name, a number, an address. Give another wording: = and the words.",
    "danger": "The safety floor hears danger in it. That is for nlu/corpus, in words of your own, and not for the model.",
    "marks": "It cannot have brackets, or begin with a stroke. Where [naam] stands, give another wording: = and the words.",
    "held_out": "It is in a held-out file. Those measure the model, so it may not learn from them.",
    "there_already": "It is in the training data already, as {where}.",
}


async def review(
    settings: Settings, write: Say, *, ask: Ask | None, as_list: bool, as_json: bool, choose: Sequence[str],
    delete: Sequence[int], data: Path = DATA,
) -> None:  # fmt: skip # read as one piece
    """With `choose` ("ID=intent" or "ID=intent=other words") and `delete` that and no more; else a list, or question
    and answer with `ask`. Raises DomainError "review_choice" for a choice that cannot be read or is refused, "no_miss"
    for a number that is not there; what came before it has been done. `data` is the folder of the training data."""
    learn = partial(write_sentence, data=data)
    store = open_store(settings.database, vault=open_vault(settings), new_id=new_id)
    try:
        groups = group_misses(await _waiting(store, settings.operator, utc_now()))
        if choose or delete:
            await _do(store, groups, choose, delete, learn, write)
        elif as_json:
            write(as_document(groups))
        elif not groups:
            write(NONE)
        elif as_list or ask is None:
            Console(width=160 if as_list else None).print(as_table(groups))
        else:
            await _go_through(store, groups, learn, write, ask)
    finally:
        await store.close()


async def _waiting(store: Store, who: str, now: datetime) -> Sequence[Miss]:
    """Without those that the safety floor hears danger in by now: they go."""
    await store.purge(now=now)
    found = await store.with_misses(lambda misses: misses.all())
    danger = in_danger(found)
    if danger:
        await store.with_misses(lambda misses: misses.drop(danger))
        log.warning("misses_dropped", why="danger", count=len(danger))
    # Who looks at what people typed is itself something to account for.
    log.warning("misses_read", count=len(found) - len(danger))
    await store.note(AuditEntry(AuditAction.REVIEW, now, who, count=len(found) - len(danger)))
    return [miss for miss in found if miss.id not in danger]


def as_document(groups: Sequence[MissGroup]) -> str:
    """One JSON document."""
    rows = [
        {
            "id": each.id,
            "text": each.text,
            "language": each.language,
            "times": len(each.misses),
            "last_on": max(miss.day for miss in each.misses),
            "questions": each.each("path"),
            "expected": each.each("expected"),
            "why": each.each("kind"),
            "heard": each.heard,
            "chosen": each.each("chosen"),
            "suggestions": each.suggestions,
        }
        for each in groups
    ]
    return json.dumps({"misses": rows}, ensure_ascii=False, indent=2)


def as_table(groups: Sequence[MissGroup]) -> Table:
    table = Table("id", "times", "language", "said", "asked", "heard", "then chosen", "suggestions")
    for each in groups:
        lists = (each.each("path"), each.heard, each.each("chosen"), each.suggestions)
        table.add_row(
            str(each.id), str(len(each.misses)), each.language, _plain(each.text), *map(", ".join, lists)
        )
    return table


def _plain(text: str) -> str:
    """So that [naam] is no mark-up."""
    return text.replace("[", r"\[")


async def _do(
    store: Store,
    groups: Sequence[MissGroup],
    choose: Sequence[str],
    delete: Sequence[int],
    learn: Learn,
    write: Say,
) -> None:
    by_id = {each.id: each for each in groups}
    count = 0
    for choice in choose:
        number, _, rest = choice.partition("=")
        intent, _, words = rest.partition("=")
        group = _find(by_id, number)
        done = learn(words or group.text, intent.strip(), group.language)
        if isinstance(done, Refused):
            raise DomainError("review_choice", choice=choice, reason=_why_not(done))
        await _drop(store, group)
        write(f"{done.path.parent.name}/{done.path.name}: {done.text}")
        count += 1
    for gone in delete:
        await _drop(store, _find(by_id, str(gone)))
    if count:
        write(AFTERWARDS.format(count=count))


def _find(by_id: dict[int, MissGroup], number: str) -> MissGroup:
    found = by_id.get(int(number)) if number.strip().isdecimal() else None
    if found is None:
        raise DomainError("no_miss", id=number)
    return found


def _why_not(refused: Refused) -> str:
    return _WHY_NOT[refused.code].format(where=refused.where)


async def _drop(store: Store, group: MissGroup) -> None:
    numbers = [miss.id for miss in group.misses]
    await store.with_misses(lambda misses: misses.drop(numbers))


async def _go_through(store: Store, groups: Sequence[MissGroup], learn: Learn, write: Say, ask: Ask) -> None:
    """One group after the other; every answer is carried out at once."""
    count = 0
    write(HELP)
    for place, group in enumerate(groups, start=1):
        write(f"\n{place} of {len(groups)}, {len(group.misses)} times, {group.language}: {group.text}")
        heard, chosen = ", ".join(group.heard) or "nothing", ", ".join(group.each("chosen")) or "nothing"
        write(f"asked: {', '.join(group.each('path'))} | heard: {heard} | then chosen: {chosen}")
        write("   ".join(f"{number} {each}" for number, each in enumerate(group.suggestions, start=1)))
        done = await _decide(store, group, learn, write, ask)
        if done is None:
            break
        count += done
    write(AFTERWARDS.format(count=count) if count else "Nothing was written.")


async def _decide(store: Store, group: MissGroup, learn: Learn, write: Say, ask: Ask) -> int | None:
    """How many sentences were written for one group; None to quit."""
    words = group.text
    while True:
        try:
            said = ask("> ").strip()
        except EOFError:
            return None
        if said.startswith("="):
            words = said[1:].strip()
            write(f"wording: {words}")
            continue
        match said.lower():
            case "q":
                return None
            case "s" | "":
                return 0
            case "d":
                await _drop(store, group)
                return 0
            case "i":
                write(", ".join(sorted(intents())))
                continue
            case "?":
                write(HELP)
                continue
        done = learn(words, _intent(said, group), group.language)
        if isinstance(done, Written):
            await _drop(store, group)
            write(f"{done.path.parent.name}/{done.path.name}: {done.text}")
            return 1
        write(_why_not(done))


def _intent(said: str, group: MissGroup) -> str:
    is_number = said.isdecimal() and 1 <= int(said) <= len(group.suggestions)
    return group.suggestions[int(said) - 1] if is_number else said
