"""Invitations from the desk to the chat and the mailbox: what calendars are left with, and in which order they hear it, on
both databases."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

import pytest
from icalendar import Calendar

from app.talk_calendar import TalkCalendar
from app.talk_desk import opener
from bot.meeting.ports import TalkDesk
from bot.meeting.post import Post
from bot.ports import Changes, OutboxMessage, TurnDb
from bot.texts.catalogue import load_catalogue
from domain.session import Meemaker, News, Person, Session, Stretch, Tell
from domain.talk_outcomes import Booked, Offered
from storage import Store
from storage.people_import import with_people
from storage.sessions import SessionTable
from storage.staff import MAIL
from tests.contract.test_sessions import do
from tests.unit.scheduler.town import DUOS, MEEMAKERS, NOW, PLACES, WISH
from tests.unit.storage.talking import saving

pytestmark = pytest.mark.anyio
T = TypeVar("T")
DAY = timedelta(days=1)
LEASE = timedelta(minutes=2)
CATALOGUE = load_catalogue()


@dataclass
class Town:
    store: Store
    chats: dict[str, str]
    """A person to the name of their conversation."""
    post: Post

    def __post_init__(self) -> None:
        ids = itertools.count()
        self.open_desk, self.now = opener(lambda: f"talk-{next(ids)}"), NOW

    async def turn(self, what: Callable[[TalkDesk], T]) -> T:
        """Something asked of the desk, and everybody told."""
        self.now += timedelta(minutes=1)

        def work(db: TurnDb) -> T:
            desk = self.open_desk(db.sessions)
            done = what(desk)
            self.post.tell(db, desk, getattr(done, "tells", ()), self.now)
            return done

        return await self.store.turn(work)

    async def book(self, days: int) -> Session:
        """For the first time, or in place of what is booked."""
        start, ria = NOW + DAY * days + timedelta(hours=1), self.chats["ria"]
        wish = replace(WISH, windows=(Stretch(start, start + timedelta(minutes=75)),))
        mine = await self.turn(lambda desk: list(desk.mine(ria, now=self.now)))
        offered = await self.turn(
            lambda desk: (
                desk.move(ria, mine[0].id, now=self.now, wish=wish)
                if mine
                else desk.offer(ria, wish, now=self.now)
            )
        )
        assert isinstance(offered, Offered)
        assert offered.offers
        booked = await self.turn(lambda desk: desk.book(ria, offered.offers[0].id, now=self.now))
        assert isinstance(booked, Booked)
        for each in booked.session.meemakers:
            await self.turn(lambda desk, who=each: desk.accept(who, booked.session.id, now=self.now))
        return booked.session

    async def heads(self, channel: str) -> list[OutboxMessage]:
        return list(await self.store.claim(channel, now=self.now, limit=99, lease=LEASE))

    async def sent(self, channel: str, whom: str) -> list[Calendar]:
        """What arrives with somebody, in order; each is in trouble once before it does."""
        found = []
        while heads := [each for each in await self.heads(channel) if each.reference == whom]:
            [head] = heads
            await self.store.mark_again(head.id, not_before=self.now + DAY)
            assert whom not in {each.reference for each in await self.heads(channel)}  # it waits for its turn
            self.now += DAY
            [again] = [each for each in await self.heads(channel) if each.reference == whom]
            assert again.id == head.id
            await self.store.mark_sent(head.id, at=self.now)
            if head.message.document is not None:
                assert head.message.text
                found.append(Calendar.from_ical(head.message.document.content))
        return found


@pytest.fixture
async def town(store: Store) -> Town:
    chats = {}
    for each in ("ria", *(one.id for one in MEEMAKERS)):
        found = await store.turn(saving(Changes("{}"), ref=f"chat of {each}"))
        assert found is not None
        chats[each] = found.reference

    def people(talks: SessionTable) -> None:
        for each in MEEMAKERS:
            talks.put_meemaker(replace(each, reference=chats[each.id]), name=f"{each.id.title()} X", at=NOW)
            talks.set_hours(each.id, each.hours)
        talks.put_duo(DUOS[0])
        for place in PLACES:
            talks.put_place(place)

    await do(store, people)
    await with_people(store, lambda table: table.put_people([_with_mail(MEEMAKERS[0])], NOW))
    calendar = TalkCalendar(CATALOGUE, "wijk@example.org")
    return Town(store, chats, Post(CATALOGUE, invite=calendar.invite, by_mail=calendar.by_mail))


def _with_mail(who: Meemaker) -> Person:
    return Person(
        who.id,
        "Els X",
        who.kind,
        who.languages,
        who.neighbourhoods,
        who.gender,
        who.max_per_week,
        who.hours,
        "els@example.org",
    )


async def move_three_times_and_cancel(town: Town) -> Session:
    for days in (1, 2, 3, 8):
        session = await town.book(days)
    ria = town.chats["ria"]
    await town.turn(lambda desk: desk.cancel(ria, session.id, now=town.now))
    return session


def lines(calendars: list[Calendar]) -> list[tuple[str, int]]:
    return [(str(each["METHOD"]), int(each.walk("VEVENT")[0]["SEQUENCE"])) for each in calendars]


@pytest.mark.parametrize("channel", ["telegram", MAIL])
async def test_three_moves_and_a_cancel_arrive_in_order_however_much_trouble_there_is(
    town: Town, channel: str
) -> None:
    await move_three_times_and_cancel(town)

    arrived = await town.sent(channel, town.chats["els"] if channel == "telegram" else f"{MAIL}:els")

    assert list(dict.fromkeys(lines(arrived))) == [*(("REQUEST", each) for each in range(4)), ("CANCEL", 4)]
    events = [each.walk("VEVENT")[0] for each in arrived]
    assert len({str(each["UID"]) for each in events}) == 1
    assert all(each.start < each.end for each in events)
    assert [str(each["STATUS"]) for each in events][-1] == "CANCELLED"


async def test_invitation_names_both_of_the_duo_and_no_resident(town: Town) -> None:
    await town.book(1)

    first, *_ = await town.sent("telegram", town.chats["els"])

    [event] = first.walk("VEVENT")
    assert [each.params["CN"] for each in event["ATTENDEE"]] == ["Els", "Jo"]
    assert str(event["ORGANIZER"]) == "mailto:wijk@example.org"
    assert event["DTSTART"].params["TZID"] == "Europe/Amsterdam"
    assert town.chats["ria"] not in first.to_ical().decode()
    assert "els@example.org" not in first.to_ical().decode()  # it is for the other half to see, too


async def test_mail_goes_only_to_who_has_an_address_and_is_for_that_address(town: Town) -> None:
    await town.book(1)

    heads = await town.heads(MAIL)

    assert [(each.reference, each.channel_ref) for each in heads] == [("mail:els", "els@example.org")]
    assert heads[0].message.document is not None
    [event] = Calendar.from_ical(heads[0].message.document.content).walk("VEVENT")
    assert str(event["ATTENDEE"][0]) == "mailto:els@example.org"
    assert str(event["ATTENDEE"][1]).startswith("urn:uuid:")


async def test_without_a_mail_server_nothing_waits_for_one(town: Town) -> None:
    calendar = TalkCalendar(CATALOGUE)
    town.post = Post(CATALOGUE, invite=calendar.invite, by_mail=calendar.by_mail)
    await town.book(1)

    assert await town.heads(MAIL) == []


async def test_mail_to_who_is_erased_goes_with_them(town: Town) -> None:
    await town.book(1)
    await town.store.turn(saving(Changes("{}", erase=True), ref="chat of els"))

    assert await town.heads(MAIL) == []


async def test_resident_gets_their_own_words(town: Town) -> None:
    await town.book(1)

    [confirmed] = await town.sent("telegram", town.chats["ria"])

    [event] = confirmed.walk("VEVENT")
    assert str(event["SUMMARY"]) == "Gesprek van Wijkverhaal"
    assert "U praat met Els + Jo" in event["DESCRIPTION"]
    assert str(event["LOCATION"]) == "Hall, big, Street 1"


async def test_who_says_no_is_taken_out_and_the_talk_goes_on_for_the_other(town: Town) -> None:
    session = await town.book(1)
    await town.turn(lambda desk: desk.decline("jo", session.id, now=town.now))

    els = await town.sent("telegram", town.chats["els"])
    assert lines(els)[-1] == ("REQUEST", 1)
    assert [each.params["CN"] for each in els[-1].walk("VEVENT")[0]["ATTENDEE"]] != ["Els", "Jo"]


async def test_who_changes_something_gets_only_what_their_calendar_has_to_know(town: Town) -> None:
    session = await town.book(1)
    els = town.chats["els"]
    gone = Tell(els, News.WITHDRAWN, session.id, "els")

    def give_up(db: TurnDb) -> None:
        desk = town.open_desk(db.sessions)
        done = desk.decline("els", session.id, now=town.now)
        town.post.tell(db, desk, (*done.tells, gone), town.now, but_for=els)

    await town.store.turn(give_up)

    for channel, whom in (("telegram", els), (MAIL, f"{MAIL}:els")):
        arrived = await town.sent(channel, whom)
        assert lines(arrived)[-1] == ("CANCEL", 1)
        [event] = arrived[-1].walk("VEVENT")
        assert event["ATTENDEE"].params["CN"] == "Els"
        assert "STATUS" not in event  # it goes on, with somebody else
