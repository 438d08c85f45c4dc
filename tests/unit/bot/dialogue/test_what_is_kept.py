"""What is recorded, under which consent and by whom it was understood; what is told back; and what a beginning sets."""

from pathlib import Path

import pytest

from bot.dialogue.advance import advance
from bot.dialogue.answering import instance_title
from bot.dialogue.effects import (
    Begin,
    ChoiceText,
    Close,
    FormText,
    Key,
    Literal,
    Part,
    Phrase,
    Reach,
    Record,
    Say,
    SetConsent,
    Wish,
)
from bot.dialogue.heard import Heard
from bot.dialogue.reminders import FIRST, words_of_reminder
from bot.dialogue.state import Pending, PendingKind, Phase, Said, State
from bot.dialogue.talking import hand_back
from bot.dialogue.turn import Turn, look
from bot.forms.form import Form
from bot.forms.load import load_form
from domain.answer import Answer, AnswerStatus, answered
from domain.consent import Purpose
from domain.message import IncomingKind
from domain.understanding import By, Understanding, UnderstandingKind
from tests.transcripts.test_transcripts import NOW
from tests.unit.bot.dialogue.playing import REPEATS, SMALL, Resident
from tests.unit.bot.dialogue.turning import last_keys, payloads, press, say, says

TABLE = """\
| survey | |
| | type | name | label | chat:consent | chat:purpose | chat:exit | relevant | calculation | trigger | default | chat:reach | chat:fact | chat:probe |
{rows}
| choices | |
| | list_name | name | label | chat:meaning |
| | yn | yes | Ja | yes |
| | yn | no | Nee | no |
| | seen | family | Familie |
| | seen | friends | Vrienden |
| settings | |
| | form_id | version |
| | kept | 1 |
"""
AGREE = "select_one yn | agree | Mag het? | answers |"
STORY = "text | story | Wat? |"
YES, NO = answered("yes"), answered("no")


def form_of(*rows: str) -> Form:
    return load_form(Path("kept.md"), text=TABLE.format(rows="\n".join(f"| | {row} |" for row in rows)))


def begun(form: Form, *words: str) -> State:
    state = press(State(), "/start", form).state
    for each in words:
        state = say(state, each, form).state
    return state


def kept(turn: Turn) -> list[Record]:
    return [effect for effect in turn.effects if isinstance(effect, Record)]


def test_record_tells_who_understood_it() -> None:
    state = begun(SMALL, "ja")
    by_model = Understanding(UnderstandingKind.ANSWER, "nazareth", by=By.RASA, model="m1")
    turn = advance(state, Heard(IncomingKind.TEXT, "naza", understanding=by_model), SMALL, NOW)
    index = SMALL.index(state.at)
    assert [*kept(turn), *kept(press(state, f"/a.{state.asked}.{index}.0", SMALL)), *kept(say(state, "nazareth", SMALL))] == [
        Record("about/wijk", answered("nazareth"), Purpose.ANSWERS, "rasa", "m1"),
        Record("about/wijk", answered("nazareth"), Purpose.ANSWERS, "tap"),
        Record("about/wijk", answered("nazareth"), Purpose.ANSWERS, "rules"),
    ]  # fmt: skip # read as one list


SENSITIVE = form_of(
    "select_one yn | may | Mag dit? | sensitive | sensitive", "text | health | Hoe gaat het? | | sensitive", AGREE, STORY
)  # fmt: skip # read as rows of a table


@pytest.mark.parametrize("words", [("nee",), ("sla over",)])
def test_answer_for_another_purpose_is_not_kept_without_its_consent(words: tuple[str, ...]) -> None:
    state = begun(SENSITIVE, *words, "goed genoeg gaat het", "ja")
    assert state.at == "story"
    turn = press(state.having(at="health"), f"/skip.{state.asked}.{SENSITIVE.index('health')}", SENSITIVE)
    assert kept(turn) == []


def test_nothing_is_kept_before_the_first_yes_and_everything_with_it() -> None:
    state = begun(SENSITIVE, "ja")
    told = say(state, "het gaat wel goed", SENSITIVE)
    agreed = say(told.state, "ja", SENSITIVE)
    assert kept(told) == []
    assert (told.state.began, agreed.state.began) == (False, True)
    assert agreed.effects[0] == Begin()
    assert kept(agreed) == [
        Record("may", YES, Purpose.ANSWERS, "rules"),
        Record("health", answered("het gaat wel goed"), Purpose.SENSITIVE, "rules"),
        Record("agree", YES, Purpose.ANSWERS, "rules"),
    ]


