"""Everything that can be set from outside, read once from the environment into a frozen record."""

import os
import pwd
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.channels.mail_server import MailServer, parse_server
from bot.handover.hours import OpeningHours, parse_hours
from domain.audit import by_operator
from domain.errors import DomainError
from domain.retention import KEEP_RULES, MOST_DAYS, usual_days

PORT = 8080
OPENING_HOURS = "ma-vr 09:00-17:00"
REMINDERS_PER_WEEK = 7
HOURS_TO_CHOOSE = 2
LONGEST_OPERATOR = 60

_ADDRESS = re.compile(r"[^\s@,;<>\"]+@[A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Settings:
    """How this copy runs. Empty strings mean: not set. `proxies` are the addresses (with commas) of reverse proxies
    that may say who the real caller is. `pieces`: words that come within seconds go on with an open answer.
    `form_cache` holds parsed forms, to start faster; it may always be emptied. `mail_server` is None where no e-mail is
    sent; then `mail_to`, the addresses that get signals, is empty. `reminders_per_week` is how many reminders of talks one
    person gets at most; `hours_to_choose` how long an offer is held that comes without having been asked for just then. `keep_days` says how long for each rule of
    domain.retention. `operator` is who is at the command line, as the audit log names them."""

    data: Path
    database: str
    host: str
    port: int
    key: str
    key_file: Path
    rest_token: str
    telegram_token: str
    telegram_api: str
    webhook_url: str
    webhook_secret: str
    rasa_urls: tuple[str, ...]
    rasa_token: str
    rules_only: bool
    proxies: str
    opening_hours: OpeningHours
    pieces: bool
    form_cache: Path
    mail_server: MailServer | None
    mail_from: str
    mail_to: tuple[str, ...]
    reminders_per_week: int
    hours_to_choose: int
    keep_days: Mapping[str, int]
    operator: str


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from environment variables. Raises DomainError("setting", name=..., value=...) for one that is wrong."""
    data = Path(environment.get("WIJKVERHAAL_DATA", "") or "data")
    mail_server, mail_from, mail_to = _mail(environment)
    return Settings(
        data=data,
        database=environment.get("WIJKVERHAAL_DB", "") or f"sqlite:///{data / 'wijkverhaal.db'}",
        host=environment.get("WIJKVERHAAL_HOST", "") or "127.0.0.1",
        port=_port(environment.get("WIJKVERHAAL_PORT", "")),
        key=environment.get("WIJKVERHAAL_KEY", ""),
        key_file=Path(environment.get("WIJKVERHAAL_KEY_FILE", "") or data / "vault.key"),
        rest_token=environment.get("WIJKVERHAAL_REST_TOKEN", ""),
        telegram_token=environment.get("TELEGRAM_BOT_TOKEN", "").strip(),
        telegram_api=environment.get("WIJKVERHAAL_TELEGRAM_API", ""),
        webhook_url=environment.get("WIJKVERHAAL_WEBHOOK_URL", ""),
        webhook_secret=environment.get("WIJKVERHAAL_WEBHOOK_SECRET", ""),
        rasa_urls=_urls("WIJKVERHAAL_RASA_URL", environment),
        rasa_token=environment.get("WIJKVERHAAL_RASA_TOKEN", ""),
        rules_only=_yes("WIJKVERHAAL_RULES_ONLY", environment),
        proxies=environment.get("WIJKVERHAAL_PROXIES", "").strip(),
        opening_hours=_hours(environment),
        pieces=_yes("WIJKVERHAAL_PIECES", environment, default=True),
        form_cache=Path(environment.get("WIJKVERHAAL_FORM_CACHE", "") or data / "cache"),
        mail_server=mail_server,
        mail_from=mail_from,
        mail_to=mail_to,
        reminders_per_week=_number("WIJKVERHAAL_REMINDERS_PER_WEEK", environment, REMINDERS_PER_WEEK),
        hours_to_choose=_number("WIJKVERHAAL_HOURS_TO_CHOOSE", environment, HOURS_TO_CHOOSE),
        keep_days=_keep_days(environment.get("WIJKVERHAAL_KEEP_DAYS", "")),
        operator=by_operator(_operator(environment)),
    )


def _port(text: str) -> int:
    if not text:
        return PORT
    if not (text.isascii() and text.isdigit()) or int(text) > 65535:
        raise DomainError("setting", name="WIJKVERHAAL_PORT", value=text)
    return int(text)


def _number(name: str, environment: Mapping[str, str], usual: int) -> int:
    text = environment.get(name, "").strip()
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise DomainError("setting", name=name, value=text)
    return int(text)


def _keep_days(text: str) -> Mapping[str, int]:
    """From "contact=60, events=30": what is not named is kept as long as usual."""
    days = usual_days()
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, _, number = (each.strip() for each in part.partition("="))
        is_number = number.isascii() and number.isdigit() and len(number) < 6
        if name not in KEEP_RULES or not is_number or not 0 < int(number) <= MOST_DAYS:
            raise DomainError("setting", name="WIJKVERHAAL_KEEP_DAYS", value=part)
        days[name] = int(number)
    return days


def _operator(environment: Mapping[str, str]) -> str:
    """What they call themselves; else who they were before sudo, or the login that runs this."""
    name = environment.get("WIJKVERHAAL_OPERATOR", "").strip()
    if len(name) > LONGEST_OPERATOR or not name.isprintable():
        raise DomainError("setting", name="WIJKVERHAAL_OPERATOR", value=name)
    return name or environment.get("SUDO_USER", "") or _login()


def _login() -> str:
    """From the user database, as LOGNAME and USER say what anybody puts there; in a container it may have no name."""
    number = os.geteuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid {number}"


def _hours(environment: Mapping[str, str]) -> OpeningHours:
    hours = environment.get("WIJKVERHAAL_OPENING_HOURS", "").strip() or OPENING_HOURS
    closed_on = environment.get("WIJKVERHAAL_CLOSED_ON", "")
    name, value = "WIJKVERHAAL_OPENING_HOURS", hours
    try:
        parse_hours(hours)
        name, value = "WIJKVERHAAL_CLOSED_ON", closed_on
        return parse_hours(hours, closed_on)
    except ValueError:
        raise DomainError("setting", name=name, value=value) from None


def _mail(environment: Mapping[str, str]) -> tuple[MailServer | None, str, tuple[str, ...]]:
    """Where e-mail is handed in, who it is from and whom signals go to: all three, or none."""
    url = environment.get("WIJKVERHAAL_SMTP", "").strip()
    sender = environment.get("WIJKVERHAAL_MAIL_FROM", "").strip()
    to = tuple(each.strip() for each in environment.get("WIJKVERHAAL_MAIL_TO", "").split(",") if each.strip())
    if not (url or sender or to):
        return None, "", ()
    for name, addresses in (("WIJKVERHAAL_MAIL_FROM", (sender,)), ("WIJKVERHAAL_MAIL_TO", to or ("",))):
        for address in addresses:
            if not _ADDRESS.fullmatch(address):
                raise DomainError("setting", name=name, value=address)
    try:
        return parse_server(url), sender, to
    except ValueError:
        # The address may hold a password.
        raise DomainError("setting", name="WIJKVERHAAL_SMTP", value=url.rpartition("@")[2]) from None


def _yes(name: str, environment: Mapping[str, str], *, default: bool = False) -> bool:
    value = environment.get(name, "").strip().lower()
    if not value:
        return default
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    raise DomainError("setting", name=name, value=value)


def _urls(name: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    urls = tuple(url.strip() for url in environment.get(name, "").split(",") if url.strip())
    for url in urls:
        if not url.startswith(("http://", "https://")):
            raise DomainError("setting", name=name, value=url)
    return urls
