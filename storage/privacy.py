"""What each table keeps of whom, why, for how long and who sees it: the declarations that docs/privacy.md is made from. What each
column says about a person stands with the column, in schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.retention import KEEP_RULES


class Subject(StrEnum):
    RESIDENT = "Residents"
    MEEMAKER = "Meemakers"
    STAFF = "Staff"
    ALL = "Everybody"
    NOBODY = "Nobody"


@dataclass(frozen=True, slots=True)
class Kept:
    """`keep` is the name of a rule: of domain.retention, or of OTHER_RULES. The others are parts of sentences."""

    subject: Subject
    what: str
    why: str
    keep: str
    seen_by: str


OTHER_RULES: Mapping[str, str] = {
    "person": "as long as the person is known: until erased, a day after the last word without any consent, or by the rule `contact`",
    "response": "as the response: until erased, its consent is taken back, or by the rule `answers`",
    "meemaker": "until the meemaker is erased, or by the rule `meemakers`",
    "member": "until they leave the staff or are removed",
    "two_days": "48 hours; what still waits is kept until it was sent",
    "misses": "until somebody looked at it, 8 weeks at most, or until the consent is taken back",
    "talk": "until the talk with staff ends; the words until they were answered, five days at most",
    "held": "until the offer lapses, a quarter of an hour to some hours; what is past, a day more",
    "request": "until no longer wanted, or by the rule `contact`",
    "due": "until it was done",
    "stays": "stays; it leads to nobody",
}
"""How long, where it is no number of days that can be set."""

_R, _M, _S, _N = Subject.RESIDENT, Subject.MEEMAKER, Subject.STAFF, Subject.NOBODY
_PRODUCT = "nobody: only the program"
_OPERATOR = "whoever runs the product, with an audit row"
_ANALYSTS = "analysts, through exports"
_DUO = "the duo of that talk"
_PLANNERS = "whoever plans talks"

KEPT: Mapping[str, Kept] = {
    "conversations": Kept(_R, "where the conversation is, with answers not confirmed yet", "to go on where it stopped", "person", _PRODUCT),
    "contacts": Kept(_R, "what the channel calls them (chat id)", "to answer, and to bring a reminder or news of a talk", "person", _PRODUCT),
    "updates": Kept(_R, "which messages were taken, and the reply to them", "so that nothing is answered twice", "two_days", _PRODUCT),
    "responses": Kept(_R, "that a questionnaire was filled in: which, when, by which channel", "the neighbourhood agenda", "answers", _ANALYSTS),
    "answers": Kept(_R, "answers with their history; those of the sensitive block by a rule of their own (`sensitive`)", "the neighbourhood agenda", "answers", f"{_ANALYSTS}; open answers only with the consent to quote or a reason"),
    "theme_readings": Kept(_R, "that a model listened for themes in an answer", "to count what is on people's minds", "response", _ANALYSTS),
    "themes": Kept(_R, "the themes it heard, as suggestions", "to count what is on people's minds", "response", _ANALYSTS),
    "consents": Kept(_R, "consents given and taken back, with the version of the text", "to prove them", "response", f"{_ANALYSTS}; {_OPERATOR}"),
    "wishes": Kept(_R, "preferences for a talk", "to plan the talk", "person", _PLANNERS),
    "reaches": Kept(_R, "a phone number or e-mail address, where the channel reaches nobody", "to make the appointment", "person", _PLANNERS),
    "misses": Kept(_R, "a message that was not understood, without names, numbers and addresses", "to understand people better", "misses", _OPERATOR),
    "events": Kept(_R, "what kind of thing happened in a turn, never the words", "to find out what went wrong", "events", _OPERATOR),
    "signals": Kept(_R, "that danger was heard: kind and time", "to help, and to count", "signals", "staff on duty"),
    "cases": Kept(_R, "the same until somebody closed it, with who was told and took it", "so that somebody acts on it", "signals", "staff on duty"),
    "case_steps": Kept(_S, "who of the staff did what about a case", "to account for it", "signals", "staff on duty"),
    "hand_overs": Kept(_R, "that somebody asked for a person, and when", "so that somebody answers", "hand_overs", "staff"),
    "talks": Kept(_R, "a talk with staff: neighbourhood, last question, who was asked", "to bring both together", "talk", "the member of staff who took it"),
    "talk_lines": Kept(_R, "words to staff that were not answered yet", "to bring them", "talk", "the member of staff who took it"),
    "talk_requests": Kept(_R, "the wish for a talk in person: language, woman or man, step-free, times, neighbourhoods", "to plan it", "request", _PLANNERS),
    "offers": Kept(_R, "a time that is held for somebody", "so that nobody else gets it", "held", _PRODUCT),
    "session_seats": Kept(_R, "who has a seat in a talk, and whether they came", "to hold the talk, and to count", "sessions", f"{_DUO}; {_ANALYSTS}, as numbers"),
    "campaign_invitations": Kept(_R, "who is invited to which round", "so that nobody is invited twice", "person", _PRODUCT),
    "sessions": Kept(_M, "talks in person: when, where, with whom; the address of a visit at home is the resident's and goes two days after it", "to hold the talk", "sessions", f"{_DUO}; {_ANALYSTS}, without the people"),
    "session_invitations": Kept(_M, "which meemaker was asked for a talk, and the answer", "to find somebody", "sessions", _PLANNERS),
    "meemakers": Kept(_M, "name, e-mail address, own calendar, languages, neighbourhoods, woman or man where told", "to plan talks", "meemaker", _PLANNERS),
    "meemaker_hours": Kept(_M, "when they usually can", "to plan talks", "meemaker", _PLANNERS),
    "meemaker_times": Kept(_M, "when they are away or there, without why", "to plan talks", "times", _PLANNERS),
    "duos": Kept(_M, "who holds talks with whom", "to plan talks", "meemaker", _PLANNERS),
    "claims": Kept(_M, "who and what is taken when; residents under their random reference", "so that nobody is promised twice", "held", _PRODUCT),
    "staff": Kept(_S, "name and chat", "to tell them of danger and of who asks for a person", "member", _OPERATOR),
    "outbox": Kept(Subject.ALL, "messages on their way", "to bring them, also after trouble", "two_days", "whom it is for"),
    "work": Kept(Subject.ALL, "what has to be done at a time, such as a reminder", "to do it", "due", _PRODUCT),
    "audit": Kept(Subject.ALL, "who looked, exported, changed or erased, and why", "to account for it", "stays", _OPERATOR),
    "receipts": Kept(_N, "how many rows went by which rule; that somebody was erased, with the day and a number that they were told", "to prove that it happens", "stays", _OPERATOR),
    "forms": Kept(_N, "questionnaires", "to ask them", "stays", "everybody"),
    "campaigns": Kept(_N, "rounds of a questionnaire", "to invite people", "stays", _OPERATOR),
    "places": Kept(_N, "locations", "to plan talks", "stays", "everybody"),
    "place_hours": Kept(_N, "when locations are open", "to plan talks", "stays", "everybody"),
    "table_releases": Kept(_N, "numbers that were published, of so many people that they tell of nobody", "so that a later number gives nobody away", "stays", _OPERATOR),
    "meta": Kept(_N, "which key fits, and where the audit log ends", "to refuse what does not fit", "stays", _PRODUCT),
}  # fmt: skip # a table a line


def how_long(keep: str) -> str:
    """A rule as a part of a sentence. KeyError for one that is none."""
    if keep in OTHER_RULES:
        return OTHER_RULES[keep]
    return f"`{keep}`: {KEEP_RULES[keep].days} days after {KEEP_RULES[keep].from_when}"
