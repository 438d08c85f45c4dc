"""The chat page's doors: turns as JSON and as a form, who a browser is, and everything that is refused."""

from typing import Any
from urllib.parse import urlencode

import pytest

from bot.channels.limits import Rate
from domain.errors import DomainError
from domain.message import Button, Document, Incoming, IncomingKind, Message
from tests.browser.fakes import CONSENT, DONE, WIJK, Answer, Browser, FakeConversations, FakeTime, build_app

PERSONAL = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; font-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
SCRIPT = "<script>alert(1)</script>\"'&"


class Site:
    def __init__(self, **changes: Any) -> None:
        self.conversations, self.time = FakeConversations(), FakeTime()
        self.app = build_app(self.conversations, self.time, **changes)
        self.browser = Browser(self.app)
        self.ids = 0

    def turn(self, kind: str, text: str = "", *, by: Browser | None = None, **more: Any) -> Answer:
        self.ids += 1
        return (by or self.browser).post_json(
            "/chat/turn", {"id": f"turn-{self.ids:08}", "kind": kind, "text": text, **more}
        )

    def form(self, **fields: str) -> Answer:
        self.ids += 1
        return self.browser.post_form(
            "/chat/form", urlencode({"id": f"form-{self.ids:08}", "lang": "nl", **fields})
        )

    def last(self) -> Incoming:
        return self.conversations.taken[-1]


def test_open_gives_the_first_message_and_a_cookie() -> None:
    site = Site()
    answer = site.turn("open")
    buttons = [
        {"title": "Ja, dat mag", "payload": "/yes.1"},
        {"title": "Nee, liever niet", "payload": "/no.1"},
    ]
    assert answer.json == {
        "messages": [{"text": CONSENT, "buttons": buttons}],
        "language": "nl",
        "fresh": False,
    }
    assert answer.headers["set-cookie"].endswith(
        "; Path=/; Max-Age=1209600; HttpOnly; SameSite=Strict; Secure"
    )


def test_turns_of_one_browser_are_one_conversation() -> None:
    site = Site()
    site.turn("open")
    assert site.turn("tap", "/yes.1").json["messages"][0]["text"] == WIJK
    site.turn("text", "Nazareth")
    kinds = [(taken.kind, taken.text) for taken in site.conversations.taken]
    assert kinds == [(IncomingKind.OPEN, ""), (IncomingKind.TAP, "/yes.1"), (IncomingKind.TEXT, "Nazareth")]
    assert len({taken.channel_ref for taken in site.conversations.taken}) == 1


def test_conversation_never_sees_the_token() -> None:
    site = Site()
    site.turn("open")
    token = site.browser.cookie.split(".")[1]
    assert len(token) == 43
    assert token not in f"{site.last()}"


def test_two_browsers_are_two_conversations() -> None:
    site = Site()
    site.turn("open")
    site.turn("open", by=Browser(site.app))
    assert len({taken.channel_ref for taken in site.conversations.taken}) == 2


def test_same_id_again_counts_once_and_gives_the_same_answer() -> None:
    site = Site()
    site.turn("open")
    turn = {"id": "the-same-id", "kind": "tap", "text": "/yes.1"}
    first, second = (site.browser.post_json("/chat/turn", turn) for _ in range(2))
    assert first.json == second.json
    assert len(site.conversations.taken) == 2


def test_same_id_of_another_browser_does_not_show_that_ones_answer() -> None:
    site = Site()
    other = Browser(site.app)
    for browser in (site.browser, other):
        site.turn("open", by=browser)
    turn = {"id": "the-same-id", "kind": "tap", "text": "/yes.1"}
    for browser in (site.browser, other):
        browser.post_json("/chat/turn", turn)
    assert len({taken.update_id for taken in site.conversations.taken}) == 4


def test_failed_turn_tried_again_with_its_id_counts_once() -> None:
    site = Site()
    site.turn("open")
    site.conversations.fail.append(DomainError("storage_unavailable"))
    turn = {"id": "the-same-id", "kind": "tap", "text": "/yes.1"}
    down, up = (site.browser.post_json("/chat/turn", turn) for _ in range(2))
    assert (down.status, down.json["error"], down.headers["retry-after"]) == (503, "storage_unavailable", "2")
    assert (up.status, up.json["messages"][0]["text"]) == (200, WIJK)


