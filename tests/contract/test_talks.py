"""A resident, two of the staff and the clock, on both databases: who hears what, and what is left of it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.ports import TurnDb
from domain.message import Incoming, IncomingKind
from domain.staff import Role
from storage import Store
from storage.schema import metadata
from tests.unit.bot.reception.desk import NIGHT, OPEN, Desk
from tests.unit.storage.talking import stored

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(store: Store) -> Desk:
    """Anna is on duty, Bram coordinates, Fatima has begun the questionnaire."""
    desk = Desk(store)
    await desk.join("Anna")
    await desk.join("Bram", Role.COORDINATOR)
    await desk.say("Fatima", "hallo")
    await desk.tap("Fatima", "Ja, dat mag")
    return desk


async def asked(desk: Desk) -> None:
    await desk.say("Fatima", "ik wil een mens spreken")


async def in_talk(desk: Desk) -> None:
    await asked(desk)
    await desk.tap("Anna", "Ik neem dit")


def count(store: Store, table: str) -> int:
    return len(stored(store, "*", table))


async def test_resident_is_told_who_answers_when_and_how_to_go_back(desk: Desk) -> None:
    await asked(desk)

    told = desk.inbox["Fatima"][-1]
    assert "We zijn er maandag tot en met vrijdag van 9.00 tot 17.00 uur." in told.text
    assert "Die ziet ook uw wijk en de laatste vraag." in told.text
    assert [button.title for button in told.buttons] == ["Terug naar de vragen"]


async def test_staff_see_reference_wijk_and_last_question_and_nothing_else(desk: Desk) -> None:
    await desk.tap("Fatima", "Nazareth")
    await asked(desk)

    [(reference,)] = stored(desk.store, "reference", "talks")
    [(question,)] = stored(desk.store, "question", "talks")
    assert desk.last("Anna") == (
        f"Een bewoner wil met een mens praten.\nKenmerk: {reference}\nWijk: Nazareth\nLaatste vraag: {question}"
    )
    assert desk.inbox["Bram"][1:] == []


async def test_words_before_anybody_took_it_go_to_who_takes_it_in_order(desk: Desk) -> None:
    await asked(desk)
    for words in ("een", "twee", "drie"):
        await desk.say("Fatima", words)
    await desk.tap("Anna", "Nu niet")
    told = await desk.tap("Bram", "Ik neem dit")

    assert [message.text for message in told[1:]] == ["Bewoner: een", "Bewoner: twee", "Bewoner: drie"]
    assert desk.last("Fatima").startswith("Bram leest nu mee.")


async def test_only_the_first_kept_word_is_answered(desk: Desk) -> None:
    await asked(desk)

    assert len(await desk.say("Fatima", "een")) == 1
    assert await desk.say("Fatima", "twee") == []


async def test_update_that_comes_twice_is_passed_on_once(desk: Desk) -> None:
    await in_talk(desk)
    for _ in range(2):
        await desk.do("Fatima", IncomingKind.TEXT, "een keer", update="same")
        await desk.do("Anna", IncomingKind.TEXT, "ook een keer", update="same too")

    assert [m.text for m in desk.inbox["Anna"]].count("Bewoner: een keer") == 1
    assert [m.text for m in desk.inbox["Fatima"]].count("Anna: ook een keer") == 1


async def test_two_at_once_one_gets_it_and_the_other_is_told(desk: Desk) -> None:
    await asked(desk)
    await desk.pass_time(31)
    await asyncio.gather(desk.tap("Anna", "Ik neem dit"), desk.tap("Bram", "Ik neem dit"))

    got = ["U bent nu in gesprek." in desk.last(name) for name in ("Anna", "Bram")]
    assert sorted(got) == [False, True]
    winner, loser = ("Anna", "Bram") if got[0] else ("Bram", "Anna")
    assert desk.last(loser).startswith(f"{winner} heeft dit gesprek al.")


async def test_half_an_hour_without_an_answer_goes_round_and_begins_again(desk: Desk) -> None:
    await asked(desk)
    await desk.pass_time(29)
    assert "Een bewoner wil" not in desk.last("Bram")
    await desk.pass_time(1)
    assert "Een bewoner wil" in desk.last("Bram")
    offers = len(desk.inbox["Anna"])
    await desk.pass_time(30)
    assert len(desk.inbox["Anna"]) == offers + 1


async def test_at_night_the_resident_is_told_when_and_staff_hear_in_the_morning(desk: Desk) -> None:
    desk.now = NIGHT
    heard = len(desk.inbox["Anna"])
    await asked(desk)
    assert "U hoort van ons vanaf morgen om 9.00 uur." in desk.last("Fatima")
    await desk.pass_time(60)
    assert len(desk.inbox["Anna"]) == heard
    await desk.pass_time(11 * 60)
    assert "Een bewoner wil" in desk.last("Anna")


async def test_at_closing_time_a_waiting_resident_is_told(desk: Desk) -> None:
    desk.now = OPEN.replace(hour=15, minute=50)
    await asked(desk)
    await desk.pass_time(9)
    before = len(desk.inbox["Fatima"])
    await desk.pass_time(60)
    assert [m.text for m in desk.inbox["Fatima"][before:]] == [
        "Het is vandaag niet gelukt om iemand voor u te vinden. Dat spijt ons. U hoort van ons vanaf morgen om 9.00 uur."
    ]


async def test_one_talk_at_a_time_and_the_other_waits_in_the_list(desk: Desk) -> None:
    await in_talk(desk)
    await desk.say("Gijs", "hallo")
    await desk.say("Gijs", "ik wil een mens spreken")
    assert "Een bewoner wil" in desk.last("Bram")
    await desk.say("Anna", "/lijst")
    await desk.tap("Anna", "Neem nummer 1")
    assert desk.last("Anna").startswith("U bent nog in een ander gesprek.")

    await desk.say("Anna", "/klaar")
    await desk.tap("Anna", "Neem nummer 1")
    assert "U bent nu in gesprek." in desk.last("Anna")
    await desk.say("Anna", "dag Gijs")
    assert desk.last("Gijs") == "Anna: dag Gijs"
    assert "dag Gijs" not in str(desk.inbox["Fatima"])


async def test_hand_back_puts_the_question_again(desk: Desk) -> None:
    question = desk.inbox["Fatima"][-1].text.splitlines()[-1]
    await in_talk(desk)
    await desk.tap("Anna", "Klaar")

    assert desk.last("Fatima").startswith("Anna sluit het gesprek af.")
    assert desk.last("Fatima").endswith(question)
    assert [count(desk.store, table) for table in ("talks", "talk_lines")] == [0, 0]
    assert stored(desk.store, "1", "hand_overs WHERE closed_at IS NULL") == []


async def test_hand_back_leaves_a_stopped_resident_stopped(desk: Desk) -> None:
    await desk.say("Fatima", "stop")
    await in_talk(desk)
    await desk.say("Anna", "/klaar")

    assert desk.last("Fatima") == "Anna sluit het gesprek af. Dank u wel voor uw vertrouwen."
    assert (await desk.say("Fatima", "hallo"))[0].text.startswith("U bent gestopt.")


async def test_question_whether_to_erase_outlives_the_hand_back(desk: Desk) -> None:
    await in_talk(desk)
    await desk.say("Fatima", "wis mijn gegevens")
    await desk.say("Anna", "/klaar")
    assert desk.last("Fatima").startswith("Anna sluit het gesprek af.")
    await desk.tap("Fatima", "Ja, wis alles")
    assert desk.last("Fatima").startswith("Alles is gewist.")


async def test_resident_goes_back_at_any_time(desk: Desk) -> None:
    await in_talk(desk)
    await desk.tap("Fatima", "Terug naar de vragen")

    assert desk.last("Fatima").startswith("Fijn dat u er weer bent.")
    assert desk.last("Anna").startswith("De bewoner heeft het gesprek gestopt.")
    await desk.say("Anna", "wacht")
    assert desk.last("Anna").startswith("U bent nu niet in gesprek.")


async def test_an_old_button_answers_nothing_during_a_talk(desk: Desk) -> None:
    await in_talk(desk)
    await desk.tap("Fatima", "Nazareth")

    assert desk.last("Fatima").startswith("Wat u typt, gaat nu naar een medewerker.")
    assert stored(desk.store, "path", "answers WHERE path = 'you/wijk'") == []


class Listening:
    """A model that notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def parse(self, text: str) -> None:
        self.asked.append(text)