def test_other_consent_before_the_first_yes_begins_nothing() -> None:
    turn = say(begun(SENSITIVE), "ja", SENSITIVE)
    assert [each for each in turn.effects if isinstance(each, Begin | SetConsent)] == [
        SetConsent(Purpose.SENSITIVE, True)
    ]
    assert (turn.state.began, turn.state.consents) == (False, {"sensitive": True})


OUT = form_of(AGREE, STORY, "select_one yn | here | Woont u hier?", "note | away | Dan niet. | | | discard | ${here} = 'no'")  # fmt: skip # read as one row


def test_first_answer_that_leads_out_leads_out_at_once() -> None:
    turn = say(begun(OUT, "ja", "een heel mooi verhaal"), "nee", OUT)
    assert (turn.state.phase, turn.state.pending) == (Phase.FINISHED, None)


def test_changed_answer_that_leads_out_is_asked_about_when_something_would_be_lost() -> None:
    state = begun(OUT, "ja", "een heel mooi verhaal", "ja")
    turn = say(press(state, f"/e.{state.asked}.{OUT.index('here')}", OUT).state, "nee", OUT)
    assert turn.state.pending == Pending(PendingKind.LEAVE, Phase.ASKING, "here", NO)
    assert turn.state.answers["here"] == YES


def test_consent_taken_back_before_anything_was_answered_is_not_asked_about() -> None:
    state = begun(SMALL, "ja")
    reopened = press(state, f"/e.{state.asked}.{SMALL.index('agree')}", SMALL).state
    turn = say(reopened, "nee", SMALL)
    assert (turn.state.phase, turn.state.pending, turn.state.answers) == (Phase.FINISHED, None, {})


BESIDES = form_of(AGREE, STORY, "text | last | En verder? |", "calculate | told | | | | | | concat(${story}, '!') | ${story}", "calculate | chance | | | | | | once(uuid())")  # fmt: skip # read as one row


def test_what_the_form_fills_in_is_kept_in_its_own_name() -> None:
    state = begun(BESIDES, "ja").having(seed="one")
    turn = say(state, "een heel mooi verhaal", BESIDES)
    chance = BESIDES.view({}, NOW, seed="").read("chance")
    assert state.answers["chance"] == answered(chance)
    assert kept(turn) == [
        Record("story", answered("een heel mooi verhaal"), Purpose.ANSWERS, "rules"),
        Record("told", answered("een heel mooi verhaal!"), Purpose.ANSWERS, "form"),
    ]


def test_what_the_form_fills_in_anew_is_kept_anew() -> None:
    state = begun(BESIDES, "ja", "een heel mooi verhaal")
    reopened = press(state, f"/e.{state.asked}.{BESIDES.index('story')}", BESIDES).state
    assert kept(say(reopened, "een ander verhaal dan", BESIDES))[1:] == [
        Record("told", answered("een ander verhaal dan!"), Purpose.ANSWERS, "form")
    ]


def test_chance_in_a_response_comes_from_its_seed() -> None:
    heard = Heard(IncomingKind.TAP, "/start", seed="one")
    state = advance(State(), heard, BESIDES, NOW).state
    assert state.answers["chance"].value == BESIDES.view({}, NOW, seed="one").read("chance")
    assert look(state, BESIDES, NOW).read("chance") == state.answers["chance"].value


def test_several_typed_choices_are_counted_and_one_is_named() -> None:
    form = form_of(AGREE, "select_multiple seen | seen | Wie? |", STORY)
    state = begun(form, "ja")
    both, one = (says(say(state, words, form))[0].lines[0] for words in ("familie en vrienden", "familie"))
    assert both == Phrase("answer.noted_several", {"count": 2})
    assert isinstance(one, Phrase)
    assert one.key == "answer.noted"


def test_ticks_do_not_outlive_the_last_question() -> None:
    form = form_of(AGREE, "select_multiple seen | seen | Wie? |")
    state = begun(form, "ja")
    index = form.index("seen")
    ticked = press(state, f"/a.{state.asked}.{index}.0", form).state
    done = press(ticked.having(misses=1), f"/done.{ticked.asked}.{index}", form)
    assert (done.state.phase, done.state.picked, done.state.misses) == (Phase.FINISHED, (), 0)
    assert done.effects[-1] == Close("finished")


