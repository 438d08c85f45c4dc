"""A phone number or address for a talk is encrypted, stands apart from the answers, and goes when it should."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.ports import Changes, NewResponse
from domain.consent import Purpose
from domain.questionnaire import Question, QuestionKind, Questionnaire
from storage import Store, Vault
from storage.export import ExportForm, ExportOptions, export_responses
from storage.export_door import EVERYTHING
from tests.contract.conftest import KEY, Database
from tests.unit.storage.talking import BEGIN, answer, consent, loading, saving, stored

pytestmark = pytest.mark.anyio
PHONE = "06-98765432"
MAIL = "anna@voorbeeld.nl"


def reached(store: Store) -> list[str]:
    """What somebody with the key reads."""
    vault = Vault.open(key=KEY)
    return [vault.decrypt(how) for (how,) in stored(store, "how", "reaches ORDER BY path")]


async def leave(store: Store, reach: Mapping[str, str | None], begin: NewResponse | None = None) -> None:
    await store.turn(saving(Changes("", begin=begin, reach=reach)))


async def test_reach_is_read_with_the_key_and_unreadable_without(store: Store) -> None:
    await leave(store, {"talk/at": PHONE}, BEGIN)

    [(response, path, how)] = stored(store, "response, path, how", "reaches")
    assert (response, path) == (BEGIN.id, "talk/at")
    assert PHONE not in how
    assert reached(store) == [PHONE]


async def test_reach_typed_again_takes_the_place_of_the_first(store: Store) -> None:
    await leave(store, {"talk/at": PHONE, "talk/mail": MAIL}, BEGIN)
    await leave(store, {"talk/at": "043-3505050"})

    assert reached(store) == ["043-3505050", MAIL]


async def test_reach_that_is_no_longer_given_goes(store: Store) -> None:
    await leave(store, {"talk/at": PHONE, "talk/mail": MAIL}, BEGIN)
    await leave(store, {"talk/at": None})

    assert reached(store) == [MAIL]


async def test_reach_goes_with_the_consent_for_contact(store: Store) -> None:
    await leave(store, {"talk/at": PHONE}, BEGIN)
    await store.turn(saving(Changes("", consents=[consent(Purpose.REMINDERS, False)])))
    assert reached(store) == [PHONE]

    await store.turn(saving(Changes("", consents=[consent(Purpose.CONTACT, False)])))
    assert reached(store) == []


@pytest.mark.parametrize(
    "gone", [Changes("", forget=True), Changes("", erase=True)], ids=["forgot", "erased"]
)
async def test_reach_goes_when_somebody_is(store: Store, gone: Changes) -> None:
    await leave(store, {"talk/at": PHONE}, BEGIN)
    await store.turn(
        saving(Changes("", begin=NewResponse("other", "v", "1", "nl"), reach={"a": MAIL}), ref="b")
    )
    await store.turn(saving(gone))

    assert reached(store) == [MAIL]


async def test_reach_of_an_earlier_response_is_erased_too(store: Store) -> None:
    await leave(store, {"talk/at": PHONE}, BEGIN)
    await leave(store, {"talk/at": MAIL}, NewResponse("response-2", "veerkracht", "1", "nl"))
    await store.turn(saving(Changes("", erase=True)))

    assert stored(store, "*", "reaches") == []


async def test_reach_without_a_response_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="without a response"):
        await leave(store, {"talk/at": PHONE})
    assert (await store.turn(loading())).is_new


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_reach_stands_nowhere_in_the_file(store: Store, database: Database) -> None:
    await store.turn(saving(Changes("", begin=BEGIN, answers=[answer("a", "Kanarie")], reach={"at": PHONE})))

    files = [path for path in database.file.parent.iterdir() if path.name.startswith(database.file.name)]
    content = b"".join(path.read_bytes() for path in files)
    assert b"Kanarie" in content
    assert PHONE.encode() not in content


async def test_reach_is_in_no_export(store: Store, tmp_path: Path) -> None:
    questions = (
        Question("open", QuestionKind.TEXT, {"nl": "Wat wilt u?"}),
        Question("talk/at", QuestionKind.TEXT, {"nl": "Uw nummer?"}, purpose=Purpose.CONTACT, reach=True),
    )
    form = Questionnaire("veerkracht", "1", {"nl": "Veerkracht"}, "nl", ("nl",), questions)
    given = [answer("open", "Kanarie"), answer("talk/at", "given", Purpose.CONTACT)]
    await store.turn(saving(Changes("", begin=BEGIN, answers=given, reach={"talk/at": PHONE})))

    out = tmp_path / "out"
    everything = ExportOptions(door=EVERYTHING, reason="a test")
    export_responses(store, lambda *_: ExportForm(form, lambda answers, *_: answers), (), everything, out=out)

    written = "".join(file.read_text(encoding="utf-8") for file in out.iterdir())
    assert "Kanarie" in written
    assert [word for word in (PHONE, "talk/at", "nummer") if word in written] == []