async def test_no_model_reads_what_is_said_to_a_person(desk: Desk) -> None:
    desk.conversations._model = model = Listening()
    desk.conversations._hearing = replace(desk.conversations._hearing, asks_model=True)
    await desk.say("Fatima", "effe de aardappels")
    await in_talk(desk)
    await desk.say("Fatima", "mijn buurman is ziek, effe kijken")
    await desk.say("Anna", "wat naar voor hem")

    assert model.asked == ["effe de aardappels"]
    assert desk.last("Anna") == "Bewoner: mijn buurman is ziek, effe kijken"


async def test_words_with_percent_and_places_come_as_they_were_written(desk: Desk) -> None:
    await in_talk(desk)
    await desk.say("Fatima", "50% van %(name)s *vet* <b>")
    await desk.say("Anna", "100% %(text)s")

    assert desk.last("Anna") == "Bewoner: 50% van %(name)s *vet* <b>"
    assert desk.last("Fatima") == "Anna: 100% %(text)s"


async def test_changed_words_come_again_with_a_mark(desk: Desk) -> None:
    await in_talk(desk)
    await desk.say("Fatima", "om drie uur")
    heard = await desk.do("Fatima", IncomingKind.EDIT, "om vier uur", message="7")
    danger = await desk.do("Fatima", IncomingKind.EDIT, "ik wil dood", message="7")

    assert heard == []
    assert len(danger) == 1
    assert [message.text for message in desk.inbox["Anna"][-4:-1]] == [
        "Bewoner: om drie uur",
        "Bewoner: aangepast: om vier uur",
        "⚠ Let op: hierin herkende ik gevaar. De bewoner kreeg de noodnummers.\nBewoner: aangepast: ik wil dood",
    ]


