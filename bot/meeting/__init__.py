"""Talks in person, in the chat: residents who want one, meemakers who hold them, and what either has to hear."""
