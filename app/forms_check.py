"""What `forms check` and `forms preview` do: read a form, say what is noticed, draw it; bot.forms does the work."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from app.forms_page import preview_page
from app.forms_terminal import show_preview
from bot.forms.faults import Fault
from bot.forms.form import Form
from bot.forms.load import load_form
from bot.forms.reviewing import ASSUMPTION, Review, TextLevel, review
from domain.errors import DefinitionError, DomainError, Problem


def look_over(files: Sequence[Path], *, every_text: bool) -> int:
    """Prints what is noticed; how many problems there were."""
    console = Console(highlight=False, soft_wrap=True)
    problems = 0
    for file in files:
        for line, is_problem in _looked_over(file, every_text=every_text):
            console.print(line, markup=False)
            problems += is_problem
    return problems


def show_form(file: Path, html: Path | None, language: str) -> None:
    """The conversation, drawn in the terminal or on a web page. Raises DomainError: no_such_form, out_not_writable,
    no_such_language; DefinitionError for the form."""
    form = load_existing(file)
    if html is not None:
        try:
            html.write_text(preview_page(form), encoding="utf-8")
        except OSError as error:
            raise DomainError("out_not_writable", out=html) from error
        print(f"Written to {html}")
        return
    languages = form.questionnaire.languages
    if language and language not in languages:
        raise DomainError("no_such_language", language=language, languages=", ".join(languages))
    show_preview(form, language or form.questionnaire.default_language, Console(highlight=False))


def load_existing(file: Path) -> Form:
    """Raises DefinitionError, and DomainError("no_such_form")."""
    if not file.is_file():
        raise DomainError("no_such_form", path=file)
    return load_form(file)


def _looked_over(file: Path, *, every_text: bool) -> Iterator[tuple[str, bool]]:
    """(line, whether it is a problem) for one file."""
    try:
        form = load_existing(file)
    except DefinitionError as error:
        for problem in error.problems:
            yield f"Problem  {problem}", True
        yield f"{file.name}: it cannot be used. Problems: {len(error.problems)}.", False
        return
    seen = review(form)
    locate = _Rows(file).locate
    for finding in seen.findings:
        yield f"{'Problem' if finding.is_problem else 'Remark '}  {locate(finding.fault)}", finding.is_problem
    if every_text:
        yield from ((_level_line(file, level), False) for level in seen.levels)
    yield from ((line, False) for line in _summary(file, form, seen))


class _Rows:
    """Where the rows of a sheet stand; an XForm has no sheet, then the place in the form is told."""

    def __init__(self, file: Path) -> None:
        from bot.forms.workbook import SUFFIXES, Workbook, read_workbook

        self._file = file
        is_sheet = file.suffix.lower() in SUFFIXES
        self._workbook = read_workbook(file.read_bytes(), file) if is_sheet else Workbook("")

    def locate(self, fault: Fault) -> Problem:
        return self._workbook.locate(self._file.name, fault)


def _level_line(file: Path, level: TextLevel) -> str:
    shown = "too short to tell" if level.ease is None else f"ease {level.ease:.0f}"
    choice = f", choice {level.choice}" if level.choice else ""
    return f"Text     {file.name}, {level.path}{choice}, {level.column} ({level.language}): {shown}. {level.text!r}"


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _length(minutes: float) -> str:
    return "less than a minute" if minutes < 1 else f"at most about {_counted(round(minutes), 'minute')}"


def _summary(file: Path, form: Form, seen: Review) -> Iterator[str]:
    questionnaire = form.questionnaire
    asked = sum(question.waits for question in questionnaire.questions)
    problems = sum(finding.is_problem for finding in seen.findings)
    measured = [level for level in seen.levels if level.ease is not None]
    hard = sum(level.is_hard for level in measured)
    yield (
        f"{file.name}: {_counted(asked, 'question')}, {_length(seen.minutes)} ({ASSUMPTION}). "
        f"Problems: {problems}; remarks: {len(seen.findings) - problems}."
    )
    yield (
        f"{file.name}: reading level by Flesch-Douma (Dutch) and Flesch (English): {len(measured)} of "
        f"{len(seen.levels)} texts are long enough to measure, {hard} of them read harder than B1."
    )