async def test_a_changed_answer_goes_to_nobody(desk: Desk) -> None:
    await desk.do("Fatima", IncomingKind.TEXT, "Nazareth", message="5")
    await in_talk(desk)
    before = list(desk.inbox["Anna"])
    told = await desk.do("Fatima", IncomingKind.EDIT, "Pottenberg", message="5")

    assert [message.text.partition(".")[0] for message in told] == ["Wat u typt, gaat nu naar een medewerker"]
    assert desk.inbox["Anna"] == before


async def test_commands_to_the_bot_are_words_for_the_person(desk: Desk) -> None:
    await in_talk(desk)
    for words in ("help", "sla over", "ik ben er klaar mee", "ja", "english please"):
        assert await desk.say("Fatima", words) == []
        assert desk.last("Anna") == f"Bewoner: {words}"


async def test_stop_takes_unsent_words_away(desk: Desk) -> None:
    await in_talk(desk)
    words = ("voor de een", "voor de ander")
    for chat, text in zip(("Fatima", "Anna"), words, strict=True):  # taken, but nothing is sent yet
        await desk.conversations.take(_incoming(desk, chat, text))
    assert "voor de een" in str(stored(desk.store, "payload", "outbox"))
    await desk.conversations.take(_incoming(desk, "Fatima", "stop"))
    assert [text for text in words if text in str(stored(desk.store, "payload", "outbox"))] == []


def _incoming(desk: Desk, chat: str, text: str) -> Incoming:
    return Incoming("telegram", chat, IncomingKind.TEXT, desk.now, f"x-{chat}-{text}", text)


async def test_erase_leaves_no_row_of_the_talk(desk: Desk) -> None:
    await in_talk(desk)
    await desk.say("Fatima", "een geheim")
    [(reference,)] = stored(desk.store, "reference", "talks")
    await desk.say("Fatima", "wis mijn gegevens")
    await desk.tap("Fatima", "Ja, wis alles")

    rows = str([stored(desk.store, "*", table.name) for table in metadata.sorted_tables])
    assert [text for text in ("geheim", reference) if text in rows] == []
    assert desk.last("Anna").startswith("De bewoner heeft het gesprek gestopt.")


async def test_who_never_agreed_is_forgotten_after_a_day_with_the_talk(desk: Desk) -> None:
    await desk.say("Gijs", "ik wil een mens spreken")
    await desk.say("Gijs", "een bewaard geheim")
    await desk.tap("Anna", "Ik neem dit")
    await desk.conversations.take(_incoming(desk, "Gijs", "een onderweg geheim"))
    [(reference,)] = stored(desk.store, "reference", "talks")
    await desk.store.purge(now=desk.now + timedelta(hours=25))

    rows = str([stored(desk.store, "*", table.name) for table in metadata.sorted_tables])
    assert [text for text in ("geheim", reference) if text in rows] == []


