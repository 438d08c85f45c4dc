"""What a browser without JavaScript is shown again: bounded in number and in time."""

from bot.channels.web.last_replies import LastReplies, LastReply
from domain.message import Message
from tests.browser.fakes import FakeTime

REPLY = LastReply((Message("Dag"),), "nl")


def test_get_gives_what_was_put_until_it_is_dropped() -> None:
    time = FakeTime()
    replies = LastReplies(clock=lambda: time.seconds)
    replies.put("a", REPLY)
    assert (replies.get("a"), replies.get("b")) == (REPLY, None)
    replies.drop("a")
    assert replies.get("a") is None


def test_put_beyond_the_capacity_forgets_the_oldest() -> None:
    time = FakeTime()
    replies = LastReplies(clock=lambda: time.seconds, capacity=2)
    for who in ("a", "b", "a", "c"):
        replies.put(who, REPLY)
    assert [replies.get(who) for who in ("a", "b", "c")] == [REPLY, None, REPLY]


def test_put_lets_go_of_everything_older_than_half_an_hour() -> None:
    time = FakeTime()
    replies = LastReplies(clock=lambda: time.seconds)
    replies.put("a", REPLY)
    replies.put("b", REPLY)
    time.move(minutes=31)
    replies.put("c", REPLY)
    assert replies.remembered == 1
