"""An emulated Telegram Bot API in its own process, for tests only; what bots make of it is theirs.

`python -m tests.emulator` runs it, `tests.emulator.client` starts and drives it.
"""
