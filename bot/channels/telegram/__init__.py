"""Telegram: translates its updates and messages, receives by long poll or webhook, and knows nothing of a dialogue."""
