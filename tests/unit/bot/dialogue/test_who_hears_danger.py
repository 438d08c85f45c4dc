"""What a resident in danger is told of the people behind the chat: nobody reads along, or somebody gets a sign."""

import pytest

from bot.dialogue.effects import Key, Phrase, RaiseSignal, Relay, Say
from bot.dialogue.people import NOBODY, People
from bot.dialogue.state import Phase, State
from domain.safety import SignalKind
from tests.unit.bot.dialogue.playing import SMALL, Resident
from tests.unit.bot.dialogue.turning import say, says

AT_WIJK = Resident(SMALL, "hallo", "ja").state
TALKING = AT_WIJK.having(phase=Phase.TALKING, talk_from=Phase.ASKING)
WORDS = "ik wil dood"
HELP, CLOSING = Phrase("safety.suicide"), Phrase("safety.closing")
ALONE, HEARD = Phrase("safety.nobody"), Phrase("safety.told")


@pytest.mark.parametrize("state", [State(), AT_WIJK, AT_WIJK.having(phase=Phase.STOPPED)])
@pytest.mark.parametrize(
    "people, told",
    [
        (NOBODY, ()),
        (People(hear_danger=False), (ALONE,)),
        (People(hear_danger=True), (HEARD,)),
        (People(hear_danger=False, said_before=True), ()),
        (People(hear_danger=True, said_before=True), ()),
    ],
)
def test_numbers_come_first_and_who_hears_it_is_said_once(
    state: State, people: People, told: tuple[Phrase, ...]
) -> None:
    turn = say(state, WORDS, SMALL, people)
    assert says(turn)[0].lines == (HELP, *told, CLOSING)
    assert turn.effects[1:] == (RaiseSignal(SignalKind.SUICIDE),)


@pytest.mark.parametrize(
    "people, last",
    [
        (NOBODY, (Phrase("person.danger"),)),
        (People(hear_danger=True), (Phrase("person.danger"),)),
        (People(hear_danger=True, said_before=True), (Phrase("person.danger"),)),
        (People(hear_danger=False), (ALONE,)),
        (People(hear_danger=False, said_before=True), ()),
    ],
)
def test_in_a_talk_no_reader_is_promised_where_nobody_is_left(
    people: People, last: tuple[Phrase, ...]
) -> None:
    turn = say(TALKING, WORDS, SMALL, people)
    assert turn.effects == (
        Say((HELP, *last), (Key(Phrase("button.to_questions"), "/start"),)),
        Relay(WORDS, is_marked=True),
        RaiseSignal(SignalKind.SUICIDE),
    )
    assert turn.state == TALKING
