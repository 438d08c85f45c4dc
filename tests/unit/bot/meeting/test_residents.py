"""Residents and their talks in person, with the real desk on a real database."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.dialogue.state import Phase, state_to_json
from bot.meeting.taps import TalkTap
from bot.ports import Changes
from domain.session import Reason, RequestStatus, SessionKind, SessionStatus, Stretch
from storage.sessions import SessionTable
from tests.unit.bot.meeting.town import NOW, PLACES, Resident, Town

pytestmark = pytest.mark.anyio
TUESDAY = "dinsdag 1 december"


async def request_of(town: Town, name: str = "ria", channel: str = "telegram") -> Any:
    """Their request, or None."""
    conversation = await town.store.turn(lambda db: db.load(channel, name))
    return await town.run(lambda desk, now: desk.request(conversation.reference))


async def accept(town: Town, meemaker: str, session: str) -> None:
    await town.run(lambda desk, now: desk.accept(meemaker, session, now=now))


async def fill_up(town: Town) -> None:
    """Both meemakers are away for as far as anybody looks."""

    def job(db: SessionTable) -> None:
        for each in ("els", "jo"):
            db.set_times(each, "chat", away=[Stretch(NOW - timedelta(days=1), NOW + timedelta(days=90))])

    await town.store.with_sessions(job)


# Asking


async def test_whoever_wants_to_talk_is_asked_for_consent_place_and_time_and_sees_offers(town: Town) -> None:
    ria = town.resident()
    assert "Mogen we contact met u opnemen" in await ria.say("ik wil praten")
    assert await request_of(town) is None
    assert "Waar praat u het liefst?" in await ria.say("ja")
    assert "In welke wijk" in await ria.say("in de buurt")
    assert "Wanneer kunt u?" in await ria.say("nazareth")
    assert "Welke tijd kiest u?" in await ria.say("dinsdagmiddag of donderdag na drie uur")
    assert len(ria.offers) == 3
    assert ria.titles == [*ria.offers, "Iets anders"]
    assert all(title.startswith((TUESDAY, "donderdag 3 december")) for title in ria.offers)
    assert town.rows("SELECT purpose, given FROM consents") == [("contact", 1)]


async def test_one_tap_books_and_tells_when_where_and_with_whom(town: Town) -> None:
    ria = town.resident()
    said = await ria.books()
    assert "Huis van Nazareth, Straat 1, Maastricht" in said
    assert "Els (bewoner) en Jo (professional)" in said
    assert "zonder trap of drempel" in said
    assert "U hoort het hier" in said
    (session,) = await ria.talks()
    assert session.status is SessionStatus.ASKED
    assert (await ria.state()).meeting == ""


async def test_without_consent_nothing_is_stored(town: Town) -> None:
    ria = town.resident()
    await ria.say("ik wil een gesprek")
    assert "Dan plannen we geen gesprek" in await ria.say("[Nee, liever niet]")
    assert await request_of(town) is None
    assert town.rows("SELECT * FROM consents") == []
    for late in ("/gesprek:soort:home", "/gesprek:wanneer:any", "/gesprek:liever:woman", "/gesprek:anders"):
        assert "Mogen we contact met u opnemen" in await ria.say(late)
    assert await request_of(town) is None


async def test_everything_can_be_said_in_buttons_alone(town: Town) -> None:
    ria = town.resident()
    await ria.finds_offers()
    assert len(ria.offers) == 3
    await ria.say("[Iets anders]")
    assert "Nog iets" in ria.titles
    await ria.say("[Nog iets]")
    await ria.say("[Liever met een vrouw]")
    await ria.say("/gesprek:liever:step_free")
    await ria.say("/gesprek:liever:language:en")
    await ria.say("/gesprek:wanneer:weekday_morning")
    found = await request_of(town)
    assert (found.wish.gender, found.wish.step_free, found.wish.language) == ("f", True, "en")
    assert found.wish.parts == {"weekday_morning"}
    assert all(", 10." in title or ", 11." in title for title in ria.offers)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("bij mij thuis", SessionKind.HOME),
        ("samen met anderen", SessionKind.GROUP),
        ("buurthuis", SessionKind.PRIVATE),
    ],
)
async def test_the_place_may_be_said_in_words(town: Town, words: str, kind: SessionKind) -> None:
    ria = town.resident()
    for each in ("/gesprek", "ja", words, "pottenberg", "maakt niet uit"):
        await ria.say(each)
    assert (await request_of(town)).wish.kind is kind
    assert ria.offers


@pytest.mark.parametrize(
    "words",
    [
        "ik wil praten",
        "ik wil graag een gesprek",
        "kan ik een afspraak maken",
        "I want to talk",
        "/gesprek",
        "ik wil praaten",
        "wil n gesprek",
        "ik wil meet iemand praten",
        "can I meet someone",
        "I want to talk to someone in person",
        "iech wil praote",
    ],
)
async def test_a_talk_is_asked_for_in_many_ways(town: Town, words: str) -> None:
    assert "Mogen we contact met u opnemen" in await town.resident().say(words)


async def test_who_wants_somebody_now_gets_a_person_and_a_talk_as_a_second_button(town: Town) -> None:
    ria = town.resident()
    said = await ria.say("ik wil iemand spreken")
    assert "14 043" in said
    assert ria.titles[-1] == "Gesprek met meemakers"
    assert "Mogen we contact met u opnemen" in await ria.say("[Gesprek met meemakers]")


async def test_skipping_a_step_leaves_it_open(town: Town) -> None:
    ria = town.resident()
    for each in ("ik wil praten", "ja", "sla over", "weet ik niet", "sla over"):
        await ria.say(each)
    found = await request_of(town)
    assert (found.wish.kind, found.wish.accepts) == (SessionKind.PRIVATE, {"nazareth", "pottenberg"})


async def test_somebody_who_is_not_understood_twice_is_left_in_peace(town: Town) -> None:
    ria = town.resident()
    for each in ("ik wil praten", "ja", "in de buurt", "nazareth"):
        await ria.say(each)
    assert "niet goed wanneer u kunt" in await ria.say("bloemkool")
    assert "even rusten" in await ria.say("bloemkool")
    assert "Praat met een mens" in ria.titles
    assert (await ria.state()).meeting == ""


async def test_going_back_asking_why_and_being_polite_lose_nothing(town: Town) -> None:
    ria = town.resident()
    for each in ("ik wil praten", "ja", "in de buurt", "nazareth"):
        await ria.say(each)
    assert "luisteren naar u" in await ria.say("waarom")
    assert "Wanneer kunt u?" in await ria.say("dank u wel")
    assert "Waar praat u het liefst?" in await ria.say("terug")
    assert "Wanneer kunt u?" in await ria.say("in een groep")
    assert "later toch" in await ria.say("/gesprek:later")


async def test_where_no_talks_are_held_nobody_is_made_to_wait(tmp_path: Path) -> None:
    town = Town(tmp_path)
    ria = town.resident()
    await ria.fills_in(talk_offer="ja", consent_contact="ja", place="in de buurt")
    assert ria.titles == ["Mijn antwoorden", "Wie ziet dit?", "Wis mijn gegevens"]
    assert "Gesprek met meemakers" not in ria.titles
    await ria.say("wanneer is mijn afspraak")
    assert await request_of(town) is None
    await town.store.close()


# At the end of the questionnaire


async def test_the_end_of_the_questionnaire_brings_offers_in_the_same_reply(town: Town) -> None:
    ria = town.resident()
    await ria.fills_in(
        talk_offer="ja", consent_contact="ja", place="in de buurt", times="doordeweeks in de middag", prefers="vrouw",
        step_free="ja",
    )  # fmt: skip # read as one piece
    assert len(ria.offers) == 3
    wish = (await request_of(town)).wish
    assert (wish.neighbourhood, wish.gender, wish.step_free) == ("nazareth", "f", True)
    assert wish.parts == {"weekday_afternoon"}
    await ria.say(f"[{ria.offers[0]}]")
    assert len(await ria.talks()) == 1


async def test_no_wish_no_offers_and_another_wish_other_offers(town: Town) -> None:
    ria = town.resident()
    await ria.fills_in(talk_offer="nee")
    assert ria.offers == []
    piet = town.resident("piet")
    await piet.fills_in(talk_offer="ja", consent_contact="ja", times="in het weekend", place="in de buurt")
    assert (await request_of(town, "piet")).reason == Reason.NO_COMMON_TIME
    await piet.say("verander wanneer ik kan")
    state = await piet.state()
    assert state.phase in (Phase.FINISHED, Phase.ASKING)


async def test_consent_taken_back_ends_the_waiting_and_leaves_what_was_booked(town: Town) -> None:
    ria = town.resident()
    await ria.fills_in(
        talk_offer="ja", consent_contact="ja", place="in de buurt", times="doordeweeks in de middag"
    )
    await ria.say(f"[{ria.offers[0]}]")
    found = re.search(r"(\d+)\. Mogen we contact", await ria.say("mijn antwoorden"))
    assert found is not None
    await ria.say(f"[Verander antwoord {found[1]}]")
    said = await ria.say("[Nee, liever niet]")
    assert "Dat blijft staan, tenzij u het afzegt" in said
    assert len(await ria.talks()) == 1


# Offers that are gone, and the waiting list


async def test_an_offer_that_is_gone_says_so_and_shows_what_is_left(town: Town) -> None:
    ria = town.resident()
    await ria.finds_offers()
    first = ria.payload(ria.offers[0])
    town.now += timedelta(minutes=20)
    said = await ria.say(first)
    assert "Die tijd is net weg" in said
    assert len(ria.offers) == 3


async def test_a_second_tap_on_the_same_offer_shows_what_was_booked(town: Town) -> None:
    ria = town.resident()
    await ria.finds_offers()
    first, other = (ria.payload(each) for each in ria.offers[:2])
    await ria.say(first)
    for late in (first, other, "/gesprek:neem:nothing"):
        assert "Dit is uw gesprek" in await ria.say(late)
    assert len(await ria.talks()) == 1


async def test_when_nothing_fits_they_wait_and_hear_why_and_what_happens(town: Town) -> None:
    await fill_up(town)
    ria = town.resident()
    await ria.finds_offers()
    said = ria.read
    assert "Op uw tijden kan er nu niemand komen" in said
    assert "sturen we u hier een bericht" in said
    assert (await request_of(town)).status is RequestStatus.WAITING
    assert "U staat op de wachtlijst" in await ria.say("wanneer is mijn gesprek")
    assert "van de wachtlijst af" in await ria.say("[Haal mij van de wachtlijst]")
    assert "wacht niet meer" in await ria.say("ja")
    assert await request_of(town) is None


async def test_other_times_that_are_not_there_show_the_same_ones_again(town: Town) -> None:
    ria = town.resident()
    await ria.finds_offers()
    await ria.say("/gesprek:wanneer")
    await ria.say("dinsdag van 10 tot 12")
    assert len(ria.offers) == 1
    assert "Andere tijden hebben we nu niet" in await ria.say("iets anders")
    assert len(ria.offers) == 1


async def test_another_neighbourhood_is_a_button_of_who_waits(town: Town) -> None:
    await town.store.with_sessions(lambda db: db.put_place(replace(PLACES[0], hours=())))
    ria = town.resident()
    await ria.finds_offers()
    assert ria.offers == []
    await ria.say("[Ook in een andere wijk]")
    assert all("Pottenhof" in title for title in ria.offers)


# Moving, cancelling, looking


async def test_a_talk_is_moved_by_words_and_keeps_its_place_until_then(town: Town) -> None:
    ria = town.resident()
    await ria.books()
    (before,) = await ria.talks()
    assert "blijft staan tot u een nieuwe tijd kiest" in await ria.say("ik wil mijn afspraak verzetten")
    assert (await ria.talks())[0].when == before.when
    assert "Dit past bij wat u zegt" in await ria.say("donderdag")
    assert "Uw gesprek is verzet" in await ria.say("1")
    (after,) = await ria.talks()
    assert (after.id, after.sequence) == (before.id, 1)
    assert after.when.start.day == 3  # the first of what was shown, not of all that is held


async def test_nothing_else_fits_and_the_talk_stays(town: Town) -> None:
    ria = town.resident()
    await ria.books()
    (before,) = await ria.talks()
    await fill_up(town)
    assert "blijft staan zoals het was" in await ria.say("[Afspraak verzetten]")
    await ria.say("[Laat mijn gesprek staan]")
    assert await ria.talks() == (before,)


async def test_a_talk_is_cancelled_after_one_more_question(town: Town) -> None:
    ria = town.resident()
    await ria.books()
    await ria.say("afspraak afzeggen")
    assert "Dit is uw gesprek" in await ria.say("nee")
    await ria.say("[Afspraak afzeggen]")
    assert "is afgezegd" in await ria.say("[Ja, afzeggen]")
    assert await ria.talks() == ()
    for late in (
        "/gesprek:verzet:x",
        "/gesprek:annuleer:x",
        "/gesprek:annuleer-ja:x",
        "/gesprek:mijn",
        "/gesprek:houd:x",
    ):
        assert "nog geen gesprek" in await ria.say(late)


async def test_when_was_it_again_is_answered_anywhere(town: Town) -> None:
    ria = town.resident()
    await ria.books()
    assert TUESDAY in await ria.say("wanneer was het gesprek ook alweer")
    await ria.say("hallo")
    said = await ria.say("wanneer is mijn afspraak")
    assert TUESDAY in said
    assert "Mogen de gemeente" in said  # the question at hand, again
    await ria.say("stop")
    assert TUESDAY in await ria.say("wanneer is mijn afspraak")


async def test_when_it_is_certain_that_is_said(town: Town) -> None:
    ria = town.resident()
    await ria.books()
    (session,) = await ria.talks()
    for each in session.meemakers:
        await accept(town, each, session.id)
    assert "U praat met Els (bewoner) en Jo (professional)" in await ria.say("/gesprek:mijn")
    town.now = session.when.start + timedelta(minutes=5)
    assert "U praat met Els" in await ria.say("/gesprek:mijn", after=0)
    assert "Afspraak afzeggen" not in ria.titles


async def test_who_has_a_talk_cannot_ask_for_a_second_one(town: Town) -> None:
    ria = town.resident()
    await ria.books()
    assert "Dit is uw gesprek" in await ria.say("ik wil praten")


# At home


async def test_the_address_is_asked_once_kept_apart_and_never_in_the_state(town: Town) -> None:
    ria = town.resident()
    for each in ("ik wil praten", "ja", "thuis", "sla over", "pottenberg", "altijd"):
        await ria.say(each)
    assert "bij u thuis" in ria.offers[0]
    assert "Op welk adres" in await ria.say("de eerste")
    assert "niet goed" in await ria.say("hier")
    assert "Alleen de twee meemakers" in await ria.say("Kerkstraat 12, Maastricht")
    (session,) = await ria.talks()
    assert await town.run(lambda desk, now: desk.address_of(session.id)) == "Kerkstraat 12, Maastricht"
    assert town.rows("SELECT count(*) FROM conversations WHERE state LIKE '%Kerkstraat%'") == [(0,)]
    assert town.rows("SELECT count(*) FROM sessions WHERE address LIKE '%Kerkstraat%'") == [(0,)]
    assert "Mijn adres geven" not in ria.titles


async def test_the_address_may_come_later(town: Town) -> None:
    ria = town.resident()
    for each in ("ik wil praten", "ja", "thuis", "pottenberg", "altijd", "1"):
        await ria.say(each)
    await ria.say("[Later geven]")
    assert "Uw adres weten we nog niet" in await ria.say("mijn afspraken")
    assert "Op welk adres" in await ria.say("[Mijn adres geven]")
    await ria.say("Laan 3")
    assert "Uw adres weten we." in await ria.say("mijn afspraken")


# In the middle of other things


async def test_the_question_at_hand_waits_under_it_and_comes_again(town: Town) -> None:
    ria = town.resident()
    for each in ("hallo", "ja"):
        await ria.say(each)
    at = (await ria.state()).at
    await ria.finds_offers_in_the_middle()
    assert (await ria.state()).at == at
    said = await ria.say(f"[{ria.offers[0]}]")
    assert "In welke wijk woont u" in said
    await ria.say("nazareth")
    assert (await ria.state()).at != at


async def test_stop_ends_the_waiting_and_says_what_stands(town: Town) -> None:
    ria = town.resident()
    await ria.finds_offers()
    assert "wacht niet meer" in await ria.say("stop")
    assert await request_of(town) is None
    assert (await ria.state()).meeting == ""
    piet = town.resident("piet")
    await piet.books()
    said = await piet.say("stop")
    assert "Dat blijft staan" in said
    assert "als er iets verandert" in said


async def test_erasing_takes_the_talk_away_too(town: Town) -> None:
    ria = town.resident()
    await ria.books()
    (session,) = await ria.talks()
    await ria.say("wis alles")
    await ria.say("ja")
    found = await town.run(lambda desk, now: desk.session(session.id))
    assert found is not None
    assert found.status is SessionStatus.CANCELLED
    assert town.rows("SELECT count(*) FROM talk_requests") == [(0,)]


async def test_help_leaves_the_talk_about_a_talk(town: Town) -> None:
    ria = town.resident()
    await ria.finds_offers()
    await ria.say("help")
    assert (await ria.state()).meeting == ""
    assert len(await _offers_after(ria)) == 3


async def _offers_after(ria: Resident) -> list[str]:
    await ria.say("/gesprek")
    return ria.offers


async def test_how_it_was_is_thanked_for_and_a_bad_talk_may_be_told_to_a_person(town: Town) -> None:
    ria = town.resident()
    assert "Wat fijn" in await ria.say("/gesprek:hoe:id:good")
    assert "Dank u" in await ria.say("/gesprek:hoe:id:so_so")
    assert "jammer" in await ria.say("/gesprek:hoe:id:bad")
    assert "Praat met een mens" in ria.titles


async def had_a_talk(town: Town, *, agrees: bool = True) -> tuple[Resident, str]:
    """A resident who filled in and had a talk."""
    ria = town.resident()
    if agrees:
        await ria.fills_in()
        for each in ("ik wil praten", "[Ja, dat mag]", "[Op een plek in de buurt]", "[Ik kan altijd]"):
            await ria.say(each)
        await ria.say(f"[{ria.offers[0]}]")
    else:
        await ria.books()
    (session,) = await ria.talks()
    for each in ("els", "jo"):
        await accept(town, each, session.id)
    town.now = session.when.end
    await town.run(lambda desk, now: desk.finished("els", session.id, now=now))
    return ria, session.id


HOW = (
    "SELECT a.path, a.value FROM answers a JOIN responses r ON r.id = a.response"
    " WHERE r.questionnaire = 'hoe_was_het' AND r.session = '{}' AND r.outcome = 'finished' ORDER BY a.id"
)


async def test_how_it_was_is_kept_with_the_talk_and_goes_with_the_person(town: Town) -> None:
    ria, session = await had_a_talk(town)
    assert "bij uw andere antwoorden" in await ria.say(f"/gesprek:hoe:{session}:bad")
    assert "bij uw andere antwoorden" in await ria.say(f"/gesprek:hoe:{session}:good")
    assert town.rows(HOW.format(session)) == [("how", "bad"), ("how", "good")]
    assert town.rows("SELECT count(*) FROM responses WHERE questionnaire = 'hoe_was_het'") == [(1,)]
    for unknown in (f"/gesprek:hoe:{session}:weird", "/gesprek:hoe:other:good"):
        assert "bij uw andere antwoorden" not in await ria.say(unknown)
    piet = town.resident("piet")
    await piet.fills_in()
    assert "bij uw andere antwoorden" not in await piet.say(f"/gesprek:hoe:{session}:good")
    assert len(town.rows(HOW.format(session))) == 2
    for each in ("wis mijn gegevens", "ja"):
        await ria.say(each)
    assert town.rows("SELECT * FROM responses WHERE questionnaire = 'hoe_was_het'") == []


async def test_without_the_consent_for_answers_how_it_was_is_not_kept(town: Town) -> None:
    ria, session = await had_a_talk(town, agrees=False)
    said = await ria.say(f"/gesprek:hoe:{session}:good")
    assert "Wat fijn" in said and "andere antwoorden" not in said
    assert town.rows("SELECT * FROM responses") == []


async def test_who_waited_reads_later_that_there_is_a_place_and_can_still_choose(town: Town) -> None:
    await fill_up(town)
    ria = town.resident()
    await ria.finds_offers()
    assert "wachtlijst" in ria.read

    def free(db: SessionTable) -> None:
        for each in ("els", "jo"):
            db.set_times(each, "chat", away=[])

    await town.store.with_sessions(free)
    await town.run(lambda desk, now: desk.look_again(now=now))
    town.now += timedelta(hours=1)
    assert "Welke tijd kiest u?" in await ria.say("ik wil praten")
    assert "tot maandag 30 november, 12.00 uur" in ria.read  # two hours by day, not a quarter
    late = ria.payload(ria.offers[0])
    town.now += timedelta(hours=3)
    said = await ria.say(late)
    assert "Die tijd is net weg" in said
    assert len(ria.offers) == 3
    await ria.say(f"[{ria.offers[0]}]")
    assert len(await ria.talks()) == 1


async def test_on_a_page_they_are_told_to_look_again(town: Town) -> None:
    ria = town.resident(channel="web")
    assert "Op deze plek kunnen we u geen bericht sturen" in await ria.books()
    await fill_up(town)
    piet = town.resident("piet", channel="web")
    await piet.finds_offers()
    assert "Kijk hier over een dag nog eens" in piet.read


async def test_in_english_too(town: Town) -> None:
    ria = town.resident(language="en")
    assert "May we get in touch" in await ria.say("I want to talk")
    for each in ("yes", "at a place nearby", "nazareth", "thursday afternoon"):
        await ria.say(each)
    assert ria.offers[0].startswith("Thursday 3 December, 12:00")
    assert "Your talk is booked" in (await ria.say("the first")).replace("Good, y", "Y")


async def test_strangers_with_a_talk_are_not_forgotten(town: Town) -> None:
    ria = town.resident()
    await ria.books()
    await ria.say("hallo")
    await town.store.purge(now=NOW + timedelta(days=3))
    assert len(await ria.talks()) == 1


async def test_without_talks_in_person_its_buttons_are_of_something_that_is_over(tmp_path: Path) -> None:
    town = Town(tmp_path, has_talks=False)
    ria = town.resident()
    await ria.say("hallo")
    await ria.say("ja")
    await ria.say("/gesprek:mijn")
    assert (await ria.state()).at == "about_you/wijk"
    await town.store.close()


@pytest.mark.parametrize(
    "words",
    ["ik kan morgen niet", "sorry, ik red het niet", "ik ben ziek", "I can't make it", "ik kan niet komen"],
)
async def test_who_cannot_come_may_move_or_cancel(town: Town, words: str) -> None:
    ria = town.resident()
    await ria.books()
    await ria.say(words)
    assert ria.titles == ["Ja, afzeggen", "Afspraak verzetten", "Nee, laat staan"]


@pytest.mark.parametrize(
    "words", ["waar is het", "wie spreek ik ook alweer?", "hoe laat begint het", "where is it?"]
)
async def test_where_when_and_who_is_asked_in_short_words(town: Town, words: str) -> None:
    ria = town.resident()
    assert "Dit is uw gesprek" not in await ria.say(words)
    await ria.say("/gesprek")
    await ria.say("[Ja, dat mag]")
    for each in ("in de buurt", "nazareth", "altijd", "1"):
        await ria.say(each)
    assert TUESDAY in await ria.say(words)


async def test_every_button_is_answered_at_any_moment(town: Town) -> None:
    ria = town.resident()
    abouts = ("", "x", "home", "any", "3", "language:zz", "yes", "no", "\u00b2")
    for lead in (
        [],
        ["hallo"],
        ["ik wil praten", "ja"],
        ["in de buurt", "nazareth", "altijd"],
        ["1"],
        ["stop"],
    ):
        for each in lead:
            await ria.say(each)
        for tap in TalkTap:
            if tap is TalkTap.CANCEL_SURE:
                continue
            for about in abouts:
                assert await ria.say(f"/gesprek:{tap.value}:{about}"), (tap, about)


async def test_a_press_while_somebody_talks_with_a_person_is_no_word_for_that_person(town: Town) -> None:
    ria = town.resident()
    await ria.books()
    state = (await ria.state()).having(phase=Phase.TALKING, talk_from=Phase.NEW)
    stored = state_to_json(state)
    await town.store.turn(
        lambda db: db.save(
            db.load("telegram", "ria"), Changes(stored), channel_ref="ria", update_id=None, at=town.now
        )
    )
    assert "Dit is uw gesprek" not in await ria.say("/gesprek:mijn")
    assert (await ria.state()).phase is Phase.TALKING


async def test_no_duo_is_taken_for_a_resident_of_a_demonstration(town: Town) -> None:
    robot = town.resident("robot")
    robot.simulated = True
    await robot.say("hallo")
    await robot.say("ik wil praten")
    await robot.say("/gesprek")
    assert (await robot.state()).meeting == ""
    assert await request_of(town) is None
