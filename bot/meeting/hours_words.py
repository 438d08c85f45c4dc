"""The hours of a week, and stretches of time, as they are said back to somebody."""

from collections.abc import Callable, Sequence
from datetime import datetime

from domain.session import Hours, Stretch

ReadWeek = Callable[[str], tuple[Hours, ...]]
"""Reads when somebody usually can, by the clock in Amsterdam; empty when it cannot be read. Never raises."""

ReadTimes = Callable[[str, datetime], Sequence[Stretch]]
"""Reads the stretches of time that words name, seen from `now` (UTC); empty when they name none. Never raises."""
