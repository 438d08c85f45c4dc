"""Joins the tracks of a person to the questionnaires and campaigns: finds them, names them, and offers what waits."""

from bot.dialogue import taps, tracks
from bot.dialogue.effects import Erase, Key, Literal, Phrase, Say, Words
from bot.dialogue.heard import Event, Heard, sort_input
from bot.dialogue.state import Phase, State
from bot.dialogue.tracks import Route
from bot.dialogue.turn import Turn
from bot.forms.form import Form
from bot.ports import Conversation, FormShelf, TurnDb
from domain.message import IncomingKind

_MAY_SAY_YES = (Phase.NEW, Phase.FINISHED, Phase.PAUSED)
_COMES_FIRST = (Event.DANGER, Event.STOP, Event.ERASE)
_GO_ON_WITH = ("verder met ", "continue with ", "go on with ")


class Tracks:
    def __init__(self, shelf: FormShelf) -> None:
        self._shelf = shelf

    def route(
        self, db: TurnDb, conversation: Conversation, state: State, heard: Heard, form: Form
    ) -> Route | None:
        """Where this turn goes; None for the ordinary case that the active response goes on."""
        response = conversation.response
        if heard.tap is not None and heard.tap.word == taps.TRACK and len(heard.tap.numbers) == 1:
            return tracks.go_to(state, response, heard.tap.numbers[0])
        if state.parked:
            waiting = self._what_waits(state, response, heard, form)
            if waiting is not None:
                return waiting
        if state.questionnaire == tracks.REPORT and self._starts_anew(state, heard, form):
            return tracks.leave_report(state)
        code = self._code(state, heard, form)
        found = db.campaign(code, conversation.reference) if code else None
        if found is None:
            return None
        campaign, is_done = found
        if self._shelf.find(campaign.questionnaire, campaign.version) is None:
            return None  # its form is nowhere any more: greet as usual
        named = State(
            state.phase, state.language, campaign.questionnaire, campaign.version, wave=campaign.wave
        )
        title, other = self.title(state), self.title(named)
        route = tracks.follow(state, response, campaign, is_done=is_done, title=title, other=other)
        if route is None and heard.kind is not IncomingKind.OPEN:
            return tracks.go_to(state, response, state.track)
        return route

    def _code(self, state: State, heard: Heard, form: Form) -> str:
        """The campaign that is asked for: by a link, by the invitation's button, or by a yes to an invitation."""
        if heard.tap is not None:
            return heard.tap.argument if heard.tap.word == taps.JOIN else ""
        if heard.code or not state.invited or state.phase not in _MAY_SAY_YES:
            return heard.code
        return state.invited if sort_input(state, heard, form).event is Event.YES else ""

    def _what_waits(self, state: State, response: str, heard: Heard, form: Form) -> Route | None:
        event = sort_input(state, heard, form).event
        if heard.kind is IncomingKind.TEXT and event not in _COMES_FIRST:
            number = self._typed(state, heard.text)
            if number is not None:
                return tracks.go_to(state, response, number)
        if state.phase is not Phase.FINISHED or event is not Event.START:
            return None
        if heard.code:
            return None
        if len(state.parked) == 1:
            return tracks.go_to(state, response, state.parked[0].state.track)
        return Route(state, response, said=(Phrase("tracks.left"),), keys=self._keys(state))

    def _starts_anew(self, state: State, heard: Heard, form: Form) -> bool:
        is_over = state.phase is Phase.FINISHED and not heard.code
        return is_over and sort_input(state, heard, form).event in (Event.START, Event.YES)

    def _typed(self, state: State, said: str) -> int | None:
        """The track that words choose, as its button would."""
        every = (state, *(each.state for each in state.parked))
        titles = {each.track: (self._plain_title(each), each.wave) for each in every}
        number = tracks.chosen(state, said, titles)
        plain = said.strip(" .!").casefold()
        if number is not None or not plain.startswith(_GO_ON_WITH):
            return number
        waiting = (each.state.track for each in state.parked)
        return next((track for track in waiting if titles[track][0].casefold() in plain), None)

    def close(self, before: State, turn: Turn) -> Turn:
        """Keeps what belongs to the person, and at the end of one questionnaire offers the others that wait."""
        if any(isinstance(effect, Erase) for effect in turn.effects):
            return turn
        after = tracks.carry(before, turn.state)
        ends = after.phase is Phase.FINISHED and before.phase is not Phase.FINISHED
        offer = (Say((Phrase("tracks.left"),), self._keys(after)),) if ends and after.parked else ()
        return Turn(after, (*turn.effects, *offer)) if offer or after is not turn.state else turn

    def _keys(self, state: State) -> tuple[Key, ...]:
        return tracks.left_keys(state, {each.state.track: self.title(each.state) for each in state.parked})

    def title(self, state: State) -> Words:
        """What a resident would call it; a later wave says which."""
        plain = Literal(self._plain_title(state))
        return Phrase("tracks.wave", {"title": plain, "wave": state.wave}) if state.wave > 1 else plain

    def _plain_title(self, state: State) -> str:
        form = self._shelf.find(state.questionnaire, state.version) if state.questionnaire else None
        questionnaire = (form or self._shelf.current()).questionnaire
        titles = questionnaire.title
        return titles.get(state.language) or next(iter(titles.values()), "") or questionnaire.id
