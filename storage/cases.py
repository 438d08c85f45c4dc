"""Cases of danger and what was done about them, on either database; who is told when is decided elsewhere."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from domain.safety import Case, CaseStep, SignalKind, Step
from domain.staff import StaffMember
from storage import schema
from storage.statements import Db, Row, Statement, insert_row

_TELLS = (Step.TOLD, Step.TOLD_MORE)


class CaseStatements:
    """Every statement of cases, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        def ready(element: sa.sql.ClauseElement) -> Statement:
            return Statement(element, dialect)

        cases, steps, events, signals = schema.cases, schema.case_steps, schema.events, schema.signals
        person: sa.BindParameter[str] = sa.bindparam("person")
        case = sa.select(*cases.columns)
        this = cases.c.id == sa.bindparam("this")
        self.open_of = ready(
            case.where(cases.c.reference == person, cases.c.closed_at.is_(None)).with_for_update()
        )
        self.find = ready(case.where(this).with_for_update())
        self.all = ready(case.order_by(cases.c.at, cases.c.id))
        self.add = ready(insert_row(cases))
        fixed = ("id", "reference", "at")
        changed = [column.name for column in cases.columns if column.name not in fixed]
        self.save = ready(
            sa.update(cases).where(this).values({name: sa.bindparam(f"new_{name}") for name in changed})
        )
        self.close_signals = ready(
            sa.update(signals)
            .where(signals.c.reference == person, signals.c.closed_at.is_(None))
            .values(closed_at=sa.bindparam("closed"))
        )
        self.add_step = ready(insert_row(steps, "id"))
        self.steps = ready(
            sa.select(steps.c.member, steps.c.step, steps.c.at)
            .where(steps.c.case_id == sa.bindparam("this"))
            .order_by(steps.c.id)
        )
        self.last_told = ready(
            sa.select(steps.c.member, sa.func.max(steps.c.at))
            .where(steps.c.step.in_([sa.literal_column(f"'{step.value}'") for step in _TELLS]))
            .group_by(steps.c.member)
        )
        self.last_event = ready(
            sa.select(events.c.what)
            .where(events.c.reference == person, events.c.kind == "turn")
            .order_by(events.c.id.desc())
            .limit(1)
        )


def _read_case(row: Row) -> Case:
    id_, reference, kinds, at, heard_at, count, asked, *rest = row
    known = tuple(SignalKind(kind) for kind in json.loads(kinds))
    return Case(id_, reference or "", known, at, heard_at, count, tuple(json.loads(asked)), *rest)


class CaseTable:
    """`CaseDb` on an open transaction."""

    def __init__(self, db: Db, statements: CaseStatements, new_id: Callable[[], str]) -> None:
        self._db, self._sql, self._new_id = db, statements, new_id

    def open(self, reference: str, kinds: Sequence[SignalKind], at: datetime) -> Case:
        case = Case(self._new_id(), reference, tuple(kinds), at, at)
        self._db.run(self._sql.add, **self._values(case))
        return case

    def open_of(self, reference: str) -> Case | None:
        found = self._db.row(self._sql.open_of, person=reference)
        return None if found is None else _read_case(found)

    def find(self, case_id: str) -> Case | None:
        found = self._db.row(self._sql.find, this=case_id)
        return None if found is None else _read_case(found)

    def all(self) -> Sequence[Case]:
        return [_read_case(row) for row in self._db.rows(self._sql.all)]

    def save(self, case: Case) -> None:
        fixed = ("id", "reference", "at")
        values = {f"new_{name}": value for name, value in self._values(case).items() if name not in fixed}
        self._db.run(self._sql.save, this=case.id, **values)
        if case.closed_at is not None and case.reference:
            self._db.run(self._sql.close_signals, person=case.reference, closed=case.closed_at)

    def note(self, case: Case, member: StaffMember, step: Step, at: datetime) -> None:
        self._db.run(self._sql.add_step, case_id=case.id, member=member.id, step=step.value, at=at)

    def steps(self, case_id: str) -> Sequence[CaseStep]:
        found = self._db.rows(self._sql.steps, this=case_id)
        return [CaseStep(member, Step(step), at) for member, step, at in found]

    def last_told(self) -> Mapping[str, datetime]:
        return dict(self._db.rows(self._sql.last_told))

    def was_danger_last(self, reference: str) -> bool:
        found = self._db.row(self._sql.last_event, person=reference)
        return found is not None and found[0] == "danger"

    @staticmethod
    def _values(case: Case) -> dict[str, object]:
        values = {name: getattr(case, name) for name in case.__slots__}
        kinds, asked = json.dumps([kind.value for kind in case.kinds]), json.dumps(case.asked)
        return {**values, "kinds": kinds, "asked": asked}