@pytest.mark.parametrize("cookie", ["__Host-wijkverhaal=nonsense", "wijkverhaal=1.a.1.b", ""])
def test_unknown_cookie_starts_afresh_and_answers_nothing(cookie: str) -> None:
    site = Site()
    site.browser.cookie = cookie
    answer = site.turn("tap", "/yes.1")
    assert (answer.json["fresh"], answer.json["messages"][0]["text"]) == (True, CONSENT)
    assert (site.last().kind, site.last().text) == (IncomingKind.OPEN, "")


def test_forged_cookie_is_another_person() -> None:
    site = Site()
    site.turn("open")
    name, token, issued, signature = site.browser.cookie.split(".")
    site.browser.cookie = f"{name}.{token}.{int(issued) + 1}.{signature}"
    assert site.turn("tap", "/yes.1").json["fresh"] is True
    assert len({taken.channel_ref for taken in site.conversations.taken}) == 2


def test_cookie_slides_while_it_is_used_and_ends_when_it_is_not() -> None:
    site = Site()
    site.turn("open")
    site.time.move(days=13)
    assert "set-cookie" in site.turn("tap", "/yes.1").headers
    site.time.move(days=13)
    assert site.turn("text", "Nazareth").json["fresh"] is False
    site.time.move(days=14)
    assert site.turn("text", "Ja").json["fresh"] is True


def test_cookie_is_not_sent_again_with_every_answer() -> None:
    site = Site()
    site.turn("open")
    assert "set-cookie" not in site.turn("tap", "/yes.1").headers


def test_page_gives_no_cookie_so_a_link_from_elsewhere_takes_no_conversation_away() -> None:
    assert "set-cookie" not in Site().browser.get("/").headers


def test_language_of_the_page_reaches_the_conversation() -> None:
    site = Site()
    assert site.turn("open", language="en").json["language"] == "en"
    site.turn("open", language="tlh")
    assert [taken.language for taken in site.conversations.taken] == ["en", ""]


@pytest.mark.parametrize(
    ("turn", "field"),
    [
        ({"kind": "open"}, "id"),
        ({"id": "short", "kind": "open"}, "id"),
        ({"id": "no spaces here", "kind": "open"}, "id"),
        ({"id": 12345678, "kind": "open"}, "id"),
        ({"id": "12345678"}, "kind"),
        ({"id": "12345678", "kind": "voice"}, "kind"),
        ({"id": "12345678", "kind": ["tap"]}, "kind"),
        ({"id": "12345678", "kind": "text", "text": 5}, "text"),
        ({"id": "12345678", "kind": "tap", "text": "yes"}, "text"),
        ({"id": "12345678", "kind": "tap", "text": "/" + "x" * 64}, "text"),
    ],
)
def test_bad_turn_is_refused_by_name(turn: dict[str, Any], field: str) -> None:
    site = Site()
    answer = site.browser.post_json("/chat/turn", turn)
    assert (answer.status, answer.json["error"]) == (400, "bad_field")
    assert answer.json["message"].startswith(f"The field '{field}' must be ")
    assert site.conversations.taken == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff"])
def test_turn_that_is_not_json_is_refused(body: bytes) -> None:
    answer = Site().browser.post_json("/chat/turn", body)
    assert (answer.status, answer.json["error"]) == (400, "not_json")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"])
def test_turn_of_another_content_type_is_refused(kind: str) -> None:
    site = Site()
    answer = site.browser.post_json("/chat/turn", {"id": "12345678", "kind": "open"}, content_type=kind)
    assert (answer.status, site.conversations.taken) == (415, [])


def test_turn_of_ten_thousand_letters_passes_whole() -> None:
    site = Site()
    site.turn("open")
    site.turn("text", "é" * 10_000)
    assert site.last().text == "é" * 10_000


def test_turn_over_the_cap_is_refused() -> None:
    assert Site().turn("text", "x" * 65_536).status == 413


@pytest.mark.parametrize("path", ["/chat/turn", "/chat/form", "/chat/leave"])
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "https://wijk.test"},
        {"origin": "https://evil.test"},
        {"origin": "https://wijk.test.evil.test"},
    ],
)
def test_post_from_another_site_is_refused(path: str, headers: dict[str, str]) -> None:
    site = Site()
    body = b'{"id": "12345678", "kind": "open"}' if path == "/chat/turn" else b"id=12345678&begin=1"
    kind = "application/json" if path == "/chat/turn" else "application/x-www-form-urlencoded"
    answer = site.browser.ask("POST", path, body, {"content-type": kind, **headers})
    assert (answer.status, site.conversations.taken) == (403, [])
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "same-origin"}, {"origin": "https://wijk.test"}, {}])
def test_post_from_our_own_page_goes(headers: dict[str, str]) -> None:
    turn = {"id": "12345678", "kind": "open"}
    assert Site().browser.post_json("/chat/turn", turn, **headers).status == 200


