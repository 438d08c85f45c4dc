"""A phone number for a talk stays apart from the answers, also when it is typed in pieces or its message is changed."""

from pathlib import Path

import pytest

from bot.forms.load import load_form
from tests.unit.bot.talking import Talker

pytestmark = pytest.mark.anyio
TEXT = """
| survey | | | | | | |
| | type | name | label::Nederlands (nl) | required | chat:consent | chat:reach |
| | select_one yesno | agree | Mag ik uw antwoorden bewaren? | yes | answers | |
| | select_one yesno | contact | Mogen we u bellen? | | contact | |
| | text | phone | Wat is uw nummer? | | | yes |
| | text | wish | Wat wilt u zelf? | | | |

| choices | | | | |
| | list_name | name | label::Nederlands (nl) | chat:meaning |
| | yesno | yes | Ja | yes |
| | yesno | no | Nee | no |

| settings | | | | |
| | form_id | version | form_title | default_language |
| | reach | 1 | Bereik | Nederlands (nl) |
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_number_in_pieces_or_edited_never_stands_among_the_answers() -> None:
    anna = Talker("telegram", form=load_form(Path("reach.md"), text=TEXT))
    for words in ("hallo", "ja", "ja"):
        await anna.say(words)
    assert anna.state.at == "phone"
    await anna.say("0612345678", message="1")
    await anna.edit("1", "0687654321", after=1)
    stored = str([(each.state, each.answers) for each in anna.store.saved])
    assert "0612345678" not in stored
    assert "0687654321" not in stored
    assert anna.state.unfinished is None
