"""The commands for campaigns and meemakers, as somebody at the keyboard meets them."""

from pathlib import Path

import pytest

from app.campaigns import code_for
from bot.erasing import new_code
from domain.errors import DomainError
from tests.acceptance.running import run_command

OTHER = Path(__file__).parents[2] / "transcripts" / "other.md"


@pytest.mark.parametrize(
    ("name", "code"),
    [("Voorjaar 2027", "voorjaar-2027"), ("  Caf\u00e9 & Park!  ", "cafe-park"), ("a" * 60, "a" * 48), ("ronde-2", "ronde-2")],
)  # fmt: skip # read as rows of a table
def test_a_link_is_made_of_the_name(name: str, code: str) -> None:
    assert code_for(name) == code


@pytest.mark.parametrize("name", ["", "!!!", "\u516c\u56ed", "mm-els"])
def test_a_name_that_cannot_stand_in_a_link_is_refused(name: str) -> None:
    with pytest.raises(DomainError, match="campaign_name"):
        code_for(name)


def test_a_code_can_be_read_aloud() -> None:
    assert new_code("some chance") != new_code("other chance")
    assert [len(part) for part in new_code("some chance").split("-")] == [4, 4, 4, 4]


def test_the_commands_tell_what_is_wrong(tmp_path: Path) -> None:
    made = run_command("campaign", "create", "Park", "--form", str(OTHER), data=tmp_path)
    again = run_command("campaign", "create", "Park", "--form", str(OTHER), data=tmp_path)
    nobody = run_command("campaign", "invite", "Park", data=tmp_path)
    unknown = run_command("campaign", "invite", "Plein", "--all", data=tmp_path)
    invited = run_command("campaign", "invite", "Park", "--all", data=tmp_path)

    assert made.stdout.splitlines()[-1] == (
        "Its link: https://t.me/YOUR_BOT?start=park (put the name of your bot in it)"
    )
    assert again.stderr.strip() == "There is a campaign park already. Choose another name."
    assert nobody.stderr.strip() == "Say whom to invite: --references FILE or --all."
    assert unknown.stderr.strip() == "There is no campaign Plein. 'wijkverhaal campaign list' shows them."
    assert invited.stdout.startswith("0 invitations wait to be sent.")