def test_origin_null_is_taken_from_a_plain_form_only() -> None:
    site = Site()
    turn = {"id": "12345678", "kind": "open"}
    assert site.browser.post_json("/chat/turn", turn, origin="null").status == 403
    assert site.browser.post_form("/chat/form", "id=12345678&begin=1", origin="null").status == 303


def test_one_browser_that_goes_too_fast_must_wait_and_others_need_not() -> None:
    site = Site(visit_rate=Rate(per_minute=30, burst=2))
    other = Browser(site.app)
    site.turn("open")
    site.turn("open", by=other)
    assert [site.turn("text", "a").status for _ in range(3)] == [200, 200, 429]
    assert site.turn("text", "a", by=other).status == 200
    answer = site.turn("text", "a")
    assert (answer.json["error"], answer.headers["retry-after"]) == ("too_often", "2")


def test_one_address_that_keeps_throwing_its_cookie_away_must_wait() -> None:
    site = Site(address_rate=Rate(per_minute=1, burst=3))
    there = [site.turn("open", by=Browser(site.app, peer=("203.0.113.9", port))).status for port in range(4)]
    assert there == [200, 200, 200, 429]
    assert site.turn("open").status == 200


def test_addresses_of_one_ipv6_network_count_as_one() -> None:
    site = Site(address_rate=Rate(per_minute=1, burst=1))
    peers = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"]
    assert [site.turn("open", by=Browser(site.app, peer=(peer, 1))).status for peer in peers] == [
        200,
        429,
        200,
    ]


def test_all_together_have_a_limit() -> None:
    site = Site(total_rate=Rate(per_minute=1, burst=2))
    peers = [("203.0.113.1", 1), ("203.0.113.2", 1), ("203.0.113.3", 1)]
    assert [site.turn("open", by=Browser(site.app, peer=peer)).status for peer in peers] == [200, 200, 429]


def test_every_answer_carries_the_guards() -> None:
    site = Site()
    answers = [
        site.browser.get("/"),
        site.turn("open"),
        site.turn("tap", "bad"),
        site.form(text="hoi"),
        site.form(),
    ]
    assert [answer.status for answer in answers] == [200, 200, 400, 303, 303]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in PERSONAL} == PERSONAL


def test_page_speaks_dutch_unless_asked() -> None:
    site = Site()
    assert '<html lang="nl">' in site.browser.get("/").text
    assert '<html lang="nl">' in site.browser.get("/?lang=tlh").text
    assert '<html lang="en">' in site.browser.get("/?lang=en").text


def test_form_goes_through_the_questions_without_javascript() -> None:
    site = Site()
    begun = site.form(begin="1")
    assert (begun.status, begun.headers["location"]) == (303, "/?lang=nl#now")
    assert 'value="/yes.1"' in site.browser.get("/").text
    site.form(tap="/yes.1")
    assert "In welke wijk woont u?" in site.browser.get("/").text
    site.form(text="Nazareth\r\nen meer")
    assert (site.last().kind, site.last().text) == (IncomingKind.TEXT, "Nazareth\nen meer")


def test_form_with_nothing_in_it_asks_nothing() -> None:
    site = Site()
    assert site.form(text=" \r\n").headers["location"] == "/?lang=nl"
    assert site.browser.post_form("/chat/form", "text=hoi").status == 303
    assert site.conversations.taken == []


def test_form_sent_twice_counts_once_and_with_another_answer_counts_again() -> None:
    site = Site()
    site.form(begin="1")
    for text in ("ja", "ja", "nee"):
        site.browser.post_form("/chat/form", urlencode({"id": "the-same-id", "text": text}))
    assert [taken.text for taken in site.conversations.taken] == ["", "ja", "nee"]


