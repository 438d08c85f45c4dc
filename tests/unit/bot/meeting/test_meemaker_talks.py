"""Talks of meemakers in their own chat: the agenda, yes and no, giving one up, and what happens at a talk."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.dialogue.effects import Literal, Say
from bot.dialogue.turn import Turn
from bot.meeting.taps import DuoTap, payload
from domain.message import IncomingKind
from domain.session import InvitationStatus, SessionKind, SessionStatus
from tests.unit.bot.meeting.duo_chat import THURSDAY, TUESDAY, WEDNESDAY, DuoTown
from tests.unit.scheduler.town import DUOS, MEEMAKERS, NOW

HOME = SessionKind.HOME


@pytest.fixture
def town(tmp_path: Path) -> Iterator[DuoTown]:
    here = DuoTown(tmp_path, people=("els", "jo", "bo"))
    yield here
    here.close()


def answer_of(town: DuoTown, who: str, session: str) -> InvitationStatus | None:
    found = town.desk(lambda desk: desk.invitation(who, session))
    return found.status if found is not None else None


def tap(what: DuoTap, session: Any) -> str:
    return payload(what, getattr(session, "id", session))


# Joining and the agenda


def test_who_joins_with_their_link_is_led_to_their_times_and_talks(tmp_path: Path) -> None:
    town = DuoTown(tmp_path, people=())
    town.shown = town.join(MEEMAKERS[0])
    assert "meemaker" in town.shown[0].text
    assert "Uw vaste tijden staan er al" in town.shown[1].text
    assert "Wanneer kunt u elke week?" in town.press("els", "Mijn vaste tijden")
    town.close()


def test_who_has_no_hours_yet_is_asked_for_them(tmp_path: Path) -> None:
    town = DuoTown(tmp_path, people=())
    town.shown = town.join(replace(MEEMAKERS[0], hours=()))
    assert "wanneer u elke week kunt" in town.shown[1].text
    town.close()


@pytest.mark.parametrize(
    ("said", "shown"), [("hoi", "Hallo! Wat wilt u doen?"), ("bloemkool", "Dat begrijp ik nog niet.")]
)
def test_a_meemaker_who_says_something_is_not_led_into_the_questions(
    tmp_path: Path, said: str, shown: str
) -> None:
    town = DuoTown(tmp_path, people=("els",))
    heard = town.say("els", said)
    assert shown in heard
    assert "Mogen de gemeente" not in heard
    assert "Mogen de gemeente" in town.say("els", "start")
    town.close()


def test_times_told_after_the_welcome_are_said_back(tmp_path: Path) -> None:
    town = DuoTown(tmp_path, people=())
    town.shown = town.join(replace(MEEMAKERS[0], hours=()))
    said = town.say("els", "maandag en dinsdag van 9 tot 17, donderdag na tienen")
    assert "maandag tot en met dinsdag, 9.00 tot 17.00 uur" in said
    assert "donderdag, 10.00 tot" in said
    town.close()


def test_the_words_on_a_button_may_be_typed(town: DuoTown) -> None:
    assert "geen gesprekken" in town.say("els", "mijn gesprekken")
    assert "Dit zijn uw vaste tijden" in town.say("els", "wanneer kan ik?")


CODE = "mm-0123456789abcdefWXYZ"


def invited(town: DuoTown) -> None:
    """Els has a link that she did not use yet."""
    until = NOW + timedelta(days=7)
    town.run(town.store.with_meemakers(lambda db: db.invite("els", "Els", CODE, until=until)))
    els = replace(MEEMAKERS[0], reference="")
    town.run(town.store.with_sessions(lambda db: db.put_meemaker(els, name="Els", at=NOW)))


@pytest.mark.parametrize(
    ("channel", "typed"),
    [
        ("web", CODE),
        ("web", f"/start {CODE}"),
        ("web", f" https://praat.example.nl/?start={CODE} "),
        ("web", CODE.replace("mm", "Mm")),
        ("rest", f"/start {CODE}"),
        ("rest", CODE),
        ("telegram", CODE),
    ],
)
def test_a_link_works_once_where_its_code_is_typed(tmp_path: Path, channel: str, typed: str) -> None:
    town = DuoTown(tmp_path, people=())
    invited(town)
    kind = IncomingKind.TAP if typed.startswith("/") and channel == "rest" else IncomingKind.TEXT
    said = town.take("els", typed, channel=channel, kind=kind)
    assert "Welkom, meemaker" in said[0].text
    can_be_written_to = channel == "telegram"
    assert ("geen bericht sturen" in said[1].text) is not can_be_written_to
    (late,) = town.take("somebody", typed, channel=channel, kind=kind)
    assert "Deze link werkt niet meer" in late.text
    town.close()


def test_who_joined_on_the_page_answers_invitations_there(tmp_path: Path) -> None:
    town = DuoTown(tmp_path, people=())
    invited(town)
    town.take("els", CODE, channel="web")
    town.join(MEEMAKERS[1])
    town.run(town.store.with_sessions(lambda db: db.set_hours("els", MEEMAKERS[0].hours)))
    town.run(town.store.with_sessions(lambda db: db.put_duo(DUOS[0])))
    session = town.booked()
    shown = town.take("els", "/duo", channel="web")
    assert any("Ja, ik kom" in button.title for each in shown for button in each.buttons)
    town.take("els", tap(DuoTap.YES, session), channel="web")
    assert answer_of(town, "els", session.id) is InvitationStatus.ACCEPTED
    town.close()


@pytest.mark.parametrize("words", ["mm-hmm", "mm-mm", "mm-0123", f"{CODE} en nog iets"])
def test_other_words_are_no_link(tmp_path: Path, words: str) -> None:
    town = DuoTown(tmp_path, people=())
    invited(town)
    assert "link" not in town.say("els", words)
    assert "Welkom, meemaker" not in town.say("els", words)
    town.close()


def test_joining_on_the_page_in_english(tmp_path: Path) -> None:
    town = DuoTown(tmp_path, people=(), language="en")
    invited(town)
    assert "cannot send you a message here" in town.take("els", CODE, channel="web")[1].text
    town.close()


def test_who_only_fills_in_together_is_not(tmp_path: Path) -> None:
    town = DuoTown(tmp_path, people=())
    until = NOW + timedelta(days=7)
    town.run(town.store.with_meemakers(lambda db: db.invite("ans", "Ans", "mm-ans", until=until)))
    assert len(town.take("ans", kind=IncomingKind.OPEN, code="mm-ans")) == 1
    assert "U heeft nu geen gesprekken" not in town.say("ans", "agenda")
    town.close()


def test_agenda_names_when_where_who_and_what_was_answered(town: DuoTown) -> None:
    session = town.booked()
    said = town.say("els", "agenda")
    assert (
        "dinsdag 1 december, 14.00 uur\nHall, Street 1\nSamen met Jo\nGesprek met één bewoner\n"
        "Kunt u dan? U heeft nog niet geantwoord.\n[Ja, ik kom]\n[Nee, ik kan niet]"
    ) in said
    town.say("els", tap(DuoTap.YES, session))
    assert "U komt. Uw maatje heeft nog niet geantwoord." in town.say("els", "wanneer heb ik een afspraak")
    town.say("jo", tap(DuoTap.YES, session))
    said = town.say("els", "/duo")
    assert "Dit gesprek gaat door." in said
    assert "[Ja, ik kom]" not in said


def test_agenda_is_empty(town: DuoTown) -> None:
    assert "U heeft nu geen gesprekken" in town.say("els", "mijn agenda")


@pytest.mark.parametrize("who", ["els", "ria"])
def test_help_tells_a_meemaker_of_their_talks_as_well(town: DuoTown, who: str) -> None:
    town.say(who, "hallo")
    assert ("U houdt gesprekken met bewoners" in town.say(who, "help")) is (who == "els")


# Yes and no


def test_second_yes_confirms_and_everybody_hears(town: DuoTown) -> None:
    session = town.booked()
    town.say("els", "agenda")
    assert "nog niet geantwoord" in town.press("els", "Ja, ik kom")
    town.inbox("els"), town.inbox("ria"), town.inbox("jo")

    said = town.say("jo", "ja ik kan")
    assert "u kunt allebei" in said
    assert "Hall, Street 1\nSamen met Els" in said
    assert town.session(session.id).status is SessionStatus.CONFIRMED
    assert "Het gesprek gaat door" in town.inbox("els")[0]
    assert "dinsdag 1 december, 14.00 uur" in town.inbox("ria")[0]
    assert len(town.inbox("jo")) == 1  # what he just read


def test_yes_again_is_fine(town: DuoTown) -> None:
    session = town.booked()
    town.say("els", tap(DuoTap.YES, session))
    assert "Fijn dat u komt" in town.say("els", tap(DuoTap.YES, session))


def test_no_finds_somebody_else_and_tells_who_stays(town: DuoTown) -> None:
    session = town.booked()
    town.say("els", tap(DuoTap.YES, session))
    town.inbox("ria")
    said = town.say("jo", "nee, dat kan ik niet")
    assert "Els blijft" in said
    assert town.session(session.id).professional_meemaker == "bo"
    assert "Kunt u dit gesprek houden?" in town.inbox("bo")[-1]
    assert town.inbox("ria") == []  # nothing of this is for the resident


def test_no_when_nobody_else_can_says_what_the_resident_hears(town: DuoTown) -> None:
    session = town.booked()
    said = town.say("els", tap(DuoTap.NO, session))
    assert "er is niemand anders die kan" in said
    assert town.session(session.id).status is SessionStatus.CANCELLED
    assert "kan niet doorgaan" in town.inbox("ria")[-1]


def test_yes_in_words_is_not_guessed_between_two(town: DuoTown) -> None:
    first, second = town.booked(), town.booked("tom", WEDNESDAY)
    said = town.say("els", "ja")
    assert said.count("[Ja, ik kom]") == 2
    assert {answer_of(town, "els", each.id) for each in (first, second)} == {InvitationStatus.ASKED}


def test_yes_without_any_question_is_about_something_else(town: DuoTown) -> None:
    assert "gesprek gaat door" not in town.say("els", "ja")


# Giving a talk up


def test_a_talk_is_given_up_after_it_was_asked_once_more(town: DuoTown) -> None:
    session = town.confirmed()
    said = town.say("jo", "ik wil ruilen")
    assert "dinsdag 1 december, 14.00 uur" in said
    assert "De bewoner merkt er niets van als het lukt" in said
    assert town.session(session.id).professional_meemaker == "jo"
    assert "Els blijft" in town.press("jo", "Ja, ik kan dan niet")
    assert town.session(session.id).professional_meemaker == "bo"


@pytest.mark.parametrize("words", ["nee", "terug", "/duo"])
def test_or_it_is_kept(town: DuoTown, words: str) -> None:
    session = town.confirmed()
    town.say("jo", tap(DuoTap.SWAP, session))
    town.say("jo", words)
    assert town.session(session.id).status is SessionStatus.CONFIRMED
    assert town.meeting("jo") == ""


def test_no_after_a_yes_is_asked_once_more(town: DuoTown) -> None:
    session = town.confirmed()
    assert "Geeft u dit gesprek op?" in town.say("jo", tap(DuoTap.NO, session))
    assert "Geeft u dit gesprek op?" in town.say("jo", "herhaal de vraag")
    assert "Els blijft" in town.say("jo", "ja")
    assert town.session(session.id).professional_meemaker == "bo"


def test_other_words_leave_the_talk_as_it_is(town: DuoTown) -> None:
    session = town.confirmed()
    town.say("jo", tap(DuoTap.SWAP, session))
    town.say("jo", "bloemkool")
    assert town.meeting("jo") == ""
    assert town.session(session.id).professional_meemaker == "jo"


def test_which_one_to_swap_is_shown(town: DuoTown) -> None:
    town.confirmed(), town.confirmed("tom", WEDNESDAY)
    assert town.say("jo", "ruilen").count("ruilen]") == 2


# At a talk


def test_at_a_talk_at_a_place(town: DuoTown) -> None:
    session = town.confirmed()
    town.now = TUESDAY - timedelta(minutes=20)
    assert "[Ik ben er]" in town.say("els", "agenda")
    assert "Fijn dat u er bent" in town.press("els", "Ik ben er")

    town.now = TUESDAY + timedelta(hours=1)
    town.inbox("jo")
    assert "verslag" in town.press("els", "Het gesprek is klaar")
    assert town.session(session.id).status is SessionStatus.DONE
    assert [button.payload for each in town.shown for button in each.buttons] == [tap(DuoTap.REPORT, session)]
    assert "Wilt u het verslag invullen?" in town.inbox("jo")[-1]
    assert "Hoe was" in town.inbox("ria")[-1]


def test_in_words(town: DuoTown) -> None:
    session = town.confirmed()
    town.now = TUESDAY
    assert "Fijn dat u er bent" in town.say("els", "ik ben er")
    town.now += timedelta(hours=1)
    assert "verslag" in town.say("els", "Klaar!")
    assert town.session(session.id).status is SessionStatus.DONE


def test_a_talk_that_nobody_ended_stays_in_sight_for_a_day(town: DuoTown) -> None:
    session = town.confirmed()
    town.now = session.when.end + timedelta(hours=3)
    assert "[Het gesprek is klaar]" in town.say("els", "agenda")
    town.now += timedelta(days=1)
    assert "U heeft nu geen gesprekken" in town.say("els", "agenda")


def test_address_of_a_home_is_for_who_said_yes_alone(town: DuoTown) -> None:
    session = town.booked(kind=HOME, address="Kerkstraat 5")
    said = town.say("els", "agenda")
    assert "Bij de bewoner thuis" in said
    assert "Kerkstraat" not in said
    town.say("els", tap(DuoTap.YES, session))
    assert "Kerkstraat 5" in town.say("els", "agenda")


def test_at_a_home_somebody_checks_in_and_out(town: DuoTown) -> None:
    session = town.confirmed(kind=HOME, address="Kerkstraat 5")
    town.now = TUESDAY
    assert "weer buiten" in town.say("els", tap(DuoTap.ARRIVED, session))
    town.now += timedelta(hours=1)
    assert "Goed dat u weer buiten bent" in town.say("els", "vertrokken")
    town.press("els", "Het gesprek is klaar")
    assert town.session(session.id).status is SessionStatus.DONE
    assert "Verslag invullen" in town.say("els", tap(DuoTap.LEFT, session))


def test_nobody_came_is_asked_once_more(town: DuoTown) -> None:
    session = town.confirmed()
    town.now = TUESDAY + timedelta(minutes=20)
    assert "Is er niemand gekomen" in town.say("els", tap(DuoTap.NO_SHOW, session))
    assert town.session(session.id).booked
    assert "Is er niemand gekomen" in town.say("els", "wat bedoel je")
    assert "alles blijft" in town.say("els", "nee")

    town.say("els", "niemand gekomen")
    assert "genoteerd" in town.press("els", "Ja, er kwam niemand")
    assert town.session(session.id).booked == ()
    town.inbox("ria")
    assert "al genoteerd" in town.say("els", tap(DuoTap.NO_SHOW, session))
    town.press("els", "Het gesprek is klaar")
    assert town.inbox("ria") == []  # who was not there is not asked how it was


def test_report_begins_where_there_is_one(tmp_path: Path) -> None:
    class Reports:
        def turn(self, *given: Any) -> Turn | None:
            state, incoming = given[4], given[6]
            return Turn(state, (Say((Literal("Daar gaan we"),)),)) if "verslag" in incoming.text else None

    town = DuoTown(tmp_path, people=("els", "jo"), reports=Reports())
    assert "Daar gaan we" in town.say("els", tap(DuoTap.REPORT, "x"))
    assert "U heeft nu geen gesprekken" in town.say("els", "/duo")
    town.close()


# What cannot be done


def test_no_report_without_its_questionnaire(town: DuoTown) -> None:
    assert "geen verslag" in town.say("els", tap(DuoTap.REPORT, "x"))


@pytest.mark.parametrize(
    "what",
    [DuoTap.YES, DuoTap.NO, DuoTap.SWAP, DuoTap.ARRIVED, DuoTap.LEFT, DuoTap.NO_SHOW, DuoTap.FINISHED],
)
def test_talk_that_is_not_there_or_of_others(town: DuoTown, what: DuoTap) -> None:
    session = town.booked()
    assert "niet" in town.say("els", tap(what, "nothing"))
    said = town.say("bo", tap(what, session))
    assert "14.00" not in said  # of the talk of others nothing is told
    assert "niets" in said
    assert town.session(session.id).status is SessionStatus.ASKED


def test_too_early(town: DuoTown) -> None:
    session = town.confirmed(start=THURSDAY)
    for what in (DuoTap.ARRIVED, DuoTap.LEFT, DuoTap.NO_SHOW, DuoTap.FINISHED):
        said = town.say("els", tap(what, session))
        assert "donderdag 3 december" in said
        assert "nog te vroeg" in said


@pytest.mark.parametrize("what", [DuoTap.NO, DuoTap.SWAP])
def test_too_late(town: DuoTown, what: DuoTap) -> None:
    session = town.confirmed()
    town.now = TUESDAY + timedelta(minutes=1)
    assert "al begonnen of voorbij" in town.say("els", tap(what, session))


def test_answer_to_what_somebody_else_does_by_now(town: DuoTown) -> None:
    session = town.booked()
    town.say("jo", tap(DuoTap.NO, session))
    said = town.say("jo", tap(DuoTap.YES, session))
    assert "hoeft" in said
    assert "14.00" not in said


def test_a_talk_that_was_called_off_meanwhile(town: DuoTown) -> None:
    session = town.booked()
    resident = town.reference("ria")
    town.desk(lambda desk: desk.cancel(resident, session.id, now=town.now))
    assert "gaat niet door" in town.say("els", tap(DuoTap.YES, session))
    assert "U heeft nu geen gesprekken" in town.say("els", "agenda")


def test_a_yes_that_comes_after_the_talk_was_called_off(town: DuoTown) -> None:
    session = town.confirmed()
    town.say("jo", tap(DuoTap.SWAP, session))
    resident = town.reference("ria")
    town.desk(lambda desk: desk.cancel(resident, session.id, now=town.now))
    assert "gaat niet door" in town.press("jo", "Ja, ik kan dan niet")


def test_in_english(tmp_path: Path) -> None:
    town = DuoTown(tmp_path, people=("els", "jo", "bo"), language="en")
    session = town.booked()
    said = town.say("els", "my schedule")
    assert "Together with Jo" in said
    assert "Good that you can come" in town.press("els", "Yes, I will come")
    assert "Els stays" in town.say("jo", "no, I can't")
    assert town.session(session.id).professional_meemaker == "bo"
    town.close()
