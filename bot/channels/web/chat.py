"""The chat page's doors: the page, a turn as JSON, the same turn as a plain form, and leaving this device."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from bot.assisting import invitation_in
from bot.channels.limits import Limiter
from bot.channels.web.ids import update_id
from bot.channels.web.last_replies import LastReplies, LastReply
from bot.channels.web.page import Page, Shown, link_to
from bot.channels.web.said import Said, parse_form, read_form_said, read_said
from bot.channels.web.strings import DEFAULT, known_language
from bot.channels.web.turns import take_turn
from bot.channels.web.visits import Visit, Visits, forget_cookie
from bot.channels.web.wire import (
    JSON_CAP,
    PERSONAL,
    Refusal,
    address_of,
    parse_object,
    read_body,
    refusal_document,
    too_often,
)
from domain.message import Incoming, IncomingKind, Message

if TYPE_CHECKING:
    from bot.channels.web.turns import Take
    from bot.conversation import Reply

CHANNEL = "web"
FORM_CAP = 2 * JSON_CAP  # a form writes one letter with an accent as six characters

_ELSEWHERE = Refusal(403, "from_elsewhere", "This request does not come from our own page.")
_NOT_JSON_TYPE = Refusal(415, "not_json_type", "The Content-Type must be application/json.")
_HUNG_UP = Refusal(400, "hung_up", "The request ended early.")


@dataclass(frozen=True, slots=True)
class ChatLimits:
    """How often: per browser, per address (a whole library may share one), and all together."""

    visit: Limiter
    address: Limiter
    total: Limiter


@dataclass(frozen=True, slots=True)
class Answered:
    """A turn that was taken. `fresh`: the browser was not known, so the conversation was opened instead."""

    reply: Reply
    visit: Visit
    fresh: bool


class Chat:
    """Translates between a browser and the conversation."""

    def __init__(
        self,
        take: Take,
        *,
        page: Page,
        visits: Visits,
        limits: ChatLimits,
        last_replies: LastReplies,
        key: bytes,
        now: Callable[[], datetime],
        token_bytes: Callable[[int], bytes],
    ) -> None:
        self._take, self._page, self._visits, self._limits = take, page, visits, limits
        self._last_replies, self._key, self._now, self._token_bytes = last_replies, key, now, token_bytes

    async def show(self, request: Request) -> Response:
        """`GET /`, which gives no new cookie.

        Who comes by a link from elsewhere may have one that the browser keeps back here (SameSite=Strict) and
        brings with the first turn; a new one would take its place.
        """
        visit = self._known_visit(request)
        last = self._last_replies.get(visit.channel_ref) if visit else None
        asked = known_language(request.query_params.get("lang", ""), "")
        notice = "left" if "left" in request.query_params else ""
        # A meemaker's own link works once: it is for them to send, and not for whoever looks at the page beforehand.
        link = invitation_in(request.query_params.get("start", ""))
        notice = "join" if link else notice
        if last is None:
            return self._html(Shown(asked or DEFAULT, self._new_id(), notice=notice, text=link))
        language = asked or known_language(last.language)
        return self._html(Shown(language, self._new_id(), last.messages, last.language, notice, link))

    async def turn(self, request: Request) -> Response:
        """`POST /chat/turn`: {"id", "kind": "open" | "text" | "tap", "text", "language"} as JSON."""
        said = await self._read_turn(request)
        answered = said if isinstance(said, Refusal) else await self._answer(request, said)
        if isinstance(answered, Refusal):
            return _refuse_json(answered)
        self._last_replies.drop(answered.visit.channel_ref)
        document = {
            "messages": [_as_json(message) for message in answered.reply.messages],
            "language": answered.reply.language,
            "fresh": answered.fresh,
        }
        return self._with_cookie(JSONResponse(document, headers=PERSONAL), request, answered)

    async def form(self, request: Request) -> Response:
        """`POST /chat/form`: the same turn without JavaScript; 303 back to the page."""
        fields = await self._read_form(request)
        if isinstance(fields, Refusal):
            return self._html(Shown(DEFAULT, self._new_id(), notice=_notice(fields)), fields)
        language = known_language(fields.get("lang", ""))
        said = read_form_said(fields, language)
        if said is None:
            return _see(f"/?lang={language}")
        answered = await self._answer(request, said)
        if isinstance(answered, Refusal):
            # The same id goes back with the text: sending it again counts once.
            return self._html(Shown(language, said.id, notice=_notice(answered), text=said.written), answered)
        # The same button pressed twice says nothing: then what was shown stays.
        earlier = self._last_replies.get(answered.visit.channel_ref)
        messages = answered.reply.messages or (earlier.messages if earlier else ())
        last = LastReply(messages, answered.reply.language)
        self._last_replies.put(answered.visit.channel_ref, last)
        language = known_language(last.language, language)
        if answered.fresh and said.written:
            kept = Shown(language, self._new_id(), last.messages, last.language, "fresh", said.text)
            return self._with_cookie(self._html(kept), request, answered)
        return self._with_cookie(_see(f"/?lang={language}#now"), request, answered)

    async def leave(self, request: Request) -> Response:
        """`POST /chat/leave`: this browser forgets who it is; what was answered stays as it is."""
        fields = await self._read_form(request)
        if isinstance(fields, Refusal):
            return self._html(Shown(DEFAULT, self._new_id(), notice=_notice(fields)), fields)
        visit = self._known_visit(request)
        if visit:
            self._last_replies.drop(visit.channel_ref)
        answer = _see(f"/?lang={known_language(fields.get('lang', ''))}&left")
        answer.headers["set-cookie"] = forget_cookie(secure=_is_secure(request))
        return answer

    async def _answer(self, request: Request, said: Said) -> Answered | Refusal:
        known = self._known_visit(request)
        visit = known or self._visits.begin()
        wait = self._wait(known, request)
        if wait:
            return too_often(wait)
        begins = said.kind is IncomingKind.OPEN or bool(invitation_in(said.text))
        fresh = known is None and not begins
        if fresh:
            said = Said(said.id, IncomingKind.OPEN, "", said.language)
        reply = await take_turn(self._take, self._incoming(visit, said))
        return reply if isinstance(reply, Refusal) else Answered(reply, visit, fresh)

    def _incoming(self, visit: Visit, said: Said) -> Incoming:
        # The text is part of the id: a form sent again from the browser's history with another answer is another turn.
        named = update_id(self._key, CHANNEL, visit.channel_ref, said.id, said.kind, said.text)
        return Incoming(CHANNEL, visit.channel_ref, said.kind, self._now(), named, said.text, said.language)

    def _wait(self, known: Visit | None, request: Request) -> float:
        """Seconds to wait. The narrowest limit is asked first, so that who is refused takes nothing from others."""
        address = address_of(request.client.host if request.client else "")
        for limiter, key in (
            (self._limits.visit, known.channel_ref if known else ""),
            (self._limits.address, address),
            (self._limits.total, "all"),
        ):
            wait = limiter.take(key) if key else 0.0
            if wait:
                return wait
        return 0.0

    async def _read_turn(self, request: Request) -> Said | Refusal:
        if _is_from_elsewhere(request.headers, allow_null=False):
            return _ELSEWHERE
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return _NOT_JSON_TYPE
        body = await read_body(dict(request.scope["headers"]), request.receive, JSON_CAP)
        document = _HUNG_UP if body is None else body if isinstance(body, Refusal) else parse_object(body)
        return document if isinstance(document, Refusal) else read_said(document)

    async def _read_form(self, request: Request) -> dict[str, str] | Refusal:
        if _is_from_elsewhere(request.headers, allow_null=True):
            return _ELSEWHERE
        body = await read_body(dict(request.scope["headers"]), request.receive, FORM_CAP)
        if body is None or isinstance(body, Refusal):
            return body or _HUNG_UP
        return parse_form(body)

    def _known_visit(self, request: Request) -> Visit | None:
        return self._visits.read(request.headers.get("cookie", ""), secure=_is_secure(request))

    def _with_cookie(self, response: Response, request: Request, answered: Answered) -> Response:
        visit, is_new = answered.visit, self._known_visit(request) is None
        if is_new or self._visits.is_due_for_renewal(visit):
            visit = self._visits.renewed(visit)
            response.headers["set-cookie"] = self._visits.set_cookie(visit, secure=_is_secure(request))
        return response

    def _html(self, shown: Shown, refusal: Refusal | None = None) -> Response:
        headers = PERSONAL | _retry_header(refusal)
        return HTMLResponse(self._page.render(shown), refusal.status if refusal else 200, headers)

    def _new_id(self) -> str:
        return self._token_bytes(16).hex()


def _is_from_elsewhere(headers: Mapping[str, str], *, allow_null: bool) -> bool:
    """Whether another site made the browser send this.

    Browsers that say so are believed (Sec-Fetch-Site); of others the Origin must be ours. Under our own referrer
    policy a plain form has the Origin "null"; it is taken (`allow_null`), because the cookie is SameSite=Strict.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None or (allow_null and origin == "null"):
        return False
    return origin.partition("://")[2] != headers.get("host", "")


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _see(url: str) -> Response:
    return RedirectResponse(url, 303, PERSONAL)


def _notice(refusal: Refusal) -> str:
    """Which of the page's sentences tells a person about this refusal."""
    by_status = {413: "too_long", 429: "slow_down", 500: "broken", 503: "trouble"}
    return by_status.get(refusal.status, "refused")


def _retry_header(refusal: Refusal | None) -> dict[str, str]:
    return {"retry-after": str(refusal.retry_after)} if refusal and refusal.retry_after else {}


def _refuse_json(refusal: Refusal) -> Response:
    return JSONResponse(refusal_document(refusal), refusal.status, PERSONAL | _retry_header(refusal))


def _as_json(message: Message) -> dict[str, object]:
    buttons = [{"title": button.title, "payload": button.payload} for button in message.buttons]
    shown: dict[str, object] = {"text": message.text, "buttons": buttons}
    if message.document is not None:
        shown["file"] = {"name": message.document.name, "href": link_to(message.document)}
    return shown