async def test_signal_reaches_duty_alone_without_the_words(desk: Desk) -> None:
    bram = len(desk.inbox["Bram"])
    await desk.say("Fatima", "ik wil dood")

    assert desk.last("Anna").startswith("Signaal: gedachten aan zelfdoding.")
    assert "dood" not in desk.last("Anna").replace("zelfdoding", "")
    assert len(desk.inbox["Bram"]) == bram


async def test_member_who_leaves_passes_the_talk_on(desk: Desk) -> None:
    await in_talk(desk)
    await desk.say("Fatima", "hoort u mij?")
    await desk.remove("Anna")

    assert "Een bewoner wil" in desk.last("Bram")
    await desk.tap("Bram", "Ik neem dit")
    assert desk.last("Bram") == "Bewoner: hoort u mij?"
    assert (await desk.say("Anna", "hallo"))[-1].buttons  # a resident like any other


async def test_link_works_once_and_only_until_its_time_is_over(desk: Desk) -> None:
    assert (await desk.do("Dief", IncomingKind.OPEN, code="team-Anna"))[0].text.startswith(
        "Deze link werkt niet"
    )

    def invite(db: TurnDb) -> None:
        db.desk.invite("Carla", Role.DUTY, "team-late", until=desk.now, at=desk.now)

    await desk.store.turn(invite)
    assert (await desk.do("Carla", IncomingKind.OPEN, code="team-late"))[0].text.startswith(
        "Deze link werkt niet"
    )
    assert count(desk.store, "conversations") == 1


async def test_names_and_chats_of_staff_are_encrypted(desk: Desk) -> None:
    rows = str(stored(desk.store, "*", "staff"))

    assert [name for name in ("Anna", "Bram") if name in rows] == []


async def test_resident_who_blocked_the_bot_is_not_talked_to(desk: Desk) -> None:
    await asked(desk)
    await desk.store.block_contact("telegram", "Fatima", at=desk.now)
    await desk.tap("Anna", "Ik neem dit")

    assert desk.last("Anna").startswith("Deze bewoner is niet meer te bereiken.")
    assert count(desk.store, "talks") == 0


async def test_blocked_member_is_not_asked_until_they_write(desk: Desk) -> None:
    await desk.store.block_contact("telegram", "Anna", at=desk.now)
    await asked(desk)
    assert "Een bewoner wil" in desk.last("Bram")
    await desk.say("Anna", "/lijst")
    await desk.tap("Anna", "Neem nummer 1")
    assert "U bent nu in gesprek." in desk.last("Anna")


async def test_silence_of_a_day_ends_the_talk(desk: Desk) -> None:
    await in_talk(desk)
    await desk.say("Anna", "dag")
    await desk.pass_time(24 * 60 + 1)

    assert "Er is een dag niets gezegd." in desk.last("Fatima")
    assert desk.last("Anna").startswith("In het gesprek is een dag niets gezegd.")


async def test_without_staff_nobody_is_promised(store: Store) -> None:
    desk = Desk(store)
    await desk.say("Fatima", "hallo")
    await asked(desk)

    assert "Hier kan niemand u terugschrijven." in desk.last("Fatima")
    assert count(store, "hand_overs") == 1
    assert count(store, "talks") == 0


async def test_where_nobody_can_write_back_the_hours_and_the_phone_are_told(desk: Desk) -> None:
    incoming = Incoming("rest", "Piet", IncomingKind.TEXT, OPEN, text="praat met een mens")
    reply = await desk.conversations.take(incoming)

    assert [message.text for message in reply.messages] == [
        "Met een mens praten kan per telefoon. Op deze plek kunnen we u later niet bereiken. De vragen wachten zolang."
        "\n\nOns team is er maandag tot en met vrijdag van 9.00 tot 17.00 uur. Bel dan met de gemeente: 14 043. "
        "Wilt u nu met iemand praten? De Luisterlijn is er dag en nacht: 088 0767 000."
    ]