def test_four_words_are_enough_of_an_answer_and_three_are_not() -> None:
    form = form_of(AGREE, "text | story | Wat? | | | | | | | | | | Vertel meer", "text | last | En? |")
    state = begun(form, "ja")
    assert [say(state, words, form).state.at for words in ("een twee drie vier", "een twee drie")] == [
        "last",
        "story",
    ]
    more = say(say(state, "een", form).state.having(misses=1), "niks", form).state
    assert (more.at, more.misses, more.answers["story"]) == ("last", 0, answered("een"))


def test_note_before_a_block_is_said_before_its_name() -> None:
    form = form_of(AGREE, "note | pause | Even rust. |", "begin_group | block | Blok", "text | story | Wat? |", "end_group | |")  # fmt: skip # read as one row
    said = says(say(begun(form), "ja", form))
    assert said[-2].lines == (FormText("pause"),)
    assert said[-1].lines[0] == Phrase("block.begins", {"block": FormText("block", Part.GROUP)})


def test_name_of_an_instance_is_that_of_the_innermost_repeat() -> None:
    form = form_of(
        "begin_repeat | house | Huis", "begin_repeat | person | Mens", "text | name | Naam", "end_repeat | |",
        "end_repeat | |",
    )  # fmt: skip # read as rows of a table
    person = Phrase("repeat.begins", {"group": FormText("house[2]/person", Part.GROUP), "number": 3})
    assert instance_title(form.question("house[2]/person[3]/name")) == (person,)
    assert instance_title(SMALL.question("story")) == ()


def test_buttons_at_a_question_in_a_repeat_carry_its_instance() -> None:
    resident = Resident(REPEATS, "hallo", "ja", "ja", "Bo")
    state = resident.state
    again = press(state, "/repeat", REPEATS)
    asked, index = state.asked + 1, REPEATS.index("child[1]/age")
    assert payloads(again) == [f"/skip.{asked}.{index}.1", f"/more.{asked}.{index}.1"]


def test_proposal_in_a_repeat_carries_its_instance() -> None:
    form = form_of(AGREE, "begin_repeat | house | Huis", "text | name | Naam | | | | | | | concat('a', 'b')", "end_repeat | |")  # fmt: skip # read as one row
    state = begun(form)
    turn = say(state, "ja", form)
    asked, index = state.asked + 1, form.index("house[1]/name")
    assert payloads(turn) == [f"/{word}.{asked}.{index}.1" for word in ("take", "skip", "more")]


def test_old_question_may_be_kept_as_it_is_and_a_new_one_skipped() -> None:
    state = begun(SMALL, "ja", "nazareth")
    index = SMALL.index("about/wijk")
    opened = press(state, f"/e.{state.asked}.{index}", SMALL)
    assert says(opened)[-1].keys[-2] == Key(Phrase("button.keep"), "/start")
    assert payloads(press(state, "/repeat", SMALL))[-2] == f"/skip.{state.asked + 1}.{SMALL.index(state.at)}"


def test_beginning_sets_everything_anew() -> None:
    before = State(language="pl", asked=7, campaign="plein", earlier=True)
    heard = Heard(IncomingKind.OPEN, code="park", seed="one")
    turn = advance(before, heard, SMALL, NOW)
    assert turn.state == State(
        phase=Phase.ASKING, language="nl", questionnaire="small", version="1", at="agree", asked=8, since=7,
        campaign="park", seed="one", earlier=True,
    )  # fmt: skip # read as one piece
    assert advance(State(language="en", campaign="plein"), Heard(IncomingKind.OPEN), SMALL, NOW).state == State(
        phase=Phase.ASKING, language="en", questionnaire="small", version="1", at="agree", asked=1, campaign="plein"
    )  # fmt: skip # read as one piece


REACH = form_of(
    AGREE, "select_one yn | contact | Mogen we bellen? | contact", "text | phone | Uw nummer? | | | | | | | | yes",
    STORY, "hidden | reachable | | | | | | | | | | reachable",
)  # fmt: skip # read as rows of a table


@pytest.mark.parametrize(("reachable", "value"), [(True, "yes"), (False, "no")])
def test_form_knows_whether_we_can_write_back(reachable: bool, value: str) -> None:
    assert press(State(), "/start", REACH, reachable=reachable).state.answers == {
        "reachable": answered(value)
    }


def test_number_goes_to_the_vault_alone_under_consent_for_contact() -> None:
    turn = say(begun(REACH, "ja", "ja"), "0612345678", REACH)
    assert [each for each in turn.effects if isinstance(each, Reach | Record)] == [
        Record("phone", answered("given"), Purpose.CONTACT, "rules"),
        Reach("phone", "0612345678"),
    ]
    assert turn.state.answers["phone"] == answered("given")


