"""What is accounted for: who looked at, took away or changed what; never what somebody said or is called."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

OPERATOR, SYSTEM, RESIDENT = "operator", "system", "resident"
"""Who did it, where that is no member of the staff: whoever is at the command line (`by_operator`), the product by itself,
and the person themselves."""


class AuditAction(StrEnum):
    EXPORT = "export"
    EXPORTED = "exported"
    TABLES = "tables"
    TRACE = "trace"
    LIST = "list"
    INVITE = "invite"
    FEED = "feed"
    PLAN = "plan"
    SESSION_OPEN = "session-open"
    SESSION_MOVE = "session-move"
    SESSION_CANCEL = "session-cancel"
    SIGNALS = "signals"
    REVIEW = "review"
    ERASE = "erase"
    EXPIRE = "expire"
    STAFF_INVITE = "staff-invite"
    STAFF_REMOVE = "staff-remove"
    STAFF_ROLE = "staff-role"
    STAFF_CHAT = "staff-chat"
    PEOPLE_IMPORT = "people-import"
    PLACES_IMPORT = "places-import"
    BACKUP = "backup"
    RESTORE = "restore"
    MOVE = "move"
    ROTATE = "rotate"


def by_operator(name: str) -> str:
    """How the log names whoever is at the command line. A login called "resident" is never taken for one."""
    return f"{OPERATOR}:{name}"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the account. `who` is what `by_operator` makes, SYSTEM or RESIDENT; `at` is UTC.

    `thing` says what kind of thing it was done to or with (a format, a table, a role), `count` how many, `reason` why,
    as it was typed. `person` is the reference of whom it is about, and is kept only as a keyed hash.
    """

    action: AuditAction
    at: datetime
    who: str
    thing: str = ""
    person: str = ""
    count: int = 0
    reason: str = ""
