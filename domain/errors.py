"""Errors that carry a stable code instead of a sentence; whoever shows one to a person turns the code into words."""


class DomainError(Exception):
    """Something in the domain cannot go on; `code` is stable and may be logged, `detail` names the place."""

    def __init__(self, code: str, **detail: object) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class DefinitionError(DomainError):
    """A form, scale or catalogue is written wrongly; `problems` lists all of them, never just the first."""

    def __init__(self, problems: tuple["Problem", ...]) -> None:
        super().__init__("definition")
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class Problem:
    """One mistake in a definition: where it is, which rule it breaks and how to mend it."""

    __slots__ = ("column", "file", "fix", "row", "rule", "sheet")

    def __init__(
        self, *, file: str, rule: str, fix: str, sheet: str = "", row: int | None = None, column: str = ""
    ) -> None:
        self.file, self.sheet, self.row, self.column, self.rule, self.fix = (
            file,
            sheet,
            row,
            column,
            rule,
            fix,
        )

    def __str__(self) -> str:
        place = [self.file]
        if self.sheet:
            place.append(f"sheet {self.sheet}")
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column:
            place.append(f"column {self.column}")
        return f"{', '.join(place)}: {self.rule}. {self.fix}"
