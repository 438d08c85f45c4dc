"""Campaigns, invitations and meemakers on both databases."""

from datetime import timedelta

import pytest

from bot.dialogue.state import Phase, State, state_from_json, state_to_json
from bot.ports import Changes, Conversation, Invited, NewResponse, TurnDb
from domain.campaign import Campaign, CampaignCounts
from domain.consent import Purpose
from domain.message import Message
from storage import Store
from tests.unit.storage.talking import AT, CHANNEL, answer, consent, saving, stored

pytestmark = pytest.mark.anyio
CAMPAIGN = Campaign("ronde-2", "Ronde 2", "veerkracht", "1", 2, (Purpose.CONTACT,))
LATER = AT + timedelta(hours=1)
LEASE = timedelta(seconds=30)


def compose(campaign: Campaign, stored_state: str) -> Invited | None:
    state = state_from_json(stored_state)
    if state.phase is Phase.STOPPED:
        return None
    return Invited(state_to_json(state.having(invited=campaign.code)), Message("Doet u mee?"))


def lived(name: str, *consents: object, state: State = State(), **more: object) -> Changes:
    begin = NewResponse(f"response-{name}", "veerkracht", "1", "nl", **more)  # type: ignore[arg-type] # a test hands on what it was given
    return Changes(state_to_json(state), begin=begin, answers=[answer("a")], consents=list(consents))  # type: ignore[arg-type] # a test hands on what it was given


async def add(store: Store, name: str, changes: Changes, **more: object) -> str:
    found = await store.turn(saving(changes, ref=f"ref-{name}", **more))  # type: ignore[arg-type] # a test hands on what it was given
    assert found is not None
    return found.reference


async def invite(store: Store, only: list[str] | None = None) -> int:
    return await store.with_campaigns(lambda table: table.invite(CAMPAIGN, CHANNEL, AT, compose, only))


async def send(store: Store) -> int:
    return await store.with_campaigns(lambda table: table.send_waiting(CHANNEL, LATER, compose, 50))


async def counts(store: Store) -> CampaignCounts:
    [(_, found)] = await store.with_campaigns(lambda table: table.all())
    return found


@pytest.fixture
async def campaign(store: Store) -> Store:
    assert await store.with_campaigns(lambda table: table.create(CAMPAIGN, AT))
    return store


CONTACT = consent(Purpose.CONTACT)


async def test_a_code_is_taken_once_and_found_again(campaign: Store) -> None:
    assert not await campaign.with_campaigns(lambda table: table.create(CAMPAIGN, AT))
    assert await campaign.turn(lambda db: db.campaign("ronde-2", "nobody")) == (CAMPAIGN, False)
    assert await campaign.turn(lambda db: db.campaign("ronde-3", "nobody")) is None


async def test_only_who_agreed_and_did_not_stop_is_invited_and_once(campaign: Store) -> None:
    await add(campaign, "agreed", lived("agreed", CONTACT))
    await add(campaign, "silent", lived("silent", consent(Purpose.ANSWERS)))
    await add(campaign, "withdrew", lived("withdrew", CONTACT, consent(Purpose.CONTACT, given=False)))
    await add(campaign, "stopped", lived("stopped", CONTACT, state=State(Phase.STOPPED)))
    await add(campaign, "simulated", lived("simulated", CONTACT), simulated=True)
    await add(campaign, "web", lived("web", CONTACT), channel="web")
    await add(campaign, "busy", lived("busy", CONTACT, campaign="ronde-2", wave=2))
    blocked = await add(campaign, "blocked", lived("blocked", CONTACT))
    await campaign.mark_blocked(blocked, at=AT)

    assert (await invite(campaign), await invite(campaign)) == (1, 0)
    assert (await send(campaign), await send(campaign)) == (1, 0)
    [head] = await campaign.claim(CHANNEL, now=LATER, limit=9, lease=LEASE)
    assert (head.channel_ref, head.message.text) == ("ref-agreed", "Doet u mee?")
    assert await counts(campaign) == CampaignCounts(invited=1, waiting=0, begun=1, finished=0)


async def test_a_list_of_references_invites_nobody_else(campaign: Store) -> None:
    anna = await add(campaign, "anna", lived("anna", CONTACT))
    await add(campaign, "bram", lived("bram", CONTACT))

    assert await invite(campaign, [anna, "unknown"]) == 1
    assert stored(campaign, "reference", "campaign_invitations") == [(anna,)]


async def test_who_stops_before_it_is_sent_is_not_invited(campaign: Store) -> None:
    await add(campaign, "anna", lived("anna", CONTACT))
    assert await invite(campaign) == 1
    await campaign.turn(saving(Changes(state_to_json(State(Phase.STOPPED))), ref="ref-anna"))

    assert await send(campaign) == 0
    assert stored(campaign, "*", "campaign_invitations") == []
    assert await campaign.claim(CHANNEL, now=LATER, limit=9, lease=LEASE) == ()


async def test_who_talks_right_now_is_left_alone_until_later(campaign: Store) -> None:
    await add(campaign, "anna", lived("anna", CONTACT), at=LATER - timedelta(minutes=5))
    assert await invite(campaign) == 1

    assert await send(campaign) == 0
    assert await counts(campaign) == CampaignCounts(0, 1, 0, 0)


