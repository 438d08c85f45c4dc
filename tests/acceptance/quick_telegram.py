"""`wijkverhaal serve` as it is, with the pace of a hurried Telegram: what tests start in a process of its own.

The first argument is how many seconds an answer of Telegram may take, the others are those of the command.
"""

import sys
from datetime import timedelta
from functools import partial

import app.cli
import app.serve
from app.telegram import TelegramPace
from bot.sender import SenderSettings

PER_CHAT = 20.0
"""Messages a second to one chat; the emulator's limits are widened by as much."""


def main() -> None:
    answer_within = float(sys.argv.pop(1))
    sender = SenderSettings(
        chat_gap=1 / PER_CHAT, per_second=28 * PER_CHAT, look_every=0.1, lease=timedelta(seconds=2)
    )
    pace = TelegramPace(sender, answer_within)
    app.serve.serve = partial(app.serve.serve, pace=pace)
    app.cli.main()


if __name__ == "__main__":
    main()
