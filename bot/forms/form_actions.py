"""Reads what an XForm does by itself: setvalue for defaults that are worked out, and for triggers."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from bot.forms.faults import Fault
from domain.questionnaire import Question

_FIRST = {"odk-instance-first-load", "odk-new-repeat", "odk-instance-load"}
_CHANGED = "xforms-value-changed"


@dataclass(slots=True)
class Actions:
    """`path_of` turns a reference into a path. `defaults` are expressions by path; `triggers` has, by path, what is
    listened to with the expression that is then filled in."""

    path_of: Callable[[str], str]
    faults: list[Fault]
    defaults: dict[str, str] = field(default_factory=dict)
    triggers: dict[str, dict[str, str]] = field(default_factory=dict)

    def read(self, action: Element, source: str) -> None:
        """One setvalue; `source` is the path of the control it stands in, empty in the model."""
        path = self.path_of(action.get("ref", ""))
        if path.startswith("meta/"):
            return
        events = set(action.get("event", "").split())
        value = action.get("value", "").strip() or _quoted((action.text or "").strip())
        if events and events <= _FIRST:
            self.defaults[path] = value
        elif events == {_CHANGED} and source:
            self.triggers.setdefault(path, {})[source] = value
        else:
            known = ", ".join(sorted({*_FIRST, _CHANGED}))
            rule = f'the event "{action.get("event", "")}" is not supported'
            self.faults.append(Fault(path, "trigger", rule, f"Use one of: {known}"))

    def recalculation(self, path: str) -> str:
        return next(iter(self.triggers.get(path, {}).values()), "")


def _quoted(text: str) -> str:
    """A fixed text as an expression. XPath knows no escapes: a text with a quote in it is put together."""
    if "'" in text:
        return "concat('" + """', "'", '""".join(text.split("'")) + "')"
    return f"'{text}'"


def refuse_in_repeats(
    questions: Iterable[Question], repeats: Mapping[str, str], wishes: Iterable[str]
) -> list[Fault]:
    """Consent, a way out and the wish for a talk are asked once, so they have no place in a repeat."""
    faults = []
    for question in questions:
        if any(question.path.startswith(f"{repeat}/") for repeat in repeats):
            for column, value in (("chat:consent", question.consent), ("chat:exit", question.exit)):
                if value is not None:
                    faults.append(Fault(question.path, column, "this cannot be in a repeat", "Move it out"))
    for wish in wishes:
        if any(f"{wish}/".startswith(f"{repeat}/") for repeat in repeats):
            faults.append(Fault(wish, "chat:wish", "this cannot be in a repeat", "Move it out"))
    return faults
