"""Everybody hears what matters to them, in their language, where and when, with buttons that work; else the staff on duty."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from bot.dialogue.state import Phase, State, state_to_json
from bot.meeting.ports import TalkDesk
from bot.meeting.post import Post
from bot.meeting.taps import DuoTap, TalkTap, read_tap
from bot.ports import Conversation, TurnDb
from bot.texts.catalogue import LANGUAGES, load_catalogue
from domain.message import Document, Message
from domain.session import (
    HOLD,
    Invitation,
    InvitationStatus,
    News,
    Offer,
    Place,
    Session,
    SessionKind,
    SessionStatus,
    Stretch,
    Tell,
)
from domain.staff import Role, StaffMember

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
WHEN = Stretch(datetime(2026, 12, 1, 13, tzinfo=UTC), datetime(2026, 12, 1, 14, 15, tzinfo=UTC))
HALL = Place("hall", "Buurthuis", "Plein 1, Maastricht", "nazareth", True, (), ())
TALK = Session("s1", SessionKind.PRIVATE, "d", "els", "jo", "hall", "zaal", WHEN, SessionStatus.CONFIRMED)
VISIT = replace(TALK, id="s2", kind=SessionKind.HOME, place=None, room="")
LATER = replace(TALK, id="s3", when=Stretch(WHEN.start + timedelta(hours=3), WHEN.end + timedelta(hours=3)))
OFFERS = tuple(
    Offer(f"o{number}", SessionKind.PRIVATE, "d", "hall", "zaal", WHEN, NOW + HOLD) for number in range(3)
)
ANN = StaffMember("ann", "Ann", Role.DUTY, "en", "telegram", "1")
BEA = StaffMember("bea", "Bea", Role.COORDINATOR, "nl", "telegram", "2")


@dataclass
class FakeDesk:
    sessions: Sequence[Session] = (TALK, VISIT, LATER)
    offers: Sequence[Offer] = ()
    address: str = "Straat 2"
    to_answer: timedelta = timedelta(hours=6)

    def session(self, id: str) -> Session | None:
        return next((each for each in self.sessions if each.id == id), None)

    def place(self, id: str) -> Place | None:
        return HALL if id == "hall" else None

    def places(self) -> Sequence[Place]:
        return (HALL,)

    def names(self, meemakers: Sequence[str]) -> dict[str, str]:
        return {id: name for id, name in {"els": "Els", "jo": "Jo"}.items() if id in meemakers}

    def address_of(self, session_id: str) -> str:
        return self.address

    def offers_of(self, reference: str, *, now: datetime) -> Sequence[Offer]:
        return self.offers

    def invitation(self, meemaker: str, session_id: str) -> Invitation | None:
        return Invitation(session_id, meemaker, InvitationStatus.ASKED, NOW, NOW + self.to_answer)


@dataclass
class FakeDb:
    """Everybody but `away` can be written to; `speak` English where they are named."""

    away: Sequence[str] = ()
    stopped: Sequence[str] = ()
    english: Sequence[str] = ()
    members: Sequence[StaffMember] = (ANN, BEA)
    sent: list[tuple[str, Message, str]] = field(default_factory=list)
    reminded: dict[str, int] = field(default_factory=dict)
    about: list[str] = field(default_factory=list)
    planned: list[tuple[str, str, datetime]] = field(default_factory=list)

    @property
    def desk(self) -> "FakeDb":
        return self

    def plan(self, key: str, kind: str, reference: str, due_at: datetime) -> None:
        self.planned.append((key, kind, due_at))

    def staff(self) -> Sequence[StaffMember]:
        return self.members

    def find(self, reference: str) -> Conversation:
        phase = Phase.STOPPED if reference in self.stopped else Phase.FINISHED
        return Conversation(reference, "telegram", state_to_json(State(phase=phase)))

    def language(self, reference: str) -> str:
        return "en" if reference in self.english else "nl"

    def may_remind(self, reference: str, *, at: datetime, since: datetime, most: int) -> bool:
        self.reminded[reference] = self.reminded.get(reference, 0) + 1
        return self.reminded[reference] <= most

    def post(self, reference: str, message: Message, *, at: datetime, key: str = "", about: str = "") -> bool:
        if reference in self.away or key in [known for _, _, known in self.sent]:
            return reference not in self.away
        self.sent.append((reference, message, key))
        self.about.append(about)
        return True

    def tell_member(self, member: StaffMember, message: Message, *, at: datetime, about: str = "") -> None:
        self.sent.append((f"staff:{member.id}", message, about))

    def tell_address(self, address: str, message: Message, *, at: datetime, about: str) -> None:
        self.sent.append((address, message, about))


def told(
    *tells: Tell,
    db: FakeDb | None = None,
    desk: FakeDesk | None = None,
    at: datetime = NOW,
    post: Post | None = None,
    **more: Any,
) -> list[tuple[str, Message]]:
    db = db or FakeDb()
    post = post or Post(load_catalogue())
    post.tell(cast(TurnDb, db), cast(TalkDesk, desk or FakeDesk()), tells, at, **more)
    return [(who, message) for who, message, _ in db.sent]


def to_resident(news: News, session: str = "s1", **more: Any) -> Message:
    [(who, message)] = told(Tell("r", news, session), **more)
    assert who == "r"
    return message


def to_duo(news: News, session: str = "s1", **more: Any) -> Message:
    [(who, message)] = told(Tell("m", news, session, "els"), **more)
    assert who == "m"
    return message


def taps(message: Message) -> list[tuple[object, str]]:
    read = [read_tap(button.payload) for button in message.buttons]
    return [(tap.what, tap.about) for tap in read if tap is not None]


@pytest.mark.parametrize("news", [News.CONFIRMED, News.MOVED, News.REMIND_DAY, News.REMIND_SOON])
def test_resident_hears_when_where_and_who_and_how_to_change_it(news: News) -> None:
    message = to_resident(news)

    assert "dinsdag 1 december, 14.00 uur" in message.text
    assert "Buurthuis, Plein 1, Maastricht" in message.text
    assert "U praat met Els en Jo." in message.text
    assert taps(message) == [(TalkTap.MOVE, "s1"), (TalkTap.CANCEL, "s1")]


@pytest.mark.parametrize("news", [News.CONFIRMED, News.REMIND_DAY, News.REMIND_SOON, News.MOVED])
def test_meemaker_hears_when_where_and_with_whom(news: News) -> None:
    message = to_duo(news)

    assert "dinsdag 1 december, 14.00 uur" in message.text
    assert "Buurthuis, Plein 1, Maastricht" in message.text
    assert "Samen met Jo." in message.text
    assert "Gesprek met één bewoner, in het Nederlands" in message.text


def test_meemaker_is_asked_with_a_button_for_yes_and_no_and_until_when() -> None:
    message = to_duo(News.ASKED)

    assert "maandag 30 november, 16.00 uur" in message.text
    assert taps(message) == [(DuoTap.YES, "s1"), (DuoTap.NO, "s1")]


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (60, "11.00 uur"),
        (74, "11.00 uur"),
        (75, "11.15 uur"),
        (44, "10.30 uur"),
        (29, "10.29 uur"),  # at the quarter it would be half over before it is read
    ],
)
def test_deadline_is_said_at_the_quarter_before_it_and_never_later(minutes: int, said: str) -> None:
    until = timedelta(minutes=minutes)
    offers = [replace(each, until=NOW + until) for each in OFFERS]

    answer = f"Wilt u antwoorden voor maandag 30 november, {said}?"
    held = f"We houden deze tijden voor u vast tot maandag 30 november, {said}."
    assert answer in to_duo(News.ASKED, desk=FakeDesk(to_answer=until)).text
    assert held in to_resident(News.OFFERED, "", desk=FakeDesk(offers=offers)).text


def test_deadline_is_said_at_a_quarter_in_english_too() -> None:
    asked = to_duo(News.ASKED, db=FakeDb(english=["m"]), desk=FakeDesk(to_answer=timedelta(minutes=74)))

    assert "Please answer before Monday 30 November, 11:00." in asked.text


def test_visit_at_home_gives_the_address_to_the_duo_alone() -> None:
    assert "Straat 2" in to_duo(News.CONFIRMED, "s2").text
    assert "nog" in to_duo(News.CONFIRMED, "s2", desk=FakeDesk(address="")).text
    assert "bij u thuis" in to_resident(News.CONFIRMED, "s2").text
    assert "Straat 2" not in to_resident(News.CONFIRMED, "s2").text


@pytest.mark.parametrize("news", [News.NO_DUO, News.OFFERED])
def test_offers_come_as_buttons_with_something_else_at_the_end(news: News) -> None:
    message = to_resident(news, "s1" if news is News.NO_DUO else "", desk=FakeDesk(offers=OFFERS))

    assert "10.15 uur" in message.text
    assert taps(message) == [(TalkTap.TAKE, each.id) for each in OFFERS] + [(TalkTap.ELSE, "")]
    assert all("Buurthuis" in button.title for button in message.buttons[:3])
    assert all(len(button.title) <= 64 for button in message.buttons)


def test_without_offers_the_resident_hears_that_we_look_on() -> None:
    assert "We zoeken verder" in to_resident(News.NO_DUO).text
    assert to_resident(News.OFFERED, "").buttons == ()


def test_what_comes_afterwards() -> None:
    how = to_resident(News.HOW_WAS_IT)
    assert [button.title for button in how.buttons] == ["Goed", "Gaat wel", "Niet goed"]
    assert {each.payload.split(":")[-1] for each in how.buttons} == {"good", "so_so", "bad"}
    assert taps(to_duo(News.REPORT)) == [(DuoTap.REPORT, "s1")]


def test_duo_at_a_visit_is_asked_whether_they_are_there_and_whether_they_left() -> None:
    assert taps(to_duo(News.CHECK_IN, "s2", at=WHEN.start)) == [(DuoTap.ARRIVED, "s2")]
    assert taps(to_duo(News.CHECK_IN, "s2", at=WHEN.end)) == [(DuoTap.LEFT, "s2")]


@pytest.mark.parametrize("news", [News.CANCELLED, News.WITHDRAWN, News.REPLACED])
def test_duo_hears_which_talk_is_off_or_changes(news: News) -> None:
    assert "dinsdag 1 december, 14.00 uur" in to_duo(news).text


def test_resident_whose_talk_is_off_can_ask_for_another() -> None:
    assert taps(to_resident(News.CANCELLED)) == [(TalkTap.WANT, "")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("news", News)
def test_every_kind_of_news_has_words_in_every_language(news: News, language: str) -> None:
    people = ["r", "m"] if language == "en" else []
    if news is not News.CHECK_MISSED:
        duo = news not in (News.NO_DUO, News.HOW_WAS_IT, News.OFFERED)
        tell = Tell("m", news, "s1", "els") if duo else Tell("r", news, "s1")
        assert told(tell, db=FakeDb(english=people))[0][1].text
    staff = replace(ANN, language=language)
    for_duo = news not in (News.NO_DUO, News.HOW_WAS_IT, News.OFFERED, News.CHECK_MISSED)
    lost = Tell("", news, "" if news is News.OFFERED else "s1", "els" if for_duo else "")
    told(lost, db=FakeDb(members=[staff]))


def test_english_is_for_who_speaks_it() -> None:
    message = to_resident(News.CONFIRMED, db=FakeDb(english=["r"]))
    assert "Tuesday 1 December, 14:00" in message.text
    assert message.buttons[0].title == "Move it"


def test_several_reminders_for_one_person_are_one_message() -> None:
    tells = [Tell("m", News.REMIND_DAY, each, "els") for each in ("s1", "s3")]
    [(_, message)] = told(*tells, key="session:s1:session_day:els")

    assert "2 gesprekken" in message.text
    assert "14.00 uur" in message.text
    assert "17.00 uur" in message.text


VISITS = (
    replace(VISIT, booked=("ria",)),
    replace(VISIT, id="s4", booked=("piet",), when=LATER.when),
)


def test_several_visits_at_home_in_one_reminder_keep_no_address_and_lead_to_the_agenda() -> None:
    db = FakeDb()
    tells = [Tell("m", News.REMIND_DAY, each.id, "els") for each in VISITS]
    [(_, message)] = told(*tells, db=db, desk=FakeDesk(sessions=VISITS))
    assert "Straat 2" not in message.text
    assert message.text.count("Het adres staat bij 'Mijn gesprekken'.") == 2
    assert taps(message) == [(DuoTap.AGENDA, "")]
    assert db.about == [""]

    english = FakeDb(english=["m"])
    [(_, message)] = told(*tells, db=english, desk=FakeDesk(sessions=VISITS))
    assert "under 'My talks'" in message.text
    one = FakeDb()
    [(_, message)] = told(tells[1], db=one, desk=FakeDesk(sessions=VISITS))
    assert "Straat 2" in message.text
    assert one.about == ["piet"]


def test_each_visit_has_a_check_in_of_its_own_that_goes_with_its_resident() -> None:
    db = FakeDb()
    tells = [Tell("m", News.CHECK_IN, each.id, "els") for each in VISITS]
    sent = told(*tells, db=db, desk=FakeDesk(sessions=VISITS), at=WHEN.start)
    assert [taps(message) for _, message in sent] == [[(DuoTap.ARRIVED, "s2")], [(DuoTap.ARRIVED, "s4")]]
    assert db.about == ["ria", "piet"]


def test_of_several_talks_the_staff_hear_each_when_no_message_reaches_the_meemaker() -> None:
    tells = [Tell("m", News.REMIND_DAY, each.id, "els") for each in VISITS]
    sent = told(*tells, db=FakeDb(away=["m"]), desk=FakeDesk(sessions=VISITS))
    assert [who for who, _ in sent] == ["staff:ann", "staff:ann"]
    assert [each.id in message.text for each, (_, message) in zip(VISITS, sent, strict=True)] == [True, True]


def test_who_brought_it_about_reads_it_in_the_reply() -> None:
    tells = [Tell("r", News.CONFIRMED, "s1"), Tell("m", News.CONFIRMED, "s1", "els")]
    assert [who for who, _ in told(*tells, but_for="m")] == ["r"]


def test_reminders_have_a_weekly_budget_and_other_news_has_none() -> None:
    db, post = FakeDb(), Post(load_catalogue(), reminders_per_week=2)
    for _ in range(4):
        told(Tell("r", News.REMIND_DAY, "s1"), db=db, post=post, key=f"k{len(db.sent)}")
    told(Tell("r", News.CANCELLED, "s1"), db=db, post=post)
    assert len(db.sent) == 3


def test_who_cannot_be_written_to_is_for_who_is_on_duty_without_a_word_of_theirs() -> None:
    [(who, message)] = told(Tell("web", News.CANCELLED, "s1"), db=FakeDb(away=["web"]))

    assert who == "staff:ann"
    assert "Resident web" in message.text
    assert "s1" in message.text
    assert "Tuesday 1 December" in message.text


def test_meemaker_who_never_joined_is_for_who_is_on_duty() -> None:
    [(who, message)] = told(Tell("", News.ASKED, "s1", "els"), db=FakeDb(members=[BEA]))
    assert (who, "Meemaker Els" in message.text) == ("staff:bea", True)


@pytest.mark.parametrize("news", [News.REMIND_SOON, News.HOW_WAS_IT])
def test_staff_are_not_troubled_with_what_can_be_missed(news: News) -> None:
    assert told(Tell("web", news, "s1"), db=FakeDb(away=["web"])) == []


def test_offers_for_somebody_who_cannot_be_written_to_are_told_to_staff() -> None:
    [(_, message)] = told(Tell("web", News.OFFERED, ""), db=FakeDb(away=["web"]))
    assert "web" in message.text


def test_of_a_visit_that_is_not_ended_everybody_of_the_staff_hears_and_the_mailboxes() -> None:
    post = Post(load_catalogue(), mail_to=["zorg@example.org"])
    sent = told(Tell("", News.CHECK_MISSED, "s2"), post=post, db=FakeDb())

    assert [who for who, _ in sent] == ["staff:ann", "staff:bea", "zorg@example.org"]
    assert all("Els" in message.text and "Straat 2" not in message.text for _, message in sent)


def test_news_of_a_session_that_is_gone_is_not_told() -> None:
    assert told(Tell("r", News.CONFIRMED, "gone")) == []
    assert told(Tell("", News.CHECK_MISSED, "gone")) == []


def test_nobody_on_duty_is_no_trouble() -> None:
    assert told(Tell("web", News.CANCELLED, "s1"), db=FakeDb(away=["web"], members=[])) == []


def test_news_of_an_appointment_brings_it_for_the_calendar() -> None:
    document = Document("gesprek.ics", "text/calendar", "BEGIN:VCALENDAR")
    post = Post(load_catalogue(), invite=lambda desk, session, tell, language, at: document)

    assert to_duo(News.CONFIRMED, post=post).document == document
    assert to_resident(News.CANCELLED, post=post).document == document
    assert to_duo(News.REMIND_DAY, post=post).document is None


@pytest.mark.parametrize("news", [News.REMIND_DAY, News.REMIND_SOON, News.HOW_WAS_IT, News.OFFERED])
def test_who_said_stop_is_left_alone_with_what_can_be_missed(news: News) -> None:
    assert told(Tell("r", news, "s1"), db=FakeDb(stopped=["r"])) == []


@pytest.mark.parametrize("news", [News.CANCELLED, News.MOVED, News.NO_DUO])
def test_who_said_stop_hears_all_the_same_that_nobody_will_be_there(news: News) -> None:
    assert [who for who, _ in told(Tell("r", news, "s1"), db=FakeDb(stopped=["r"]))] == ["r"]


def test_where_a_resident_lives_goes_by_no_mail() -> None:
    mailed: list[str] = []
    document = Document("gesprek.ics", "text/calendar", "BEGIN:VCALENDAR")
    post = Post(
        load_catalogue(),
        invite=lambda desk, session, tell, language, at: document,
        by_mail=lambda db, desk, session, tell, text, language, at, key: mailed.append(text),
    )

    in_chat = to_duo(News.CONFIRMED, "s2", post=post)

    assert "Straat 2" in in_chat.text
    assert "nog in de chat" in mailed[0]
    assert "Straat 2" not in mailed[0]
