"""What somebody hears of talks in person, as messages in one language; to whom and when is decided elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from babel import Locale

from bot.dialogue.effects import Literal, Phrase, Words
from bot.meeting.moments import ZONE, kind_deadline, when_words
from bot.meeting.saying import offer_keys
from bot.meeting.taps import DuoTap, TalkTap, payload
from bot.texts.catalogue import Catalogue
from domain.message import Button, Message
from domain.session import News, Offer, Place, Session, SessionKind

BUTTON_CHARACTERS = 64

REMINDERS = (News.REMIND_DAY, News.REMIND_SOON)
ASKING = (News.ASKED, News.ASKED_AGAIN)

WORTH_A_CALL = frozenset(
    {
        *ASKING,
        News.CONFIRMED,
        News.MOVED,
        News.CANCELLED,
        News.REPLACED,
        News.NO_DUO,
        News.REMIND_DAY,
        News.OFFERED,
    }
)
"""What the staff on duty have to tell somebody whom no message reaches; the rest can be missed."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a session, for words about it. `names` are first names by meemaker; `address` is that of a visit at
    home, or where a street moment is, "" where it is not known or, with `is_in_agenda`, stands in their own agenda alone; `until`
    is when an answer is due (UTC)."""

    session: Session
    place: Place | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    until: datetime | None = None
    is_in_agenda: bool = False


class NewsWords:
    """Messages for one reader. Times come in UTC and are said by the clock in Amsterdam."""

    def __init__(self, catalogue: Catalogue, language: str) -> None:
        self._catalogue, self._language = catalogue, language

    def resident(
        self,
        news: News,
        told: Sequence[Facts],
        offers: Sequence[Offer],
        places: Mapping[str, Place],
        at: datetime,
    ) -> Message:
        """`told` is the session, or several in one reminder, or none where there is only news of offers."""
        if news in (News.OFFERED, News.NO_DUO):
            return self._offered(news, told, offers, places, at)
        kept = "_group" if news is News.MOVED and told[0].session.kind is SessionKind.GROUP else ""
        text = self._say(f"news.{news.value}{kept}", self._first(told))
        details = [self._details(each, for_resident=True) for each in told]
        if news is News.CANCELLED:
            return Message(text, (self._button("news.button.want", TalkTap.WANT),))
        if news is News.HOW_WAS_IT:
            return Message(text, self._how(told[0].session.id))
        return Message("\n\n".join((text, *details)), self._change(told[0].session.id))

    def street(self, session: Session, where: str) -> Message:
        """To residents nearby: where a duo simply is, and when."""
        until = self._clock(session.when.end)
        about = {"when": self.when(session.when.start), "until": until, "where": where}
        return Message(self._say("news.street", about))

    def street_off(self, session: Session) -> Message:
        """To who was told of it."""
        return Message(self._say("news.street_off", {"when": self.when(session.when.start)}))

    def street_moved(self, session: Session, where: str) -> Message:
        """As `street_off`: when and where it is now."""
        until = self._clock(session.when.end)
        about = {"when": self.when(session.when.start), "until": until, "where": where}
        return Message(self._say("news.street_moved", about))

    def because(self, reason: str) -> str:
        """Why a session was called off, in the words of whoever did."""
        return self._say("news.because", {"reason": reason})

    def meemaker(self, news: News, meemaker: str, told: Sequence[Facts], at: datetime) -> Message:
        """As for a resident, to one of the duo. `at` is now; it tells whether a visit begins or ends."""
        first = told[0].session
        key = f"news.duo.{news.value}"
        if news is News.CHECK_IN:
            key += "_end" if at >= first.when.end else ""
        params = {**self._first(told), "count": str(len(told))}
        text = self._say(key, params, count=len(told) if news in REMINDERS else None)
        lines = [text]
        if news not in (News.REPORT, News.CANCELLED, News.WITHDRAWN, News.CHECK_IN):
            lines += [self._details(each, for_resident=False, reader=meemaker) for each in told]
        if news in ASKING and told[0].until is not None:
            lines.append(self._say("news.duo.until", {"until": self.when(kind_deadline(told[0].until, at))}))
        if len(told) > 1:  # a button of one talk would not say which
            return Message("\n\n".join(lines), (self._button("duo.button.agenda", DuoTap.AGENDA),))
        return Message("\n\n".join(lines), self._duo_buttons(news, first, at))

    def coordinator(self, news: News, told: Facts, reference: str, meemaker: str) -> Message:
        """For staff: which session, what kind, when, and what happens; never words of a resident. `reference` or `meemaker`
        is who could not be reached; without either, it is about the session."""
        session = told.session
        kind = self._say(f"news.kind.{session.kind.value}", {})
        about = {
            "session": session.id,
            "kind": kind,
            "when": self.when(session.when.start),
            "duo": self._and([told.names.get(each, each) for each in session.meemakers if each]),
            "reference": reference,
            "name": told.names.get(meemaker, meemaker),
        }
        if news is News.CHECK_MISSED:
            return Message(self._say("news.staff.check_missed", about))
        who = "meemaker" if meemaker else "resident"
        about["what"] = self._say(f"news.what.{news.value}", {})
        return Message(self._say(f"news.staff.unreached_{who}", about))

    def offered_unreached(self, reference: str) -> Message:
        """For staff: there are offers for a resident whom no message reaches."""
        return Message(self._say("news.staff.offered", {"reference": reference}))

    def when(self, moment: datetime) -> str:
        """ "dinsdag 1 december, 14.00 uur" """
        return self._words(when_words(moment))

    def _clock(self, moment: datetime) -> str:
        local = moment.astimezone(ZONE)
        return self._words(Phrase("hours.clock", {"hour": str(local.hour), "minute": f"{local.minute:02}"}))

    def _words(self, words: Words) -> str:
        if isinstance(words, Phrase):
            params = {
                name: str(value) if isinstance(value, str | int) else self._words(value)
                for name, value in words.params.items()
            }
            return self._say(words.key, params)
        assert isinstance(words, Literal), "news names no question"
        return words.text

    def _first(self, told: Sequence[Facts]) -> dict[str, str]:
        if not told:
            return {}
        session = told[0].session
        return {"when": self.when(session.when.start)}

    def _details(self, told: Facts, *, for_resident: bool, reader: str = "") -> str:
        session = told.session
        lines = [self.when(session.when.start), self._where(told, for_resident=for_resident)]
        others = [told.names[each] for each in session.meemakers if each != reader and each in told.names]
        if others:
            key = "news.with" if for_resident else "news.together"
            lines.append(self._say(key, {"who": self._and(others)}))
        if not for_resident:
            kind = self._say(f"news.kind.{session.kind.value}", {})
            lines.append(
                self._say("news.duo.kind", {"kind": kind, "language": self._tongue(session.language)})
            )
        return "\n".join(lines)

    def _where(self, told: Facts, *, for_resident: bool) -> str:
        if told.place is not None:
            return f"{told.place.name}, {told.place.address}"
        if told.session.kind is not SessionKind.HOME:
            return told.address or self._say("news.where_unknown", {})
        if for_resident:
            return self._say("news.at_home", {})
        if told.is_in_agenda:
            return self._say("news.duo.at_home_in_agenda", {})
        if told.address:
            return self._say("news.duo.at_home", {"address": told.address})
        return self._say("news.duo.at_home_unknown", {})

    def _tongue(self, code: str) -> str:
        locale = Locale("en" if self._language == "en" else "nl")
        return str(locale.languages.get(code, code))

    def _and(self, names: Sequence[str]) -> str:
        if len(names) < 2:
            return "".join(names)
        return self._say("news.and", {"first": ", ".join(names[:-1]), "last": names[-1]})

    def _offered(
        self,
        news: News,
        told: Sequence[Facts],
        offers: Sequence[Offer],
        places: Mapping[str, Place],
        at: datetime,
    ) -> Message:
        if not offers:
            return Message(self._say(f"news.{news.value}_none", self._first(told)))
        held = {"until": self.when(kind_deadline(min(each.until for each in offers), at))}
        lines = [self._say(f"news.{news.value}", self._first(told)), self._say("news.held", held)]
        buttons = [
            Button(self._words(key.title)[:BUTTON_CHARACTERS], key.payload)
            for key in offer_keys(offers, places)
        ]
        return Message("\n\n".join(lines), (*buttons, self._button("news.button.else", TalkTap.ELSE)))

    def _change(self, session: str) -> tuple[Button, ...]:
        return (
            self._button("news.button.move", TalkTap.MOVE, session),
            self._button("news.button.cancel", TalkTap.CANCEL, session),
        )

    def _how(self, session: str) -> tuple[Button, ...]:
        return tuple(
            self._button(f"news.button.{how}", TalkTap.HOW, session, how) for how in ("good", "so_so", "bad")
        )

    def _duo_buttons(self, news: News, session: Session, at: datetime) -> tuple[Button, ...]:
        match news:
            case News.ASKED | News.ASKED_AGAIN:
                names = {"news.button.yes": DuoTap.YES, "news.button.no": DuoTap.NO}
            case News.CONFIRMED | News.MOVED | News.REPLACED | News.REMIND_DAY:
                names = {"news.button.cannot": DuoTap.NO}
            case News.CHECK_IN if at >= session.when.end:
                names = {"news.button.left": DuoTap.LEFT}
            case News.CHECK_IN:
                names = {"news.button.arrived": DuoTap.ARRIVED}
            case News.REPORT:
                names = {"news.button.report": DuoTap.REPORT}
            case _:
                return ()
        return tuple(self._button(key, tap, session.id) for key, tap in names.items())

    def _button(self, key: str, tap: TalkTap | DuoTap, about: str = "", value: str = "") -> Button:
        return Button(self._say(key, {}), payload(tap, about, value))

    def _say(self, key: str, params: Mapping[str, str], count: int | None = None) -> str:
        sentence = self._catalogue.sentence(key, self._language, count)
        return sentence % {**self._catalogue.numbers.facts, **params} if "%(" in sentence else sentence
