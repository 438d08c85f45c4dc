"""`wijkverhaal plan`: who meets which duo, where and when."""

import asyncio
import json
import os
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from domain.errors import DomainError
from scheduler.planning.candidates import Problem
from scheduler.planning.clashes import clashes
from scheduler.planning.instance import BadInstance, Instance, read_instance, read_moment
from scheduler.planning.plan import Plan
from scheduler.planning.plan_json import as_json
from scheduler.planning.solve import make_plan

_MOST_PROBLEMS = 20


def read_file(path: Path, now: datetime | None = None) -> Instance:
    """Slots that have begun by `now` are a problem, if it is given. Raises DomainError with every problem of the file, and
    what to do about it."""
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DomainError("no_such_file", path=path) from error
    except RecursionError as error:
        raise DomainError("plan_not_json", path=path, reason="too many brackets inside each other") from error
    except ValueError as error:
        raise DomainError("plan_not_json", path=path, reason=error) from error
    instance = read_instance(data, now=now)
    if isinstance(instance, BadInstance):
        raise DomainError("plan_instance", path=path, problems="\n".join(_shown(instance.problems)))
    return instance


def read_now(given: str | None) -> datetime | None:
    """Raises DomainError "plan_now"."""
    found = read_moment(given) if given is not None else None
    if given is not None and found is None:
        raise DomainError("plan_now", value=given)
    return found


def _shown(sentences: Sequence[str]) -> list[str]:
    shown = [f"- {each}" for each in sentences[:_MOST_PROBLEMS]]
    if len(sentences) > _MOST_PROBLEMS:
        shown.append(f"- and {len(sentences) - _MOST_PROBLEMS} more.")
    return shown


def check_output(output: Path, given: Path) -> None:
    """Before a minute of planning. Raises DomainError "plan_not_written"."""
    if not output.absolute().parent.is_dir():
        raise DomainError("plan_not_written", path=output, reason="there is no such folder")
    if output.is_dir():
        raise DomainError("plan_not_written", path=output, reason="it is a folder")
    if output.exists() and given.exists() and output.samefile(given):
        raise DomainError("plan_not_written", path=output, reason="it is what has to be planned")


def write_file(plan: Plan, path: Path) -> None:
    """All of it or nothing. Raises DomainError "plan_not_written"."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(json.dumps(as_json(plan), indent=1) + "\n", encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise DomainError("plan_not_written", path=path, reason=error.strerror or error) from error


def summary(plan: Plan) -> str:
    """One sentence on how many have a place, and how good the plan is."""
    placed = sum(len(each.residents) for each in plan.sessions)
    how = {
        "optimal": "No plan is better.",
        "within_gap": f"At most {plan.gap:.2%} below the best there is.",
        "greedy": "First come, first served: no solver is installed, or there was no time for it.",
    }[plan.method]
    return (
        f"{placed} residents in {len(plan.sessions)} sessions, {len(plan.not_placed)} without a place. "
        f"{how} {plan.seconds:.1f} s."
    )


def add_to(app: typer.Typer) -> None:
    @app.command("plan")
    def plan_command(
        given: Annotated[
            Path | None, typer.Option("--input", help="Plan this, as JSON, and look at no database.")
        ] = None,
        output: Annotated[Path | None, typer.Option(help="Where the plan of --input goes, as JSON.")] = None,
        now: Annotated[
            str | None,
            typer.Option(
                help="With --input: refuse slots that have begun by then, such as 2026-12-01T10:00:00+01:00."
            ),
        ] = None,
        time_limit: Annotated[
            float, typer.Option(min=0.1, help="Seconds after which the best so far is taken.")
        ] = 60.0,
        publish: Annotated[
            bool,
            typer.Option(
                "--publish/--dry-run", help="Hold what is planned for a day, and tell each resident."
            ),
        ] = False,
    ) -> None:
        """Place residents who wait for a talk with duos, times and locations: a preview, or with --publish an offer to each.

        It also runs by itself every night. Talks that stand are never moved.

        With --input and --output it plans a file and looks at no database.

        Example: `wijkverhaal plan --publish`
        """
        if given is None and output is None and now is None:
            _plan_database(time_limit, publish)
        elif given is None or output is None or publish:
            raise DomainError("plan_options")
        else:
            check_output(output, given)
            _plan_file(read_file(given, read_now(now)), output, time_limit)


def _plan_file(instance: Instance, output: Path, time_limit: float) -> None:
    plan = make_plan(instance, clock=time.monotonic, time_limit=time_limit)
    write_file(plan, output)
    if found := clashes(Problem(instance)):
        lines = ["Confirmed appointments stay as they are, also those that break a rule:", *_shown(found)]
        typer.echo("\n".join(lines), err=True)
    typer.echo(summary(plan), err=True)


def _plan_database(time_limit: float, publish: bool) -> None:
    from app.planning import plan_now
    from app.settings import read_settings

    asyncio.run(plan_now(read_settings(os.environ), time_limit, publishing=publish, say=typer.echo))