@pytest.mark.parametrize("contact", ["nee", "sla over"])
def test_number_goes_nowhere_without_consent_for_contact(contact: str) -> None:
    turn = say(begun(REACH, "ja", contact), "0612345678", REACH)
    assert [each for each in turn.effects if isinstance(each, Reach | Record)] == []
    assert turn.state.answers["phone"] == Answer(AnswerStatus.SKIPPED)


def test_number_not_told_is_a_number_not_told() -> None:
    turn = say(begun(REACH, "ja", "ja"), "weet ik niet", REACH)
    assert turn.state.answers["phone"] == Answer(AnswerStatus.DONT_KNOW)
    assert [each for each in turn.effects if isinstance(each, Reach)] == []


def test_number_taken_back_leaves_the_vault() -> None:
    state = begun(REACH, "ja", "ja", "0612345678")
    opened = press(state, f"/e.{state.asked}.{REACH.index('phone')}", REACH).state
    assert Reach("phone", None) in say(opened, "sla over", REACH).effects


def test_consent_for_contact_taken_back_takes_the_number_along() -> None:
    state = begun(REACH, "ja", "ja", "0612345678")
    opened = press(state, f"/e.{state.asked}.{REACH.index('contact')}", REACH).state
    turn = say(opened, "nee", REACH)
    assert Reach("phone", None) in turn.effects
    assert "phone" not in turn.state.answers


def test_wish_for_a_talk_needs_consent_for_contact() -> None:
    form = load_form(
        Path("wish.md"),
        text=TABLE.replace("chat:fact", "chat:wish").format(
            rows="\n".join(
                f"| | {row} |"
                for row in (
                    AGREE, "select_one yn | contact | Mogen we bellen? | contact",
                    "begin_group | talk | Gesprek | | | | | | | | | yes", "text | when | Wanneer? |", "end_group | |",
                )
            )
        ),
    )  # fmt: skip # read as one table
    wanted = say(begun(form, "ja"), "ja", form)
    unwanted = say(begun(form, "ja"), "nee", form)
    assert [[each for each in turn.effects if isinstance(each, Wish)] for turn in (wanted, unwanted)] == [
        [Wish({})],
        [],
    ]
    assert isinstance(wanted.effects[-1], Say)


def test_short_answer_that_is_asked_on_fills_in_what_follows_from_it() -> None:
    told = "calculate | told | | | | | | concat(${story}, '!') | ${story}"
    form = form_of(AGREE, "text | story | Wat? | | | | | | | | | | Vertel meer", told)
    assert kept(say(begun(form, "ja"), "fijn", form)) == [
        Record("story", answered("fijn"), Purpose.ANSWERS, "rules"),
        Record("told", answered("fijn!"), Purpose.ANSWERS, "form"),
    ]


def test_answer_corrected_in_a_pause_fills_in_what_follows_from_it() -> None:
    paused = press(begun(BESIDES, "ja", "een heel mooi verhaal"), "/pause", BESIDES).state
    instead = Understanding(UnderstandingKind.ANSWER, "een ander verhaal")
    heard = Heard(IncomingKind.TEXT, "nee, anders", understanding=instead, corrects="story")
    assert kept(advance(paused, heard, BESIDES, NOW)) == [
        Record("story", answered("een ander verhaal"), Purpose.ANSWERS, "rules"),
        Record("told", answered("een ander verhaal!"), Purpose.ANSWERS, "form"),
    ]


def test_what_a_changed_answer_fills_in_is_proposed() -> None:
    form = form_of(AGREE, STORY, "text | title | Hoe heet het? | | | | | concat(${story}, '!') | ${story}")
    turn = say(begun(form, "ja"), "een heel mooi verhaal", form)
    assert last_keys(turn)[0].title == Phrase("button.take", {"value": Literal("een heel mooi verhaal!")})


NEVER_ASKED = "| | | ${agree} = 'no'"


def test_answer_for_a_purpose_whose_consent_was_never_asked_is_not_kept() -> None:
    may = f"select_one yn | may | Mag dit? | sensitive {NEVER_ASKED}"
    form = form_of(AGREE, may, "text | health | Hoe gaat het? | | sensitive", STORY)
    turn = say(begun(form, "ja"), "goed genoeg gaat het", form)
    assert (turn.state.at, kept(turn)) == ("story", [])


