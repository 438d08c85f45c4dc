"""Measures how fast the assistant is, beside a plain Rasa bot and the raw limit of its web server and database."""