async def test_an_erased_person_leaves_no_trace_in_a_campaign(campaign: Store) -> None:
    await add(campaign, "anna", lived("anna", CONTACT))
    await invite(campaign)
    await send(campaign)
    await campaign.turn(saving(Changes("", erase=True), ref="ref-anna"))

    assert stored(campaign, "*", "campaign_invitations") == []
    assert await counts(campaign) == CampaignCounts(0, 0, 0, 0)


async def test_finishing_is_counted_and_known(campaign: Store) -> None:
    anna = await add(campaign, "anna", lived("anna", CONTACT, campaign="ronde-2", wave=2))
    await campaign.turn(saving(Changes("", close="finished"), ref="ref-anna"))

    assert await campaign.turn(lambda db: db.campaign("ronde-2", anna)) == (CAMPAIGN, True)
    assert await counts(campaign) == CampaignCounts(0, 0, 1, 1)
    assert stored(campaign, "campaign, wave", "responses") == [("ronde-2", 2)]


async def joined(store: Store) -> str:
    until = AT + timedelta(days=7)
    await store.with_meemakers(
        lambda table: table.invite("meemaker-1", "Els Peeters", "mm-code", until=until)
    )
    els = await add(store, "els", Changes(state_to_json(State())))
    assert await store.turn(lambda db: db.meemakers.redeem("mm-code", els, AT))
    return els


async def test_a_link_makes_one_meemaker_once_and_in_time(store: Store) -> None:
    els = await joined(store)

    assert not await store.turn(lambda db: db.meemakers.redeem("mm-code", "another", AT))
    assert await store.turn(lambda db: db.meemakers.id_of(els)) == "meemaker-1"
    assert await store.turn(lambda db: db.meemakers.id_of("another")) == ""
    await store.with_meemakers(lambda table: table.invite("meemaker-2", "Jan", "mm-late", until=AT))
    assert not await store.turn(lambda db: db.meemakers.redeem("mm-late", "another", AT))
    assert [tuple(each) for each in await store.with_meemakers(lambda table: table.all())] == [
        ("meemaker-1", "Els Peeters", True), ("meemaker-2", "Jan", False),
    ]  # fmt: skip # read as rows of a table


async def test_the_name_of_a_meemaker_is_encrypted(store: Store) -> None:
    await joined(store)

    assert all("Peeters" not in str(cell) for row in stored(store, "*", "meemakers") for cell in row)


async def together(store: Store, els: str) -> str:
    """A resident without a contact, for whom Els types."""

    def work(db: TurnDb) -> str:
        resident = Conversation("resident-1", CHANNEL, is_new=True, assisted_by="meemaker-1", via=els)
        changes = lived("resident", consent(Purpose.ANSWERS), state=State(assisted=True))
        later = Changes(
            changes.state, begin=changes.begin, answers=changes.answers, consents=changes.consents,
            messages=(Message("Vraag 2"),), deliver_later=True,
        )  # fmt: skip # read as rows of a table
        db.save(resident, later, channel_ref="ref-els", update_id="u1", at=AT)
        db.meemakers.keep_code("resident-1", "AAAA-BBBB-CCCC-DDDD")
        return resident.reference

    return await store.turn(work)


async def test_an_assisted_answer_says_who_typed_and_the_chat_is_the_meemakers(store: Store) -> None:
    els = await joined(store)
    await together(store, els)

    assert stored(store, "typed_by", "answers") == [("meemaker-1",)]
    assert stored(store, "reference, assisted_by", "responses") == [("resident-1", "meemaker-1")]
    assert stored(store, "reference", "contacts") == [(els,)]
    [head] = await store.claim(CHANNEL, now=AT, limit=9, lease=LEASE)
    assert (head.reference, head.channel_ref) == (els, "ref-els")
    found = await store.turn(lambda db: db.find("resident-1"))
    assert found is not None
    assert found.assisted_by == "meemaker-1"


NUMBER = "7KQ4-M2XD"


async def test_the_code_erases_the_resident_and_nobody_else(store: Store) -> None:
    els = await joined(store)
    await together(store, els)

    assert not await store.with_meemakers(
        lambda table: table.erase("ZZZZ-BBBB-CCCC-DDDD", AT, receipt=NUMBER)
    )
    assert await store.with_meemakers(lambda table: table.erase("AAAA-BBBB-CCCC-DDDD", AT, receipt=NUMBER))
    assert stored(store, "*", "answers") == []
    assert stored(store, "reference", "conversations") == [(els,)]
    assert not await store.with_meemakers(
        lambda table: table.erase("AAAA-BBBB-CCCC-DDDD", AT, receipt=NUMBER)
    )


async def test_a_meemaker_who_erases_themselves_leaves_the_residents(store: Store) -> None:
    els = await joined(store)
    await together(store, els)
    await store.turn(saving(Changes("", erase=True), ref="ref-els"))

    assert stored(store, "*", "meemakers") == []
    assert stored(store, "reference", "conversations") == [("resident-1",)]


async def test_silence_forgets_a_resident_without_consent_but_no_meemaker(store: Store) -> None:
    from bot.ports import PlannedWork

    els = await joined(store)
    plan = [PlannedWork(f"forget:{els}", "forget", AT)]
    await store.turn(saving(Changes(state_to_json(State()), plan=plan), ref="ref-els"))

    assert (await store.purge(now=AT + timedelta(days=3))).people == 0
    assert await store.turn(lambda db: db.meemakers.id_of(els)) == "meemaker-1"
