"""What is asked of an export, and what is told of it afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from domain.errors import DomainError
from storage.export_door import Door
from storage.export_rows import Wanted

__all__ = ["Door", "ExportOptions", "ExportSummary"]


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What is asked for. `format` is one of FORMATS, `language` that of labels. `since` and `made_at` are UTC. `reason` is
    why more leaves than by default, `product` the version that made the export."""

    format: str = "csv"
    questionnaire: str = ""
    wave: int | None = None
    since: datetime | None = None
    include_simulated: bool = False
    sessions: bool = True
    language: str = "nl"
    door: Door = field(default_factory=Door)
    reason: str = ""
    made_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    product: str = ""

    def check(self) -> None:
        """Raises DomainError("export_reason") when more should leave than by default and nobody says why."""
        if self.door != Door() and not self.reason.strip():
            raise DomainError("export_reason")

    @property
    def wanted(self) -> Wanted:
        earliest = Wanted().since
        return Wanted(
            self.questionnaire,
            self.include_simulated,
            self.wave,
            self.since or earliest,
            traceable=self.door.personal,
        )


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """What was written: file names, responses per questionnaire, answers in them, talks, how many responses were left out
    because their consent was taken back, how many open answers a person has to look at, and what files could not hold."""

    out: Path
    files: tuple[str, ...]
    responses: Mapping[str, int]
    answers: int
    sessions: int
    withdrawn: int
    to_check: int
    notes: tuple[str, ...]
