"""Residents and their talks in person: asking for one, choosing an offer, moving, cancelling, and what was agreed.

Whatever is pressed is answered by how things are now: a button is never more than a wish. Asking is short: what the
questionnaire knows already is not asked again, and as soon as enough is known there are offers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.dialogue.asking import key as dialogue_key
from bot.dialogue.effects import Close, HandOver, Key, Phrase, Say, SetConsent, Wish, Words
from bot.dialogue.heard import Event, Heard
from bot.dialogue.plain_words import plain
from bot.dialogue.state import State
from bot.dialogue.talks import wish_in
from bot.dialogue.turn import Turn, look
from bot.meeting import saying
from bot.meeting.asking import Asking, asked, given_so_far, on_its_own, over, with_key, with_line
from bot.meeting.hours_words import ReadTimes
from bot.meeting.moments import kind_deadline, when_words
from bot.meeting.step import Step, step_from_json, step_to_json
from bot.meeting.talk_wish import ANYWHERE, GENDERS, KINDS, PARTS, answers_of, make_wish, neighbourhoods
from bot.meeting.taps import TalkTap, Tapped, payload, read_tap
from bot.meeting.telling import TellsPeople
from bot.meeting.words import (
    asks_about_it,
    asks_for_talk,
    cannot_come,
    declines,
    is_any_time,
    number_in,
    parts_in,
    wants_others,
)
from bot.texts.catalogue import LANGUAGES, Catalogue
from domain.consent import Purpose
from domain.message import IncomingKind
from domain.questionnaire import Choice
from domain.session import (
    HOLD,
    News,
    Offer,
    Reason,
    RequestStatus,
    Session,
    SessionKind,
    SessionStatus,
    TalkRequest,
    TalkWish,
    Tell,
)
from domain.talk_outcomes import Booked, Done, Gone, Offered, Refused
from domain.understanding import Command, Expected, ExpectedKind, Understanding, UnderstandingKind

EVENT = "talk_in_person"
"""What a turn about talks in person is called."""

_COMMANDS = (Command.RESCHEDULE, Command.CANCEL_SESSION, Command.MY_SESSIONS)
_PASSES = (Command.SKIP, Command.DONT_KNOW, Command.REFUSE)
_ASKS_AGAIN = (Command.REPEAT, Command.EXPLAIN, Command.WHY)
_MOST_MISSES = 2
_SHORTEST_ADDRESS = 5
_SHOWN = "shown"
"""Under this name a step keeps which offers it shows."""


def is_command(heard: Heard) -> bool:
    """Whether these words are about a talk in person whatever was asked."""
    said = heard.understanding
    if said is None or heard.kind is not IncomingKind.TEXT:
        return False
    if said.kind is UnderstandingKind.COMMAND and said.value in _COMMANDS:
        return True
    is_choice = said.kind is UnderstandingKind.ANSWER and said.value.strip() != heard.text.strip()
    return not is_choice and asks_for_talk(heard.text)


class ResidentSide:
    """`read_times` reads the times that words name."""

    def __init__(self, catalogue: Catalogue, post: TellsPeople, read_times: ReadTimes) -> None:
        self._post, self._read_times = post, read_times
        self._kinds = tuple(_choice(catalogue, f"meeting.button.kind_{name}", name) for name in KINDS)
        self._preferences = (
            *(_choice(catalogue, f"meeting.button.prefers_{name}", name) for name in saying.PREFERENCES),
            *(_choice(catalogue, f"meeting.button.in_{code}", code) for code in saying.TONGUES),
        )

        self._titles = {
            plain(catalogue.sentence(each.title.key, language)): read_tap(each.payload)
            for each in saying.TYPED
            for language in LANGUAGES
            if isinstance(each.title, Phrase)
        }

    def expect(self, state: State) -> Expected | None:
        """What the step in `state` can take; None without one."""
        step = step_from_json(state.meeting)
        if step is None:
            return None
        kind, choices = ExpectedKind.TEXT, tuple[Choice, ...]()
        match step.name:
            case "consent" | "cancel":
                kind = ExpectedKind.YESNO
            case "kind":
                kind, choices = ExpectedKind.CHOICE, self._kinds
            case "prefer":
                kind, choices = ExpectedKind.CHOICE, self._preferences
        return Expected(kind, choices, state.language)

    def turn(self, asking: Asking) -> Turn | None:
        """None when it is not about a talk in person."""
        asking = on_its_own(asking)
        tap = asking.tap or self._typed(asking)
        if tap is not None:
            turn = self._pressed(asking, tap)
        elif is_command(asking.heard):
            if not asking.has_talks:
                return None
            turn = self._commanded(asking)
        else:
            said = self._answered(asking) if asking.state.meeting else self._about_theirs(asking)
            if said is None:
                return None
            turn = said
        return Turn(turn.state, turn.effects, EVENT)

    def _about_theirs(self, asking: Asking) -> Turn | None:
        """Words that nobody else understands, and that mean something where a talk is to come."""
        said, text = asking.heard.understanding, asking.heard.text
        if said is None or said.kind is not UnderstandingKind.UNCLEAR:
            return None
        cannot, asks = cannot_come(text), asks_about_it(text)
        if not (cannot or asks) or asking.upcoming() is None:
            return None
        return self._ask_to_cancel(asking) if cannot else self._mine(asking)

    def _typed(self, asking: Asking) -> Tapped | None:
        """The button whose title was typed, in a step where it may stand."""
        if not asking.state.meeting or asking.heard.kind is not IncomingKind.TEXT:
            return None
        return self._titles.get(plain(asking.heard.text))

    def concerns(self, turn: Turn) -> bool:
        """Whether a turn of the conversation itself may mean something for talks in person."""
        meant = (Wish, Close, SetConsent, HandOver)
        return turn.event == Event.STOP or any(isinstance(effect, meant) for effect in turn.effects)

    def after(self, asking: Asking, turn: Turn) -> Turn:
        effects = turn.effects
        if not asking.has_talks:
            return turn
        if turn.event == Event.STOP:
            return self._stopped(asking, turn)
        if any(isinstance(each, HandOver) and not each.talk for each in effects):
            return replace(turn, effects=with_key(effects, saying.WANT))
        refused = any(
            isinstance(each, SetConsent) and each.purpose is Purpose.CONTACT and not each.given
            for each in effects
        )
        if refused or any(isinstance(each, Wish) and each.preferences is None for each in effects):
            return self._no_longer_wanted(asking, turn)
        if any(isinstance(each, Close) and each.outcome == "finished" for each in effects):
            return self._finished(asking, turn)
        return turn

    # What the conversation itself means for talks

    def _finished(self, asking: Asking, turn: Turn) -> Turn:
        """The questionnaire ends: whoever wants a talk sees offers in the same reply."""
        state = turn.state
        wanted = wish_in(state, asking.form, look(state, asking.form, asking.now))
        is_new = any(isinstance(each, Wish) for each in turn.effects)
        if wanted is None or asking.upcoming() is not None:
            return turn
        if asking.desk.request(asking.reference) is not None and not is_new:
            return turn
        wish = make_wish(answers_of(state, asking.form), asking.desk.places(), state.language)
        said = self._look(asking, wish, Phrase("meeting.after_intake"))
        return Turn(said.state, (*turn.effects, *said.effects), turn.event)

    def _no_longer_wanted(self, asking: Asking, turn: Turn) -> Turn:
        asking.desk.withdraw_request(asking.reference, now=asking.now)
        session = asking.upcoming()
        if session is None:
            return turn
        said = Say(
            (Phrase("meeting.still_stands"), *saying.session_lines(asking.desk, session)),
            saying.session_keys(asking.desk, session),
        )
        return replace(turn, effects=(*turn.effects, said))

    def _stopped(self, asking: Asking, turn: Turn) -> Turn:
        """Silence from now on: nobody who said stop waits for news. What was booked stands, and that is said."""
        request = asking.desk.request(asking.reference)
        if request is not None and request.status is not RequestStatus.BOOKED:
            asking.desk.withdraw_request(asking.reference, now=asking.now)
            return replace(turn, effects=with_line(turn.effects, Phrase("meeting.off_the_list")))
        if asking.upcoming() is None:
            return turn
        only_changes = Say((Phrase("meeting.only_changes"),))
        said = self._no_longer_wanted(asking, turn)
        return replace(said, effects=(*said.effects, only_changes))

    # What is pressed

    def _pressed(self, asking: Asking, tap: Tapped) -> Turn:
        match tap.what:
            case TalkTap.WANT:
                return self._want(asking)
            case TalkTap.TAKE:
                return self._take(asking, tap.about)
            case TalkTap.ELSE:
                return self._others(asking)
            case TalkTap.MINE | TalkTap.KEEP:
                return self._mine(asking)
            case TalkTap.MOVE:
                return self._move(asking)
            case TalkTap.CANCEL:
                return self._ask_to_cancel(asking)
            case TalkTap.CANCEL_SURE:
                return self._cancel(asking, tap.about)
            case TalkTap.HOW:
                return self._how_it_was(asking, tap)
            case TalkTap.ADDRESS:
                return self._ask_address(asking)
            case TalkTap.ALLOW:
                return self._allow(asking, is_given=tap.about == "yes")
            case TalkTap.LEAVE:
                return self._leave(asking)
            case _:
                return self._chosen(asking, tap)

    def _chosen(self, asking: Asking, tap: Tapped) -> Turn:
        """One of the wishes for a talk."""
        if not asking.may_contact:
            return self._want(asking)
        match tap.what:
            case TalkTap.KIND if tap.about in KINDS:
                return self._set_kind(asking, tap.about)
            case TalkTap.AREA:
                return self._set_area(asking, tap.about)
            case TalkTap.WHEN if tap.about in (*PARTS, "any"):
                return self._set_times(asking, frozenset({tap.about}) & frozenset(PARTS))
            case TalkTap.PREFER if tap.about:
                return self._set_preference(asking, tap.about, tap.value)
            case TalkTap.KIND:
                return self._ask(asking, Step("kind"))
            case TalkTap.WHEN:
                return self._ask(asking, Step("when"))
            case _:
                return self._ask(asking, Step("prefer"))

    def _commanded(self, asking: Asking) -> Turn:
        said = asking.heard.understanding
        match said.value if said is not None and said.kind is UnderstandingKind.COMMAND else "":
            case Command.RESCHEDULE:
                step = step_from_json(asking.state.meeting)
                is_choosing = step is not None and step.name == "offers"
                return self._ask(asking, Step("when")) if is_choosing else self._move(asking)
            case Command.CANCEL_SESSION:
                return self._ask_to_cancel(asking)
            case Command.MY_SESSIONS:
                return self._mine(asking)
            case _:
                return self._want(asking)

    # Asking for a talk

    def _want(self, asking: Asking, *lead: Words) -> Turn:
        """The next thing to know; offers when enough is known."""
        if asking.upcoming() is not None:
            return self._mine(asking)
        if not asking.may_contact:
            return self._ask(asking, Step("consent", given=given_so_far(asking)), *lead)
        held = asking.desk.offers_of(asking.reference, now=asking.now)
        if held:
            return self._show(asking, held, *lead)
        request = asking.desk.request(asking.reference)
        if request is not None:
            return self._look(asking, request.wish, *lead)
        return self._ask_next(asking, *lead)

    def _ask_next(self, asking: Asking, *lead: Words) -> Turn:
        known, given = asking.known(), given_so_far(asking)
        areas = neighbourhoods(asking.desk.places())
        if "place" not in known:
            return self._ask(asking, Step("kind", given=given), *lead)
        if len(areas) > 1 and known.get("wijk") not in (*areas, ANYWHERE):
            return self._ask(asking, Step("area", given=given), *lead)
        if "times" not in known:
            return self._ask(asking, Step("when", given=given), *lead)
        return self._look(asking, self._wish(asking, known), *lead)

    def _wish(self, asking: Asking, known: Mapping[str, str]) -> TalkWish:
        return make_wish(known, asking.desk.places(), asking.state.language)

    def _allow(self, asking: Asking, *, is_given: bool) -> Turn:
        if not is_given and asking.may_contact:
            return self._want(asking)  # an old button: what was given is taken back elsewhere
        if not is_given:
            return over(asking, Phrase("meeting.no_consent"))
        if asking.may_contact:
            return self._want(asking)
        consents = {**asking.state.consents, Purpose.CONTACT.value: True}
        turn = self._want(replace(asking, state=asking.state.having(consents=consents)))
        return turn.before(SetConsent(Purpose.CONTACT, given=True))

    def _set_kind(self, asking: Asking, name: str) -> Turn:
        return self._set(asking, {"place": name}, lambda wish: replace(wish, kind=KINDS[name]))

    def _set_area(self, asking: Asking, about: str) -> Turn:
        areas = neighbourhoods(asking.desk.places())
        number = int(about) if about.isdecimal() and about.isascii() and len(about) < 4 else -1
        area = areas[number] if 0 <= number < len(areas) else ANYWHERE
        if area == ANYWHERE and self._is_at_home(asking):
            return self._ask(asking, Step("area", given=given_so_far(asking)), Phrase("meeting.home_where"))

        def changed(wish: TalkWish) -> TalkWish:
            if area == ANYWHERE:
                return replace(wish, accepts=frozenset(areas))
            return replace(wish, neighbourhood=area, accepts=frozenset({area}))

        return self._set(asking, {"wijk": area}, changed)

    def _is_at_home(self, asking: Asking) -> bool:
        request = asking.desk.request(asking.reference)
        if request is not None:
            return request.wish.kind is SessionKind.HOME
        return asking.known().get("place") == "home"

    def _set_times(self, asking: Asking, parts: frozenset[str]) -> Turn:
        said = " ".join(sorted(parts)) or "any"
        return self._set(asking, {"times": said}, lambda wish: replace(wish, parts=parts, windows=()))

    def _set_preference(self, asking: Asking, about: str, value: str) -> Turn:
        def changed(wish: TalkWish) -> TalkWish:
            if about == "step_free":
                return replace(wish, step_free=True)
            if about == "language":
                return replace(wish, language=value) if value in saying.TONGUES else wish
            return replace(wish, gender=GENDERS.get(about))

        known = {"language": ("talk_language", value), "step_free": ("step_free", "yes")}
        name, said = known.get(about, ("prefers", about))
        return self._set(asking, {name: said}, changed)

    def _set(self, asking: Asking, said: Mapping[str, str], change: Callable[[TalkWish], TalkWish]) -> Turn:
        """One wish more or another one. Who asked already gets offers at once; else the next thing is asked."""
        request = asking.desk.request(asking.reference)
        if request is not None:
            return self._look(asking, change(request.wish))
        step = step_from_json(asking.state.meeting) or Step("kind")
        state = asking.state.having(meeting=step_to_json(step.having(**said)))
        asking = replace(asking, state=state)
        session = asking.upcoming()
        if session is not None:
            return self._look(asking, change(self._wish(asking, asking.known())))
        return self._ask_next(asking)

    def _set_windows(self, asking: Asking, text: str) -> Turn | None:
        """Times in words; None when there are none in them."""
        if is_any_time(text):
            return self._set_times(asking, frozenset())
        parts = parts_in(text)
        if parts:
            return self._set_times(asking, parts)
        windows = tuple(self._read_times(text, asking.now))
        if not windows:
            return None
        request = asking.desk.request(asking.reference)
        wish = request.wish if request is not None else self._wish(asking, asking.known())
        return self._look(asking, replace(wish, windows=windows, parts=frozenset()))

    # Offers

    def _look(self, asking: Asking, wish: TalkWish, *lead: Words) -> Turn:
        session = asking.upcoming()
        if session is not None:
            found = asking.desk.move(asking.reference, session.id, now=asking.now, wish=wish)
        else:
            found = asking.desk.offer(asking.reference, wish, now=asking.now)
        if isinstance(found, Refused):
            return self._mine(asking)
        if found.offers:
            return self._show(asking, found.offers, *lead)
        if session is not None:
            keys = (saying.ANOTHER_TIME, saying.key("keep", TalkTap.KEEP, session.id))
            return asked(asking, Step("offers"), (*lead, Phrase("meeting.cannot_move")), keys)
        return self._waits(asking, wish, found.reason, *lead)

    def _show(self, asking: Asking, offers: Sequence[Offer], *lead: Words, is_wide: bool = False) -> Turn:
        places = {each.id: each for each in asking.desk.places()}
        more = (saying.ANOTHER_TIME, saying.ANOTHER_PLACE, saying.MORE) if is_wide else ()
        until = min(each.until for each in offers)
        held = Phrase("meeting.held", {}, len(offers))
        if until > asking.now + HOLD:
            held = Phrase("news.held", {"until": when_words(kind_deadline(until, asking.now))})
        lines = (*lead, Phrase("meeting.offers", {}, len(offers)), held)
        keys = (*saying.offer_keys(offers, places), saying.OTHERS, *more)
        # "De eerste" is the first of what is shown here, whatever else is held.
        shown = " ".join(each.id for each in offers)
        return asked(asking, Step("offers", given={**given_so_far(asking), _SHOWN: shown}), lines, keys)

    def _waits(self, asking: Asking, wish: TalkWish, reason: Reason | None, *lead: Words) -> Turn:
        """Nothing fits: on the waiting list, with the reason and what happens next."""
        why = Phrase(f"meeting.reason.{(reason or Reason.FULL).value}")
        next_up = "meeting.waiting" if asking.heard.reachable else "meeting.waiting_here"
        everywhere = wish.accepts >= set(neighbourhoods(asking.desk.places()))
        keys = (saying.ANOTHER_TIME, *(() if everywhere else (saying.ANYWHERE_KEY,)), saying.ANOTHER_PLACE)
        step = Step("offers", given=given_so_far(asking))
        return asked(asking, step, (*lead, why, Phrase(next_up)), (*keys, saying.OFF_THE_LIST))

    def _others(self, asking: Asking) -> Turn:
        if not asking.may_contact:
            return self._want(asking)
        found = asking.desk.something_else(asking.reference, now=asking.now)
        if isinstance(found, Refused):
            return self._want(asking)
        if found.offers:
            return self._show(asking, found.offers, is_wide=True)
        request = asking.desk.request(asking.reference)
        if request is None:
            return self._want(asking)
        again = self._offers_again(asking, request)
        if again:
            return self._show(asking, again, Phrase("meeting.no_others"), is_wide=True)
        return self._look(asking, request.wish)

    def _offers_again(self, asking: Asking, request: TalkRequest) -> Sequence[Offer]:
        session = asking.upcoming()
        if session is not None:
            found = asking.desk.move(asking.reference, session.id, now=asking.now, wish=request.wish)
        else:
            found = asking.desk.offer(asking.reference, request.wish, now=asking.now)
        return found.offers if isinstance(found, Offered) else ()

    def _take(self, asking: Asking, offer: str) -> Turn:
        found = asking.desk.book(asking.reference, offer, now=asking.now)
        self._tell(asking, found.tells)
        if isinstance(found, Gone):
            return self._gone(asking, found)
        return self._booked(asking, found)

    def _gone(self, asking: Asking, found: Gone) -> Turn:
        if found.offers:
            return self._show(asking, found.offers, Phrase("meeting.gone"))
        if asking.upcoming() is not None:
            return self._mine(asking)
        return self._want(asking, Phrase("meeting.gone"))

    def _booked(self, asking: Asking, found: Booked) -> Turn:
        session = found.session
        booked = Phrase("meeting.moved" if found.was is not None else "meeting.booked")
        lines = (booked, *saying.session_lines(asking.desk, session), self._what_next(asking, session))
        if session.kind is SessionKind.HOME and not asking.desk.address_of(session.id):
            step = Step("address", session.id)
            return asked(asking, step, (*lines, Phrase("meeting.ask_address")), (_later(),))
        return over(asking, *lines, keys=saying.session_keys(asking.desk, session))

    def _what_next(self, asking: Asking, session: Session) -> Phrase:
        if session.status is SessionStatus.CONFIRMED:
            return Phrase("meeting.is_certain")
        return Phrase("meeting.you_hear" if asking.heard.reachable else "meeting.look_here")

    # What was agreed

    def _mine(self, asking: Asking) -> Turn:
        found = asking.desk.mine(asking.reference, now=asking.now)
        if not found:
            return self._none(asking)
        lines: list[Words] = [Phrase("meeting.mine", {}, len(found))]
        keys: list[Key] = []
        for session in found:
            lines += saying.session_lines(asking.desk, session)
            if session.when.start > asking.now:
                keys += saying.session_keys(asking.desk, session)
        return over(asking, *lines, keys=tuple(keys))

    def _none(self, asking: Asking) -> Turn:
        """No talk: offers that still hold, the waiting list, or nothing at all."""
        held = asking.desk.offers_of(asking.reference, now=asking.now)
        if held:
            return self._show(asking, held, Phrase("meeting.none_yet"))
        request = asking.desk.request(asking.reference)
        if request is None or request.status is RequestStatus.BOOKED:
            return over(asking, Phrase("meeting.none"), keys=(saying.WANT,))
        keys = (saying.WANT, saying.ANOTHER_TIME, saying.OFF_THE_LIST)
        return over(asking, Phrase("meeting.none_yet"), Phrase("meeting.you_wait"), keys=keys)

    def _move(self, asking: Asking) -> Turn:
        session = asking.upcoming()
        if session is None:
            return self._none(asking)
        request = asking.desk.request(asking.reference)
        wish = request.wish if request is not None else self._wish(asking, asking.known())
        return self._look(asking, wish, Phrase("meeting.moving"))

    def _ask_to_cancel(self, asking: Asking) -> Turn:
        session = asking.upcoming()
        if session is not None:
            return self._ask(asking, Step("cancel", session.id))
        request = asking.desk.request(asking.reference)
        if request is None or request.status is RequestStatus.BOOKED:
            return self._none(asking)
        return self._ask(asking, Step("cancel"))

    def _cancel(self, asking: Asking, session_id: str) -> Turn:
        if not session_id:
            if asking.upcoming() is not None:
                return self._mine(asking)
            asking.desk.withdraw_request(asking.reference, now=asking.now)
            return over(asking, Phrase("meeting.off_the_list"), keys=(saying.WANT,))
        found = asking.desk.cancel(asking.reference, session_id, now=asking.now)
        self._tell(asking, found.tells)
        if isinstance(found, Done):
            # It leaves their own calendar as well.
            self._tell(asking, (Tell(asking.reference, News.CANCELLED, session_id),))
            return over(asking, Phrase("meeting.cancelled"), keys=(saying.WANT,))
        return self._mine(asking)

    def _how_it_was(self, asking: Asking, tap: Tapped) -> Turn:
        """Thanked, and kept with the consent for answers. Whoever was not happy may talk about that with a person."""
        how = tap.value if tap.value in saying.FEELINGS else "so_so"
        keys = (dialogue_key("human"),) if how == "bad" else ()
        kept = (Phrase("meeting.was.kept"),) if self._keep_how(asking, tap.about, tap.value) else ()
        return over(asking, Phrase(f"meeting.was.{how}"), *kept, keys=keys)

    def _keep_how(self, asking: Asking, session: str, how: str) -> bool:
        if how not in saying.FEELINGS or not asking.state.consents.get(Purpose.ANSWERS.value):
            return False
        form = asking.form.questionnaire
        shown = f"{form.id} {form.version}"
        return asking.db.keep_afterwards(asking.reference, session, how, text_version=shown, at=asking.now)

    def _ask_address(self, asking: Asking) -> Turn:
        session = asking.upcoming()
        if session is None or session.kind is not SessionKind.HOME:
            return self._mine(asking)
        return self._ask(asking, Step("address", session.id))

    def _take_address(self, asking: Asking, step: Step, text: str) -> Turn | None:
        """Kept encrypted with the session, and nowhere else."""
        session = asking.upcoming()
        if session is None or session.id != step.about or session.kind is not SessionKind.HOME:
            return self._mine(asking)
        said = " ".join(text.split())
        if len(said) < _SHORTEST_ADDRESS or len(said) > 200 or not any(each.isdigit() for each in said):
            return None
        asking.desk.set_address(session.id, said)
        return over(asking, Phrase("meeting.address_kept"), keys=saying.session_keys(asking.desk, session))

    def _leave(self, asking: Asking) -> Turn:
        return over(asking, Phrase("meeting.left"))

    def _tell(self, asking: Asking, tells: Sequence[Tell]) -> None:
        self._post.tell(asking.db, asking.desk, tells, asking.now, but_for=asking.reference)

    # Answers in words

    def _answered(self, asking: Asking) -> Turn | None:
        step, said = step_from_json(asking.state.meeting), asking.heard.understanding
        if step is None or said is None:
            return None
        if said.kind is UnderstandingKind.COMMAND:
            return self._steered(asking, step, said.value)
        if said.kind is UnderstandingKind.SOCIAL:
            social = "social.thanks" if said.value == "thanks" else "social.greet"
            return self._ask(asking, step, Phrase(social))
        return self._read(asking, step, said) or self._miss(asking, step)

    def _steered(self, asking: Asking, step: Step, command: str) -> Turn | None:
        if command in _ASKS_AGAIN:
            return self._ask(asking, step, Phrase("meeting.explain"))
        if command == Command.BACK and step.name in ("offers", "when", "area"):
            return self._ask(asking, Step("kind", given=step.given))
        if command == Command.BACK or command in _PASSES:
            return self._passed(asking, step)
        return None

    def _passed(self, asking: Asking, step: Step) -> Turn:
        """ "Sla over": no wish of that kind."""
        match step.name:
            case "kind":
                return self._set_kind(asking, "nearby")
            case "area":
                return self._set_area(asking, ANYWHERE)
            case "when":
                return self._set_times(asking, frozenset())
            case "cancel":
                return self._mine(asking)
            case _:
                return self._leave(asking)

    def _read(self, asking: Asking, step: Step, said: Understanding) -> Turn | None:
        """None when the words do not fit what was asked."""
        value = said.value if said.kind is UnderstandingKind.ANSWER else ""
        text = asking.heard.text
        match step.name:
            case "consent" if value in ("yes", "no"):
                return self._allow(asking, is_given=value == "yes")
            case "cancel" if value in ("yes", "no"):
                return self._cancel(asking, step.about) if value == "yes" else self._mine(asking)
            case "kind" if value in KINDS:
                return self._set_kind(asking, value)
            case "prefer" if value in saying.PREFERENCES:
                return self._set_preference(asking, value, "")
            case "prefer" if value in saying.TONGUES:
                return self._set_preference(asking, "language", value)
            case "area":
                return self._read_area(asking, text)
            case "when":
                return self._set_windows(asking, text)
            case "offers":
                return self._read_choice(asking, step, text)
            case "address":
                return self._leave(asking) if declines(text) else self._take_address(asking, step, text)
            case _:
                return None

    def _read_area(self, asking: Asking, text: str) -> Turn | None:
        if is_any_time(text):
            return self._set_area(asking, ANYWHERE)
        said = text.casefold()
        named = [
            number
            for number, code in enumerate(neighbourhoods(asking.desk.places()))
            if code.replace("_", " ").casefold() in said
        ]
        return self._set_area(asking, str(named[0])) if len(named) == 1 else None

    def _read_choice(self, asking: Asking, step: Step, text: str) -> Turn | None:
        """An offer by its number, others, no, or other times."""
        held = asking.desk.offers_of(asking.reference, now=asking.now)
        number, shown = number_in(text), step.given.get(_SHOWN, "").split()
        if number is not None and number < len(shown):
            return self._take(asking, shown[number])
        if wants_others(text):
            return self._others(asking)
        if declines(text):
            return self._leave(asking)
        windows = self._read_times(text, asking.now)
        fitting = [each for each in held if any(one.holds(each.when) for one in windows)]
        return (
            self._show(asking, fitting, Phrase("meeting.these"))
            if fitting
            else self._set_windows(asking, text)
        )

    def _miss(self, asking: Asking, step: Step) -> Turn:
        if step.misses + 1 >= _MOST_MISSES:
            return over(asking, Phrase("meeting.give_up"), keys=(saying.WANT, dialogue_key("human")))
        unclear = "meeting.unclear_times" if step.name in ("when", "offers") else "meeting.unclear"
        return self._ask(asking, replace(step, misses=step.misses + 1), Phrase(unclear))

    # Putting a step

    def _ask(self, asking: Asking, step: Step, *lead: Words) -> Turn:
        lines, keys = self._question(asking, step)
        return asked(asking, step, (*lead, *lines), keys)

    def _question(self, asking: Asking, step: Step) -> tuple[tuple[Words, ...], tuple[Key, ...]]:
        match step.name:
            case "consent":
                return saying.consent_lines(asking.form), saying.consent_keys(asking.form)
            case "kind":
                return (Phrase("meeting.ask_kind"),), saying.kind_keys()
            case "area":
                keys = saying.area_keys(asking.form, neighbourhoods(asking.desk.places()))
                return (Phrase("meeting.ask_area"),), keys[:-1] if self._is_at_home(asking) else keys
            case "when":
                return (Phrase("meeting.ask_when"),), saying.when_keys()
            case "prefer":
                return (Phrase("meeting.ask_preference"),), saying.preference_keys()
            case "address":
                return (Phrase("meeting.ask_address"),), (_later(),)
            case "cancel":
                return self._question_of_cancel(asking, step)
            case _:
                return self._question_of_offers(asking, step)

    def _question_of_cancel(self, asking: Asking, step: Step) -> tuple[tuple[Words, ...], tuple[Key, ...]]:
        session = asking.upcoming()
        keys: tuple[Key, ...] = (
            saying.key("cancel_yes", TalkTap.CANCEL_SURE, step.about),
            saying.key("cancel_no", TalkTap.KEEP, step.about),
        )
        if session is None:
            return (Phrase("meeting.ask_off_the_list"),), keys
        move = Key(Phrase("button.reschedule"), payload(TalkTap.MOVE, session.id))
        keys = (keys[0], move, keys[1])
        return (Phrase("meeting.ask_cancel"), *saying.session_lines(asking.desk, session)), keys

    def _question_of_offers(self, asking: Asking, step: Step) -> tuple[tuple[Words, ...], tuple[Key, ...]]:
        shown = step.given.get(_SHOWN, "").split()
        held = [each for each in asking.desk.offers_of(asking.reference, now=asking.now) if each.id in shown]
        places = {each.id: each for each in asking.desk.places()}
        if not held:
            return (Phrase("meeting.ask_when"),), saying.when_keys()
        return (Phrase("meeting.offers", {}, len(held)),), (*saying.offer_keys(held, places), saying.OTHERS)


def _later() -> Key:
    return saying.key("address_later", TalkTap.LEAVE)


def _choice(catalogue: Catalogue, title: str, name: str) -> Choice:
    """A button that may be said in words: its title, and the words that mean the same."""
    also = {
        language: tuple(catalogue.sentence(f"meeting.also.{name}", language).split(", "))
        for language in LANGUAGES
    }
    label = {language: catalogue.sentence(title, language) for language in LANGUAGES}
    return Choice(name, label, None, also)
