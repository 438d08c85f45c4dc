"""`wijkverhaal staff`: who answers when a resident asks for a person."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from domain.staff import Role

staff = typer.Typer(
    help="The people who answer when a resident asks for a person.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


def add_to(
    app: typer.Typer, run: Callable[..., None], settings: Callable[[], Any], say: Callable[[str], None]
) -> None:
    """Adds the commands to `app`; how work is run, what the settings are and where lines go is the caller's."""

    @staff.command()
    def invite(
        name: Annotated[str, typer.Argument(help="First name, and more when two share it.")],
        role: Annotated[Role, typer.Option(help="duty is asked first and is told of signals.")] = Role.DUTY,
    ) -> None:
        """Make a personal link that works once, for a week.

        Example: `wijkverhaal staff invite "Anna" --role duty`
        """
        from app.staff import invite_member

        run(invite_member(settings(), name, role, say))

    @staff.command("list")
    def list_() -> None:
        """Show who is on the staff, in which role, and whether they joined.

        Example: `wijkverhaal staff list`
        """
        from app.staff import list_members

        run(list_members(settings(), say))

    @staff.command()
    def remove(name: Annotated[str, typer.Argument(help="As in the list.")]) -> None:
        """Take somebody off the staff. A resident they talk with goes to the next person.

        Example: `wijkverhaal staff remove "Anna"`
        """
        from app.staff import remove_member

        run(remove_member(settings(), name, say))

    @staff.command()
    def chat(name: Annotated[str, typer.Argument(help="As in the list.")]) -> None:
        """Work from this terminal instead of Telegram, until Ctrl-D.

        Example: `wijkverhaal staff chat "Anna"`
        """
        from app.staff_chat import chat_as_member

        run(chat_as_member(settings(), name, say))

    app.add_typer(staff, name="staff")
