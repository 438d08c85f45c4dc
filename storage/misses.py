"""Misses: kept while nobody has looked at them, settled by what was said next, and read for the review."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from domain.miss import Miss, MissKind
from storage import schema
from storage.statements import ONE, Db, Row, Statement, insert_row


class MissStatements:
    """Every statement of misses, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        def ready(element: sa.sql.ClauseElement) -> Statement:
            return Statement(element, dialect)

        misses = schema.misses
        c = misses.c
        theirs = c.reference == sa.bindparam("person")
        here = c.path == sa.bindparam("of")
        guess = c.kind == sa.bindparam("guess")
        meaning: sa.BindParameter[str] = sa.bindparam("meaning")
        self.add = ready(insert_row(misses, "id"))
        self.settle = ready(
            sa.update(misses).where(theirs, here, ~guess, c.chosen == "").values(chosen=meaning)
        )
        self.correct = ready(
            sa.update(misses)
            .where(theirs, here, guess, c.heard != meaning)
            .values(chosen=meaning, kind=sa.bindparam("corrected"))
        )
        self.drop_guesses = ready(sa.delete(misses).where(theirs, guess))
        self.drop = ready(sa.delete(misses).where(theirs))
        names = ("text", "language", "path", "expected", "heard", "intents", "day", "kind", "chosen", "id")
        self.all = ready(sa.select(*(c[name] for name in names)).where(~guess).order_by(c.id))
        self.drop_one = ready(sa.delete(misses).where(c.id == sa.bindparam("this")))
        old = sa.delete(misses).where(c.day < sa.bindparam("before_day"))
        self.old = ready(old.returning(ONE))
        self.old_guesses = ready(old.where(guess).returning(ONE))


def _read(row: Row) -> Miss:
    text, language, path, expected, heard, intents, day, kind, chosen, number = row
    meanings, likeliest = tuple(heard.split()), tuple(intents.split())
    return Miss(text, language, path, expected, meanings, likeliest, day, MissKind(kind), chosen, number)


class MissTable:
    """Misses in one open transaction."""

    def __init__(self, db: Db, statements: MissStatements) -> None:
        self._db, self._sql = db, statements

    def keep(self, reference: str, miss: Miss | None, meant: Mapping[str, str]) -> None:
        """What earlier misses of this person turned out to mean first; then the new one. A guess that nobody
        corrected by the next answer was right, and goes."""
        for path, meaning in meant.items():
            given = {"person": reference, "of": path, "meaning": meaning}
            self._db.run(self._sql.settle, **given, guess=MissKind.GUESS.value)
            self._db.run(
                self._sql.correct, **given, guess=MissKind.GUESS.value, corrected=MissKind.CORRECTED.value
            )
        if meant:
            self._db.run(self._sql.drop_guesses, person=reference, guess=MissKind.GUESS.value)
        if miss is not None:
            self._db.run(
                self._sql.add,
                reference=reference,
                text=miss.text,
                language=miss.language,
                path=miss.path,
                expected=miss.expected,
                heard=" ".join(miss.heard),
                intents=" ".join(miss.intents),
                day=miss.day,
                kind=miss.kind.value,
                chosen=miss.chosen,
            )

    def drop_of(self, reference: str) -> None:
        self._db.run(self._sql.drop, person=reference)

    def all(self) -> Sequence[Miss]:
        """All that wait for the review, oldest first."""
        return [_read(row) for row in self._db.rows(self._sql.all, guess=MissKind.GUESS.value)]

    def drop(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            self._db.run(self._sql.drop_one, this=number)

    def drop_before(self, day: str, *, guesses: str) -> int:
        """How many were of before `day`, or guesses of before that other day. Dates are ISO 8601."""
        gone = self._db.count(self._sql.old, before_day=day)
        return gone + self._db.count(self._sql.old_guesses, before_day=guesses, guess=MissKind.GUESS.value)