def test_number_goes_nowhere_where_consent_for_contact_was_never_asked() -> None:
    contact = f"select_one yn | contact | Mogen we bellen? | contact {NEVER_ASKED}"
    form = form_of(AGREE, contact, "text | phone | Uw nummer? | | | | | | | | yes", STORY)
    turn = say(begun(form, "ja"), "0612345678", form)
    assert [each for each in turn.effects if isinstance(each, Reach | Record)] == []
    assert turn.state.answers["phone"] == Answer(AnswerStatus.SKIPPED)


def test_rest_of_an_answer_that_is_not_kept_yet_is_not_said_to_be_added() -> None:
    anna = Resident(form_of("text | before | Vooraf? |", AGREE, STORY), "hallo")
    first = anna.say("een heel lang verhaal")
    assert anna.say("+over de buurt") == first


def test_consent_taken_back_in_a_form_without_a_way_out_is_asked_about_first() -> None:
    form = form_of(AGREE, STORY, "text | last | En verder? |")
    state = begun(form, "ja", "een heel mooi verhaal")
    opened = press(state, f"/e.{state.asked}.{form.index('agree')}", form).state
    turn = say(opened, "nee", form)
    assert turn.state.pending == Pending(PendingKind.LEAVE, Phase.ASKING, "agree", NO)
    assert turn.state.answers == state.answers


def test_rest_of_an_answer_that_leads_out_is_asked_about_and_the_answer_may_stay() -> None:
    away = "note | away | Dan niet. | | | discard | contains(${story}, 'weg')"
    form = form_of(AGREE, STORY, away, "text | last | En verder? |")
    anna = Resident(form, "hallo", "ja", "ik woon hier nu", "+maar ga weg")
    assert anna.state.pending == Pending(
        PendingKind.LEAVE, Phase.ASKING, "story", answered("ik woon hier nu maar ga weg")
    )
    assert "[Laat zo]" in anna.say("[/start]")


def test_ticks_that_would_lead_out_do_not_outlive_a_no() -> None:
    away = "note | away | Dan niet. | | | discard | selected(${seen}, 'friends')"
    form = form_of(AGREE, "select_multiple seen | seen | Wie? |", away)
    state, index = begun(form, "ja"), form.index("seen")
    for payload in ("/a.{}.{}.0", "/done.{}.{}", "/e.{}.{}", "/a.{}.{}.1", "/done.{}.{}"):
        state = press(state, payload.format(state.asked, index), form).state
    assert state.pending == Pending(PendingKind.LEAVE, Phase.ASKING, "seen", answered("family friends"))
    stayed = press(state, f"/no.{state.asked}", form).state
    assert (stayed.phase, stayed.picked, stayed.answers["seen"]) == (
        Phase.FINISHED,
        (),
        answered("family"),
    )


def test_ticks_that_were_not_taken_do_not_stand_at_the_next_question() -> None:
    form = form_of(AGREE, "select_multiple seen | seen | Wie? |", "select_multiple seen | more | Wie nog? |")
    state, index = begun(form, "ja"), form.index("seen")
    for payload in ("/a.{}.{}.0", "/done.{}.{}", "/e.{}.{}", "/a.{}.{}.1"):
        state = press(state, payload.format(state.asked, index), form).state
    turn = press(state, "/start", form)
    assert (turn.state.at, turn.state.picked) == ("more", ())
    assert [each.split(".")[0] for each in payloads(turn)[:2]] == ["/a", "/a"]


def test_answer_is_told_back_before_the_way_out() -> None:
    away = "note | away | Dank u. | | | finish | ${here} = 'no'"
    form = form_of(AGREE, "select_one yn | here | Woont u hier? |", away, STORY)
    noted, last = says(say(begun(form, "ja"), "nee", form))
    assert noted.lines == (Phrase("answer.noted", {"answer": ChoiceText("here", "no")}),)
    assert last.lines == (FormText("away"),)


BY_DAY = form_of(
    "calculate | day | | | | | | once(today())", AGREE, "text | spring | Wat bloeit er? | | | | today() < date('2026-05-01')",
    "text | autumn | Wat valt er? | | | | today() > date('2026-09-01')", "text | last | En verder? |",
)  # fmt: skip # read as rows of a table


def test_form_that_looks_at_the_day_sees_the_day_of_the_turn() -> None:
    turn = say(begun(BY_DAY), "ja", BY_DAY)
    assert (turn.state.at, turn.state.answers["day"]) == ("autumn", answered("2026-11-23"))
    assert says(turn)[-1].lines[1] == Phrase("question.number", {"number": 1, "total": 2})


