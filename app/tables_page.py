"""Published numbers as lines for a spreadsheet and as a page to read; says what is told together, what is not told, and why."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from analysis.people import NOTHING, Counted, Numbers, Parts, Release
from analysis.protecting import Why
from app.tabulating import CHOSEN, Labels
from bot.texts.catalogue import Catalogue

ZONE = ZoneInfo("Europe/Amsterdam")
COLUMNS = ("question", "text", "by", "group", "answer", "count", "n", "percent", "as_of", "note")


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that may be read: the newest numbers of each question with the release they are from, and `why` there are
    no newer ones. `questions` are all that could have a table, in order; `is_preview` where nothing was registered."""

    labels: Labels
    questions: Sequence[str]
    left_out: Sequence[str]
    releases: Sequence[Release]
    why: Mapping[str, Why]
    minimum: int
    is_preview: bool

    def newest(self, question: str) -> Release | None:
        return next((each for each in reversed(self.releases) if question in each.questions), None)


@dataclass(frozen=True, slots=True)
class _Block:
    """One table: `by` is "" for everybody; a row is a group with its count by answer."""

    question: str
    by: str
    answers: tuple[str, ...]
    rows: Sequence[tuple[str, tuple[int, ...]]]
    day: str


class Page:
    def __init__(self, shown: Shown, catalogue: Catalogue, language: str) -> None:
        self._shown, self._catalogue, self._language = shown, catalogue, language

    def csv(self) -> str:
        """A line for each number, and one for each question without."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for line in self._lines():
            writer.writerow([_plain(str(each)) for each in line])
        return out.getvalue()

    def markdown(self) -> str:
        return "\n".join(self._markdown()) + "\n"

    def html(self) -> str:
        title = self._text("title", title=self._shown.labels.title)
        body = "\n".join(self._html())
        return (
            f'<!doctype html>\n<html lang="{self._language}"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
            f"<style>{_STYLE}</style></head><body>\n<h1>{escape(title)}</h1>\n{body}\n</body></html>\n"
        )

    def _lines(self) -> Iterator[tuple[object, ...]]:
        for question in ("", *self._shown.questions):
            for block in self._blocks(question):
                for group, counts in block.rows:
                    for answer, count in zip(block.answers, counts, strict=True):
                        share = _percent(count, sum(counts))
                        yield (
                            question, self._title(question), block.by, group, answer, count, sum(counts), share,
                            block.day, "",
                        )  # fmt: skip # read as one line
            for note in self._notes(question):
                yield (question, self._title(question), "", "", "", "", "", "", "", note)
        for text in self._shown.left_out:
            yield ("", text, "", "", "", "", "", "", "", self._text("conditional", question=text))
        if self._shown.is_preview:
            yield ("", "", "", "", "", "", "", "", "", self._text("preview"))

    def _markdown(self) -> Iterator[str]:
        yield f"# {_cell(self._text('title', title=self._shown.labels.title))}"
        for sentence in self._head():
            yield f"\n{sentence}"
        for question in ("", *self._shown.questions):
            yield f"\n## {_cell(self._title(question))}"
            for block in self._blocks(question):
                yield f"\n| {' | '.join(_cell(each) for each in self._heads(block))} |"
                yield f"|---|{'---:|' * (1 + len(block.answers))}"
                for group, counts in block.rows:
                    yield f"| {' | '.join(_cell(each) for each in _cells(group, counts))} |"
            for note in self._notes(question):
                yield f"\n{note}"
        for text in self._shown.left_out:
            yield f"\n{_cell(self._text('conditional', question=text))}"

    def _html(self) -> Iterator[str]:
        yield from (f"<p>{escape(sentence)}</p>" for sentence in self._head())
        for question in ("", *self._shown.questions):
            yield f"<h2>{escape(self._title(question))}</h2>"
            for block in self._blocks(question):
                heads = "".join(f'<th scope="col">{escape(each)}</th>' for each in self._heads(block))
                yield f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>'
                for group, counts in block.rows:
                    first, *rest = _cells(group, counts)
                    cells = "".join(f"<td>{escape(each)}</td>" for each in rest)
                    yield f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>'
                yield "</tbody></table></div>"
            yield from (f"<p>{escape(note)}</p>" for note in self._notes(question))
        for text in self._shown.left_out:
            yield f"<p>{escape(self._text('conditional', question=text))}</p>"

    def _head(self) -> Iterator[str]:
        if self._shown.is_preview:
            yield self._text("preview")
        yield self._text("how", minimum=self._shown.minimum)

    def _heads(self, block: _Block) -> list[str]:
        by = self._shown.labels.texts[block.by] if block.by else self._text("answer")
        return [by, "n", *(answer for answer in block.answers)] if block.question else [by, "n"]

    def _blocks(self, question: str) -> Iterator[_Block]:
        if not question:
            if self._shown.releases:
                release = self._shown.releases[-1]
                yield from self._of("", ("",), release.people, release)
            return
        found = self._shown.newest(question)
        if found is not None:
            counted = found.questions[question]
            yield from self._of(question, self._answers(question, counted), counted.numbers, found)

    def _of(
        self, question: str, answers: tuple[str, ...], numbers: Numbers, release: Release
    ) -> Iterator[_Block]:
        day = _day(release.at)
        yield _Block(question, "", answers, [(self._text("all"), numbers.total)], day)
        for by, rows in numbers.tables.items():
            groups = [self._joined(by, part, "not_known") for part in release.by[by]]
            yield _Block(question, by, answers, list(zip(groups, rows, strict=True)), day)

    def _answers(self, question: str, counted: Counted) -> tuple[str, ...]:
        nothing = "not_chosen" if any(CHOSEN in part for part in counted.classes) else "no_answer"
        return tuple(self._joined(question, part, nothing) for part in counted.classes)

    def _joined(self, of: str, names: Sequence[str], nothing: str) -> str:
        labels = [
            self._text(nothing) if name == NOTHING else self._shown.labels.names.get((of, name), name)
            for name in sorted(names, key=lambda name: name == NOTHING)
        ]
        if len(labels) == 1:
            return labels[0]
        return self._text("or", first=", ".join(labels[:-1]), second=labels[-1])

    def _notes(self, question: str) -> list[str]:
        found, why = self._shown.newest(question), self._shown.why.get(question)
        if not question:
            least = self._text("not_yet", least=2 * self._shown.minimum)
            return [] if self._shown.releases else [least]
        if found is None:
            return [self._text(Why.TOLD_ELSEWHERE if why is Why.TOLD_ELSEWHERE else Why.TOO_FEW)]
        notes = []
        if why is not None:
            notes = [self._text("as_of", day=_day(found.at)), self._text(why.value)]
        told: Mapping[str, Parts] = found.by
        for name in told:
            if name not in found.questions[question].numbers.tables:
                notes.append(self._text("no_by", by=self._shown.labels.texts[name]))
        return notes

    def _title(self, question: str) -> str:
        return self._shown.labels.texts.get(question, question) if question else self._text("everybody")

    def _text(self, key: str, **values: object) -> str:
        return self._catalogue.sentence(f"tables.{key}", self._language) % values


def _cells(group: str, counts: tuple[int, ...]) -> list[str]:
    n = sum(counts)
    if len(counts) == 1:
        return [group, str(n)]
    return [group, str(n), *(f"{count} ({_percent(count, n)}%)" for count in counts)]


def _percent(count: int, n: int) -> int:
    """Rounded half up, as people do."""
    return (200 * count + n) // (2 * n)


def _day(at: datetime) -> str:
    return at.astimezone(ZONE).date().isoformat()


def _cell(text: str) -> str:
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").split())


def _plain(text: str) -> str:
    """A spreadsheet must not take words for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


_STYLE = (
    ":root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}"
    ".wide{overflow-x:auto;margin:1rem 0}table{border-collapse:collapse}"
    "th,td{border:1px solid;padding:.25rem .5rem;text-align:right}th[scope=row],th:first-child{text-align:left}"
)
