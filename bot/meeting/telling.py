"""Who tells people of talks in person, as those see it who bring something about."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.meeting.ports import TalkDesk
from bot.ports import TurnDb
from domain.session import Tell


class TellsPeople(Protocol):
    """`bot.meeting.post.Post`. Whoever has the conversation `but_for` reads it in the reply."""

    def tell(
        self, db: TurnDb, desk: TalkDesk, tells: Sequence[Tell], at: datetime, *, but_for: str = ""
    ) -> None: ...
