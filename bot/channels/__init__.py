"""Translators between a messaging service and the conversation; they decide nothing."""