def test_reminder_and_a_talk_that_ends_see_the_day_too() -> None:
    state = begun(BY_DAY, "ja")
    reminded = words_of_reminder(FIRST, state, BY_DAY, NOW).lines
    handed_back = says(hand_back(state.having(phase=Phase.TALKING), BY_DAY, NOW))[0].lines
    assert reminded == (Phrase("remind.first", {"number": 1, "total": 2}),)
    assert handed_back[0] == Phrase("question.number", {"number": 1, "total": 2})


def test_changed_message_is_weighed_by_the_day() -> None:
    state = begun(BY_DAY, "ja", "bladeren en kastanjes")
    state = state.having(said={"autumn": (Said("3"),)})
    instead = Understanding(UnderstandingKind.ANSWER, "alleen bladeren dus")
    heard = Heard(IncomingKind.EDIT, "alleen bladeren dus", understanding=instead, mark="3")
    assert advance(state, heard, BY_DAY, NOW).state.answers["autumn"] == answered("alleen bladeren dus")


def test_second_instance_in_an_instance_is_named_when_it_begins() -> None:
    form = form_of(
        AGREE, "begin_repeat | house | Huis", "begin_repeat | person | Mens", "text | name | Naam", "end_repeat | |",
        "end_repeat | |",
    )  # fmt: skip # read as rows of a table
    turn = say(begun(form, "ja", "een"), "ja", form)
    assert turn.state.at == "house[1]/person[2]/name"
    person = Phrase("repeat.begins", {"group": FormText("house[1]/person", Part.GROUP), "number": 2})
    assert person in says(turn)[-1].lines


def test_repeat_in_a_block_is_named_beside_the_block() -> None:
    form = form_of(
        AGREE, "begin_group | home | Thuis", "begin_repeat | person | Mens", "text | name | Naam", "end_repeat | |", "end_group | |"
    )  # fmt: skip # read as rows of a table
    person = Phrase("repeat.begins", {"group": FormText("home/person", Part.GROUP), "number": 1})
    home = Phrase("block.begins", {"block": FormText("home", Part.GROUP)})
    assert says(say(begun(form), "ja", form))[-1].lines[1:3] == (home, person)


def test_pictures_and_sounds_that_belong_to_a_question_are_named() -> None:
    columns = TABLE.replace("chat:fact", "media::image").replace("chat:reach", "media::audio")
    rows = f"| | {AGREE} |\n| | text | story | Wat? | | | | | | | | b.mp3 | a.png |"
    form = load_form(Path("kept.md"), text=columns.format(rows=rows))
    lines = says(say(begun(form), "ja", form))[-1].lines
    assert Phrase("question.media", {"names": "a.png, b.mp3"}) in lines


def test_last_proposal_taken_while_a_yes_or_no_is_open_closes_that_too() -> None:
    form = form_of(AGREE, "integer | people | Met hoeveel? | | | | | | | 2")
    state = begun(form, "ja")
    erasing = press(state, "/erase", form).state
    turn = press(erasing, f"/take.{state.asked}.{form.index('people')}", form)
    assert (turn.state.phase, turn.state.pending) == (Phase.FINISHED, None)
    assert turn.state.answers["people"] == answered("2")


def test_proposals_by_chance_differ_from_one_response_to_another() -> None:
    form = form_of(AGREE, "text | code | Welke code? | | | | | | | uuid()")
    state = begun(form, "ja")
    titles = [
        last_keys(press(state.having(seed=seed), "/repeat", form))[0].title for seed in ("one", "two", "one")
    ]
    assert (titles[0] == titles[2], titles[0] == titles[1]) == (True, False)


def test_rest_that_makes_an_answer_what_the_form_refuses_is_told_why_and_the_answer_stays() -> None:
    columns = TABLE.replace("chat:fact", "constraint")
    rows = f"| | {AGREE} |\n| | text | story | Wat? | | | | | | | | | string-length(.) < 25 |\n| | text | last | En? |"
    form = load_form(Path("kept.md"), text=columns.format(rows=rows))
    anna = Resident(form, "hallo", "ja", "een heel mooi verhaal")
    told = anna.say("+over de hele buurt")
    assert told.splitlines()[0] == "  Dat antwoord past hier niet."
    assert (anna.state.at, anna.state.answers["story"]) == ("last", answered("een heel mooi verhaal"))
