"""The kinds of danger that are always heard, whatever the conversation is about."""

from enum import StrEnum


class SignalKind(StrEnum):
    SUICIDE = "suicide"
    VIOLENCE = "violence"
    EMERGENCY = "emergency"
    CHILD = "child"
