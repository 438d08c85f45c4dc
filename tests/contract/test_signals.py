"""A signal from the first word of danger until somebody closes it, on both databases: who is told, and who has it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.ports import TurnDb
from domain.message import Incoming, IncomingKind
from domain.safety import Case, Step
from domain.staff import Role
from storage import Store
from storage.schema import metadata
from tests.unit.bot.reception.desk import LEASE, NIGHT, OPEN, Desk
from tests.unit.storage.talking import stored

pytestmark = pytest.mark.anyio
DANGER, OTHER = "ik wil dood", "mijn man slaat me"
SUICIDE, VIOLENCE = "gedachten aan zelfdoding", "geweld of dwang"
MAIL = "wacht@example.nl"


@pytest.fixture
async def desk(store: Store) -> Desk:
    """Anna and Bram are on duty, Cora coordinates, Fatima has begun the questionnaire. It is night."""
    desk = Desk(store)
    for name in ("Anna", "Bram"):
        await desk.join(name)
    await desk.join("Cora", Role.COORDINATOR)
    await desk.say("Fatima", "hallo")
    await desk.tap("Fatima", "Ja, dat mag")
    desk.now = NIGHT
    for name in ("Anna", "Bram", "Cora"):
        desk.inbox[name].clear()
    return desk


def told(desk: Desk) -> list[int]:
    """How many messages Anna, Bram and Cora got."""
    return [len(desk.inbox[name]) for name in ("Anna", "Bram", "Cora")]


def heard_by(desk: Desk, name: str) -> list[str]:
    """The first line of each message."""
    return [message.text.splitlines()[0] for message in desk.inbox[name]]


async def cases(desk: Desk) -> list[Case]:
    return list(await desk.store.turn(lambda db: db.desk.cases.all()))


async def steps(desk: Desk) -> list[tuple[str, str]]:
    """Who and what, of all cases."""

    def look(db: TurnDb) -> list[tuple[str, str]]:
        names = {member.id: member.name for member in db.desk.staff()}
        found = [step for case in db.desk.cases.all() for step in db.desk.cases.steps(case.id)]
        return [(names.get(step.member, "?"), step.step.value) for step in found]

    return await desk.store.turn(look)


def open_signals(store: Store) -> int:
    return len(stored(store, "*", "signals WHERE closed_at IS NULL"))


async def test_one_on_duty_is_told_at_once_at_night_with_reference_kind_and_time(desk: Desk) -> None:
    await desk.say("Fatima", DANGER)

    [case] = await cases(desk)
    assert told(desk) == [1, 0, 0]
    assert desk.last("Anna") == (
        f"Signaal: {SUICIDE}.\nKenmerk: {case.reference}\nGehoord: maandag 23 november om 22.00 uur\n"
        "De bewoner kreeg de noodnummers te zien."
    )
    assert [button.title for button in desk.inbox["Anna"][0].buttons] == ["Ik pak het op"]


async def test_words_of_the_resident_are_told_to_nobody(desk: Desk) -> None:
    secret = "ik wil dood, zei Zwaantje tegen Gerrit op de brug"
    await desk.say("Fatima", secret)
    await desk.pass_time(60)
    await desk.tap("Anna", "Ik pak het op")

    seen = str([desk.inbox[name] for name in ("Anna", "Bram", "Cora")])
    assert [word for word in ("Zwaantje", "Gerrit", "brug", "wil dood") if word in seen] == []
    rows = str([stored(desk.store, "*", table) for table in ("cases", "case_steps", "signals", "outbox")])
    assert [word for word in ("Zwaantje", "Gerrit", "brug", "wil dood") if word in rows] == []


async def test_after_a_quarter_of_an_hour_the_next_is_told_and_the_first_hears_that_once(desk: Desk) -> None:
    await desk.say("Fatima", DANGER)
    await desk.pass_time(14)
    assert told(desk) == [1, 0, 0]
    await desk.pass_time(1)

    assert told(desk) == [2, 1, 0]
    assert desk.last("Anna").endswith(
        "is een kwartier niet opgepakt. Ik vraag een collega. Oppakken kan nog steeds."
    )
    assert heard_by(desk, "Bram") == [f"Signaal: {SUICIDE}."]


async def test_coordinators_come_after_the_duty_people_and_then_the_round_begins_again(desk: Desk) -> None:
    await desk.say("Fatima", DANGER)
    await desk.pass_time(15 * 6)

    tells = [name for name, step in await steps(desk) if step == "told"]
    assert tells == ["Anna", "Bram", "Cora", "Anna", "Bram", "Cora", "Anna"]
    assert [name for name, step in await steps(desk) if step == "passed_on"] == ["Anna", "Bram", "Cora"]


async def test_somebody_alone_is_told_again_and_never_that_it_was_passed_on(store: Store) -> None:
    desk = Desk(store, now=NIGHT)
    await desk.join("Anna")
    desk.inbox["Anna"].clear()
    await desk.say("Fatima", DANGER)
    await desk.pass_time(30)

    assert heard_by(desk, "Anna") == [f"Signaal: {SUICIDE}."] * 3


async def test_next_person_in_danger_goes_to_who_was_told_longest_ago(desk: Desk) -> None:
    for number, who in enumerate(("Fatima", "Gijs", "Hind")):
        desk.now = NIGHT + timedelta(minutes=number)
        await desk.say(who, DANGER)

    assert [name for name, step in await steps(desk) if step == "told"] == ["Anna", "Bram", "Anna"]


async def test_signal_waits_through_a_restart(desk: Desk, open_stores: Callable[[], Store]) -> None:
    await desk.say("Fatima", DANGER)
    again = Desk(open_stores(), now=NIGHT)
    await again.pass_time(15)

    assert heard_by(again, "Bram") == [f"Signaal: {SUICIDE}."]


async def test_stop_of_the_resident_does_not_take_the_signal_away(desk: Desk) -> None:
    # Nothing is sent yet: neither the words in the outbox nor the plan may go.
    for text in ("ik wil een mens spreken", DANGER, "stop"):
        await desk.conversations.take(Incoming("telegram", "Fatima", IncomingKind.TEXT, desk.now, text, text))
    await desk.deliver()
    assert heard_by(desk, "Anna") == [f"Signaal: {SUICIDE}."]
    await desk.pass_time(15)
    assert heard_by(desk, "Bram") == [f"Signaal: {SUICIDE}."]


# taking and closing


async def test_who_takes_it_stops_the_round_and_closes_it(desk: Desk) -> None:
    await desk.say("Fatima", DANGER)
    desk.now += timedelta(minutes=3)
    taking = await desk.tap("Anna", "Ik pak het op")
    assert [button.title for button in taking[0].buttons] == ["Afgehandeld"]
    assert taking[0].text.startswith("Dank u wel. U hebt dit signaal opgepakt.")
    await desk.pass_time(60)
    assert told(desk) == [2, 0, 0]
    assert open_signals(desk.store) == 1
    await desk.tap("Anna", "Afgehandeld")

    [case] = await cases(desk)
    assert desk.last("Anna").startswith("Het signaal is afgehandeld.")
    assert (case.taken_by, case.taken_at) == (case.closed_by, NIGHT + timedelta(minutes=3))
    assert case.closed_at == NIGHT + timedelta(minutes=63)
    assert open_signals(desk.store) == 0
    assert await steps(desk) == [("Anna", "told"), ("Anna", "taken"), ("Anna", "closed")]
    await desk.pass_time(60)
    assert told(desk) == [3, 0, 0]


async def test_second_press_is_harmless(desk: Desk) -> None:
    await desk.say("Fatima", DANGER)
    await desk.tap("Anna", "Ik pak het op")
    once = await cases(desk)
    desk.now += timedelta(minutes=1)
    await desk.tap("Anna", "Ik pak het op")
    assert desk.last("Anna").startswith("U hebt dit signaal al opgepakt.")
    assert [button.title for button in desk.inbox["Anna"][-1].buttons] == ["Afgehandeld"]
    assert await cases(desk) == once
    await desk.tap("Anna", "Afgehandeld")
    done = await cases(desk)
    desk.now += timedelta(minutes=1)
    for title in ("Afgehandeld", "Ik pak het op"):
        await desk.tap("Anna", title)
        assert desk.last("Anna") == "Anna heeft dit signaal al afgehandeld."
    assert await cases(desk) == done


async def test_colleague_who_presses_after_another_took_it_is_told_who_has_it(desk: Desk) -> None:
    await desk.say("Fatima", DANGER)
    await desk.pass_time(15)
    await desk.tap("Anna", "Ik pak het op")  # it was passed on meanwhile, and that does not matter
    told_bram = await desk.tap("Bram", "Ik pak het op")

    assert [message.text.splitlines()[0] for message in told_bram] == ["Anna heeft dit signaal al opgepakt."]
    assert told_bram[0].buttons == ()
    assert [case.taken_by for case in await cases(desk)] == [
        member for (member,) in stored(desk.store, "member", "case_steps WHERE step = 'taken'")
    ]
    await desk.tap("Anna", "Afgehandeld")
    await desk.tap("Bram", "Ik pak het op")
    assert desk.last("Bram") == "Anna heeft dit signaal al afgehandeld."


async def test_two_who_press_at_once_one_gets_it(desk: Desk) -> None:
    await desk.say("Fatima", DANGER)
    await desk.pass_time(15)
    await asyncio.gather(desk.tap("Anna", "Ik pak het op"), desk.tap("Bram", "Ik pak het op"))

    got = ["U hebt dit signaal opgepakt" in desk.last(name) for name in ("Anna", "Bram")]
    assert sorted(got) == [False, True]
    assert [step for _, step in await steps(desk)].count("taken") == 1


async def test_who_does_not_have_it_cannot_close_it(desk: Desk) -> None:
    await desk.say("Fatima", DANGER)
    [case] = await cases(desk)
    await desk.say("Bram", f"/handled.{case.id}")
    assert desk.last("Bram").startswith("Niemand heeft dit signaal nu opgepakt.")
    await desk.tap("Bram", "Ik pak het op")
    await desk.say("Anna", f"/handled.{case.id}")
    assert desk.last("Anna").startswith("Bram heeft dit signaal al opgepakt.")
    await desk.say("Anna", "/handled.unknown")
    assert desk.last("Anna") == "Dit signaal is niet meer open."
    assert [each.is_open for each in await cases(desk)] == [True]


async def test_button_of_a_resident_closes_nothing(desk: Desk) -> None:
    await desk.say("Fatima", DANGER)
    [case] = await cases(desk)
    for payload in (f"/handle.{case.id}", f"/handled.{case.id}"):
        await desk.say("Fatima", payload)
    assert await cases(desk) == [case]


async def test_open_signals_can_be_listed_in_the_chat(desk: Desk) -> None:
    await desk.say("Anna", "/signalen")
    assert desk.last("Anna") == "Er staat geen signaal open."
    await desk.say("Fatima", DANGER)
    await desk.say("Gijs", OTHER)
    await desk.tap("Bram", "Ik pak het op")
    shown = await desk.say("Anna", "/signalen")
    assert [message.text.splitlines()[0] for message in shown] == [
        f"Signaal: {SUICIDE}.",
        "Bram heeft dit signaal al opgepakt.",
    ]
    assert [button.title for message in shown for button in message.buttons] == ["Ik pak het op"]


# the same person again


async def test_same_kind_again_is_the_same_case_and_no_flood(desk: Desk) -> None:
    for _ in range(20):
        await desk.say("Fatima", DANGER)
    assert told(desk) == [1, 0, 0]
    [case] = await cases(desk)
    assert case.count == 20
    await desk.pass_time(15)
    assert desk.last("Bram").endswith(
        "Dit is nu 20 keer gehoord. Laatste keer: maandag 23 november om 22.00 uur"
    )


async def test_same_kind_long_after_is_told_as_a_count_to_who_has_it(desk: Desk) -> None:
    await desk.say("Fatima", DANGER)
    await desk.tap("Anna", "Ik pak het op")
    desk.now += timedelta(hours=3)
    for _ in range(3):
        await desk.say("Fatima", DANGER)

    assert heard_by(desk, "Anna")[2:] == ["Hetzelfde signaal is weer gehoord: nu 2 keer."]
    assert [button.title for button in desk.inbox["Anna"][-1].buttons] == ["Afgehandeld"]
    assert told(desk)[1:] == [0, 0]


async def test_new_kind_is_told_at_once_to_who_has_it(desk: Desk) -> None:
    await desk.say("Fatima", DANGER)
    await desk.say("Fatima", OTHER)
    assert heard_by(desk, "Anna")[1:] == [f"Bij een open signaal is nog iets gehoord: {VIOLENCE}."]
    await desk.pass_time(15)
    assert heard_by(desk, "Bram") == [f"Signaal: {SUICIDE}, {VIOLENCE}."]
    assert len(await cases(desk)) == 1


async def test_after_it_was_closed_danger_is_a_new_case(desk: Desk) -> None:
    await desk.say("Fatima", DANGER)
    await desk.tap("Anna", "Ik pak het op")
    await desk.tap("Anna", "Afgehandeld")
    await desk.say("Fatima", DANGER)

    assert [case.is_open for case in await cases(desk)] == [False, True]
    assert open_signals(desk.store) == 1


# who cannot be reached


async def test_who_leaves_with_a_signal_passes_it_on_at_once(desk: Desk) -> None:
    await desk.say("Fatima", DANGER)
    await desk.tap("Anna", "Ik pak het op")
    await desk.remove("Anna")

    assert heard_by(desk, "Bram") == [f"Signaal: {SUICIDE}."]
    assert await steps(desk) == [("?", "told"), ("?", "taken"), ("?", "let_go"), ("Bram", "told")]
    await desk.remove("Bram")
    assert heard_by(desk, "Cora") == [f"Signaal: {SUICIDE}."]


async def test_holder_who_blocked_the_bot_does_not_keep_it_to_themselves(desk: Desk) -> None:
    await desk.say("Fatima", DANGER)
    await desk.tap("Anna", "Ik pak het op")
    await desk.store.block_contact("telegram", "Anna", at=desk.now)
    await desk.say("Fatima", OTHER)

    assert heard_by(desk, "Bram")[0] == f"Signaal: {SUICIDE}, {VIOLENCE}."


async def test_where_nobody_was_there_the_first_who_comes_is_told(store: Store) -> None:
    desk = Desk(store, now=NIGHT)
    await desk.say("Fatima", DANGER)
    await desk.pass_time(120)
    await desk.join("Anna")
    desk.inbox["Anna"].clear()
    await desk.pass_time(1)

    assert heard_by(desk, "Anna") == [f"Signaal: {SUICIDE}."]
    assert "Gehoord: maandag 23 november om 22.00 uur" in desk.last("Anna")


# what the resident is told


async def test_with_nobody_there_the_resident_is_told_so_once_and_sees_the_numbers(store: Store) -> None:
    desk = Desk(store, now=OPEN)
    await desk.say("Fatima", "hallo")
    shown = [(await desk.say("Fatima", words))[-1].text for words in (DANGER, DANGER, "hallo", DANGER)]

    assert ["Er is nu niemand van ons die meeleest." in text for text in shown] == [True, False, False, True]
    assert ["113" in text for text in (shown[0], shown[1], shown[3])] == [True] * 3


async def test_where_somebody_is_told_the_resident_hears_of_it_once_in_a_case(desk: Desk) -> None:
    shown = [(await desk.say("Fatima", words))[-1].text for words in (DANGER, "hallo", DANGER, OTHER)]

    assert ["Iemand van ons team krijgt een seintje" in text for text in shown] == [True, False, False, False]
    assert "niemand" not in str(shown)


async def test_staff_who_blocked_or_never_joined_are_nobody(store: Store) -> None:
    desk = Desk(store, now=OPEN)
    await desk.join("Anna")
    await desk.store.block_contact("telegram", "Anna", at=desk.now)

    assert "niemand van ons die meeleest" in (await desk.say("Fatima", DANGER))[-1].text


async def test_in_a_talk_with_nobody_left_no_reader_is_promised(desk: Desk) -> None:
    desk.now = OPEN
    await desk.say("Fatima", "ik wil een mens spreken")
    for name in ("Anna", "Bram", "Cora"):
        await desk.remove(name)
    shown = (await desk.say("Fatima", DANGER))[-1].text

    assert "Er is nu niemand van ons die meeleest." in shown
    assert "Ik geef uw bericht ook door" not in shown


# erasing, invented residents, e-mail


async def test_erased_person_leaves_a_nameless_closed_signal(desk: Desk) -> None:
    await desk.say("Fatima", DANGER)
    [case] = await cases(desk)
    # A message about the signal still waits when the person goes.
    at = desk.now + timedelta(minutes=15)
    for due in await desk.store.claim_work(now=at, limit=99, lease=LEASE):
        await desk.conversations.act(due.kind, due.key, due.reference, at)
    await desk.conversations.take(
        Incoming("telegram", "Fatima", IncomingKind.TEXT, at, "e1", "wis mijn gegevens")
    )
    assert case.reference in str(stored(desk.store, "payload", "outbox"))
    desk.now = at
    found = [
        m
        for m in await desk.store.claim("telegram", now=at, limit=99, lease=LEASE)
        if m.channel_ref == "Fatima"
    ]
    payload = next(b.payload for b in found[0].message.buttons if b.title == "Ja, wis alles")
    await desk.conversations.take(Incoming("telegram", "Fatima", IncomingKind.TAP, at, "e2", payload))

    rows = str([stored(desk.store, "*", table.name) for table in metadata.sorted_tables])
    assert case.reference not in rows
    [left] = await cases(desk)
    assert (left.id, left.reference, left.kinds, left.at) == (case.id, "", case.kinds, case.at)
    assert (left.closed_at, left.closed_by) == (at, "")
    await desk.pass_time(60)
    await desk.tap("Anna", "Ik pak het op")
    assert desk.last("Anna") == "Dit signaal is niet meer open."
    assert heard_by(desk, "Bram") == []


async def test_invented_resident_alarms_nobody(store: Store) -> None:
    desk = Desk(store, mail_to=(MAIL,))
    await desk.join("Anna")
    incoming = Incoming("telegram", "Robot", IncomingKind.TEXT, desk.now, "r1", DANGER, simulated=True)
    await desk.conversations.take(incoming)
    await desk.deliver()
    await desk.pass_time(60)

    assert len(desk.inbox["Anna"]) == 1  # the welcome
    assert "niemand van ons die meeleest" in desk.last("Robot")
    assert await cases(desk) == []
    assert stored(store, "*", "outbox WHERE channel = 'mail'") == []


async def mailed(desk: Desk) -> list[tuple[str, str]]:
    found = []
    while heads := await desk.store.claim("mail", now=desk.now, limit=9, lease=LEASE):
        for head in heads:
            found.append((head.channel_ref, head.message.text))
            assert head.message.buttons == ()
            await desk.store.mark_sent(head.id, at=desk.now)
    return found


async def test_mail_holds_the_same_and_goes_once_for_each_thing_heard(store: Store) -> None:
    desk = Desk(store, now=NIGHT, mail_to=(MAIL, "tweede@example.nl"))
    await desk.join("Anna")
    await desk.say("Fatima", DANGER)
    text = desk.last("Anna")
    assert await mailed(desk) == [(MAIL, text), ("tweede@example.nl", text)]
    await desk.pass_time(60)
    assert await mailed(desk) == []
    await desk.say("Fatima", OTHER)
    assert [text.splitlines()[0] for _, text in await mailed(desk)] == [
        f"Bij een open signaal is nog iets gehoord: {VIOLENCE}."
    ] * 2
    assert stored(store, "*", "outbox WHERE channel = 'mail'") == []


async def test_mail_goes_also_with_nobody_in_a_chat(store: Store) -> None:
    desk = Desk(store, now=NIGHT, mail_to=(MAIL,))
    assert "niemand van ons die meeleest" in (await desk.say("Fatima", DANGER))[-1].text
    assert [address for address, _ in await mailed(desk)] == [MAIL]
    desk.now += timedelta(days=30)
    await desk.say("Fatima", DANGER)
    assert [text.splitlines()[0] for _, text in await mailed(desk)] == [
        "Hetzelfde signaal is weer gehoord: nu 2 keer."
    ]


async def test_address_stands_nowhere_readable(store: Store) -> None:
    desk = Desk(store, now=NIGHT, mail_to=(MAIL,))
    await desk.say("Fatima", DANGER)

    assert MAIL not in str(stored(store, "*", "outbox"))
    assert MAIL.partition("@")[0] not in str(stored(store, "reference, about", "outbox"))


async def test_person_has_one_open_case_whatever_happens_at_once(store: Store) -> None:
    desk = Desk(store, now=NIGHT)
    await desk.join("Anna")
    await desk.say("Fatima", "hallo")
    turns = [
        Incoming("telegram", "Fatima", IncomingKind.TEXT, desk.now, f"d{number}", DANGER)
        for number in range(5)
    ]
    await asyncio.gather(*(desk.conversations.take(each) for each in turns))

    assert [(case.count, case.is_open) for case in await cases(desk)] == [(5, True)]
    assert [step for _, step in await steps(desk)] == [Step.TOLD.value]
