"""`wijkverhaal tables`: counts and percentages that may be shared, and the register of what was published."""

from collections.abc import Callable, Coroutine
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from app.settings import Settings

Say = Callable[[str], None]


class Language(StrEnum):
    NL = "nl"
    EN = "en"


def add_tables(
    app: typer.Typer,
    run: Callable[[Coroutine[Any, Any, None]], None],
    settings: Callable[[], Settings],
    say: Say,
) -> None:
    """Adds the commands to `app`."""
    group = typer.Typer(no_args_is_help=False)
    app.add_typer(group, name="tables")

    @group.callback(invoke_without_command=True)
    def tables(
        context: typer.Context,
        questionnaire: Annotated[str, typer.Option(help="Which one; by default the one in use.")] = "",
        by: Annotated[
            str, typer.Option(help="Questions to count by, with commas; by default wijk,role,age.")
        ] = "",
        wave: Annotated[int | None, typer.Option(min=0, help="Only this round of campaigns.")] = None,
        minimum: Annotated[int, typer.Option(help="The smallest number that may be told: 5 or more.")] = 10,
        language: Annotated[Language, typer.Option(help="Language of the tables.")] = Language.NL,
        out: Annotated[Path | None, typer.Option(help="Folder; by default in the data folder.")] = None,
        publish: Annotated[
            bool, typer.Option("--publish", help="Register these numbers, so that they may be shared.")
        ] = False,
    ) -> None:
        """Count the answers to closed questions by neighbourhood, role and age, without small numbers.

        Without `--publish` it is a preview that must not be shared.

        Example: `wijkverhaal tables --publish --out tables/`
        """
        from app.tables import TablesAsked, make_tables

        if context.invoked_subcommand is not None:
            return
        names = tuple(name.strip() for name in by.split(",") if name.strip())
        run(
            make_tables(
                settings(),
                TablesAsked(questionnaire, names, wave, minimum, language.value, out, publish),
                say,
            )
        )

    @group.command("releases")
    def releases() -> None:
        """List what was published: when, by whom and how much.

        Example: `wijkverhaal tables releases`
        """
        from app.tables import list_releases

        run(list_releases(settings(), print))
