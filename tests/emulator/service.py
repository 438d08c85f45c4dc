"""The parts of one emulator put together; what each does is left to its own module."""

from tests.emulator.api import BotApi
from tests.emulator.clock import Bell, VirtualClock
from tests.emulator.delivery import Courier, LongPoll, WebhookPusher
from tests.emulator.faults import FaultScript
from tests.emulator.limits import SendingLimits
from tests.emulator.methods import BotMethods
from tests.emulator.state import World


class Service:
    def __init__(self, token: str, username: str = "wijkverhaal_test_bot") -> None:
        self._bot = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Wijkverhaal (test)",
            "username": username,
        }
        self.bell = Bell()
        self.clock = VirtualClock(self.bell)
        self.world = World(bot=self._bot)
        self.limits = SendingLimits()
        self.script = FaultScript()
        self.courier = Courier(self.world, self.script, self.bell)
        self.poll = LongPoll(self.world, self.courier, self.clock, self.bell)
        self.methods = BotMethods(self.world, self.limits, self.clock.now)
        self.api = BotApi(token, self.world, self.methods, self.poll, self.script, self.clock, self.bell)
        self.pusher = WebhookPusher(self.world, self.courier, self.clock, self.bell, self.api.execute)
        self.methods.last_webhook_error = lambda: self.pusher.last_error

    def reset(self) -> None:
        """Back to an empty world for the next test; waiting polls and webhooks notice that they are over."""
        self.world.__dict__.update(World(bot=self._bot).__dict__)
        self.limits.configure()
        self.script.faults.clear()
        self.courier.paused = False
        self.pusher.reset()
        self.api.calls.clear()
        self.clock.reset()