def test_form_while_the_storage_is_down_keeps_the_text_and_the_id() -> None:
    site = Site()
    site.form(begin="1")
    site.conversations.fail.append(DomainError("storage_unavailable"))
    body = urlencode({"id": "the-same-id", "text": SCRIPT})
    answer = site.browser.post_form("/chat/form", body)
    assert (answer.status, answer.headers["retry-after"]) == (503, "2")
    assert "Het lukt nu even niet. Uw antwoord staat er nog." in answer.text
    assert 'name="id" value="the-same-id"' in answer.text
    assert ">\n&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;</textarea>" in answer.text


def test_form_of_an_unknown_browser_starts_afresh_and_keeps_the_text() -> None:
    site = Site()
    answer = site.form(text="een lang verhaal")
    assert (answer.status, site.last().kind) == (200, IncomingKind.OPEN)
    assert "We kennen dit gesprek niet meer." in answer.text
    assert "een lang verhaal</textarea>" in answer.text
    assert site.browser.cookie.startswith("__Host-wijkverhaal=1.")


@pytest.mark.parametrize(("size", "sentence"), [(200_000, "Uw bericht is te lang om te versturen.")])
def test_form_over_the_cap_says_so(size: int, sentence: str) -> None:
    answer = Site().form(text="x" * size)
    assert (answer.status, sentence in answer.text) == (413, True)


def test_bug_apologises_in_plain_words() -> None:
    site = Site()
    site.form(begin="1")
    site.conversations.fail.append(RuntimeError("geheim"))
    answer = site.form(text="hallo")
    assert (answer.status, "Er ging iets mis bij ons." in answer.text, "geheim" in answer.text) == (
        500,
        True,
        False,
    )


def test_page_shows_another_browsers_reply_to_nobody() -> None:
    site = Site()
    site.form(begin="1")
    assert "Mogen we uw antwoorden" in site.browser.get("/").text
    assert "Mogen we uw antwoorden" not in Browser(site.app).get("/").text


def test_page_forgets_the_last_reply_after_half_an_hour() -> None:
    site = Site()
    site.form(begin="1")
    site.time.move(minutes=31)
    assert "Begin of ga verder" in site.browser.get("/").text


def test_what_was_written_is_shown_as_text() -> None:
    site = Site()
    site.conversations.says = (Message(f"U zei: {SCRIPT}", (Button(SCRIPT, f"/a{SCRIPT}"),)),)
    site.form(begin="1")
    page = site.browser.get("/").text
    assert page.count("&lt;script&gt;alert(1)") == 3
    assert "<script>" not in page


def test_leave_makes_this_browser_forget() -> None:
    site = Site()
    site.form(begin="1")
    answer = site.browser.post_form("/chat/leave", "lang=en")
    assert (answer.status, answer.headers["location"]) == (303, "/?lang=en&left")
    assert answer.headers["set-cookie"].startswith("__Host-wijkverhaal=; Path=/; Max-Age=0;")
    assert "The conversation is closed on this device." in site.browser.get("/?lang=en&left").text
    assert site.turn("text", "hoi").json["fresh"] is True


def test_last_question_ends_with_thanks() -> None:
    site = Site()
    site.turn("open")
    said = [site.turn("text", "ja").json["messages"][0]["text"] for _ in range(4)]
    assert said[-1] == DONE


def test_file_of_a_message_is_a_link() -> None:
    site = Site()
    site.conversations.says = (Message("Tot dan!", (), Document("afspraak.ics", "text/calendar", "x")),)
    assert site.turn("text", "ja").json["messages"] == [
        {
            "text": "Tot dan!",
            "buttons": [],
            "file": {"name": "afspraak.ics", "href": "data:text/calendar;charset=utf-8;base64,eA=="},
        }
    ]


LINK = "mm-0123456789abcdefWXYZ"


def test_a_meemakers_link_stands_ready_and_is_used_only_when_it_is_sent() -> None:
    site = Site()
    page = site.browser.get(f"/?start={LINK}").body.decode()
    assert f"{LINK}</textarea>" in page
    assert "<p>U doet mee als meemaker" in page
    assert site.conversations.taken == []
    site.form(text=LINK)  # also from a browser that is not known yet
    assert (site.last().kind, site.last().text) == (IncomingKind.TEXT, LINK)


@pytest.mark.parametrize("start", ["", "het-plein", "mm-x", "<script>alert(1)</script>", f"{LINK}%22%3E"])
def test_no_other_words_of_an_address_come_onto_the_page(start: str) -> None:
    page = Site().browser.get(f"/?start={start}").body.decode()
    assert "\n</textarea>" in page
    assert "<p>U doet mee als meemaker" not in page
