"""Settings: defaults that work, one clear refusal, and no secret in a representation of the database."""

import os
import pwd
from pathlib import Path

import pytest

from app.serve import shown_database
from app.settings import read_settings
from app.words import sentence_for
from bot.channels.mail_server import MailServer
from bot.handover.hours import parse_hours
from bot.texts.catalogue import load_numbers
from domain.errors import DomainError


def test_nothing_set_gives_a_copy_that_runs_on_this_machine() -> None:
    settings = read_settings({})
    assert (settings.host, settings.port, settings.data) == ("127.0.0.1", 8080, Path("data"))
    assert settings.database == "sqlite:///data/wijkverhaal.db"
    assert settings.key_file == Path("data/vault.key")


def test_data_folder_moves_database_and_key() -> None:
    settings = read_settings({"WIJKVERHAAL_DATA": "elsewhere"})
    assert settings.database == "sqlite:///elsewhere/wijkverhaal.db"
    assert settings.key_file == Path("elsewhere/vault.key")


@pytest.mark.parametrize("port", ["x", "-1", "99999", "80.5"])
def test_port_that_is_none_is_refused_in_one_sentence(port: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_settings({"WIJKVERHAAL_PORT": port})
    assert sentence_for(refused.value).startswith(f"The setting WIJKVERHAAL_PORT cannot be '{port}'.")


@pytest.mark.parametrize(
    "name, value",
    [
        ("WIJKVERHAAL_OPENING_HOURS", "kantooruren"),
        ("WIJKVERHAAL_OPENING_HOURS", "ma-vr 17:00-09:00"),
        ("WIJKVERHAAL_CLOSED_ON", "25 december"),
    ],
)
def test_opening_hours_that_cannot_be_read_are_refused_in_one_sentence(name: str, value: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_settings({name: value})
    assert sentence_for(refused.value).startswith(f"The setting {name} cannot be '{value}'.")


def test_staff_are_there_in_office_hours_when_nothing_is_set() -> None:
    assert read_settings({}).opening_hours == parse_hours("ma-vr 09:00-17:00")


MAIL = {
    "WIJKVERHAAL_SMTP": "smtp://anna:geheim@mail.example.nl",
    "WIJKVERHAAL_MAIL_FROM": "bot@example.nl",
    "WIJKVERHAAL_MAIL_TO": "wacht@example.nl, tweede@example.nl",
}


def test_mail_goes_from_and_to_the_addresses_that_are_set() -> None:
    settings = read_settings(MAIL)
    assert settings.mail_server == MailServer("mail.example.nl", 587, False, "anna", "geheim")
    assert (settings.mail_from, settings.mail_to) == (
        "bot@example.nl",
        ("wacht@example.nl", "tweede@example.nl"),
    )


def test_without_settings_no_mail_is_sent() -> None:
    settings = read_settings({})
    assert (settings.mail_server, settings.mail_from, settings.mail_to) == (None, "", ())


@pytest.mark.parametrize(
    "name, value, shown",
    [
        ("WIJKVERHAAL_SMTP", "", ""),
        ("WIJKVERHAAL_SMTP", "http://anna:geheim@mail.example.nl", "mail.example.nl"),
        ("WIJKVERHAAL_MAIL_FROM", "", ""),
        ("WIJKVERHAAL_MAIL_FROM", "bot", "bot"),
        ("WIJKVERHAAL_MAIL_TO", "", ""),
        ("WIJKVERHAAL_MAIL_TO", "a@example.nl, x\r\nBcc: b@example.nl", "x\r\nBcc: b@example.nl"),
    ],
)
def test_half_a_setting_for_mail_is_refused_without_its_password(name: str, value: str, shown: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_settings(MAIL | {name: value})
    assert sentence_for(refused.value).startswith(f"The setting {name} cannot be '{shown}'.")


def test_password_of_the_database_is_never_shown() -> None:
    shown = shown_database("postgresql://anna:geheim@db.example/wijk")
    assert shown == "PostgreSQL, wijk on db.example"


def test_error_without_a_sentence_still_names_its_code() -> None:
    assert sentence_for(DomainError("brand_new")) == "It could not be done (brand_new)."


def test_reminders_of_a_week_are_seven_unless_set() -> None:
    assert read_settings({}).reminders_per_week == 7
    assert read_settings({"WIJKVERHAAL_REMINDERS_PER_WEEK": " 3 "}).reminders_per_week == 3
    assert read_settings({}).hours_to_choose == 2
    assert read_settings({"WIJKVERHAAL_HOURS_TO_CHOOSE": "5"}).hours_to_choose == 5


@pytest.mark.parametrize("value", ["x", "-1", "2.5", "1000"])
def test_reminders_of_a_week_that_are_no_number_are_refused_in_one_sentence(value: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_settings({"WIJKVERHAAL_REMINDERS_PER_WEEK": value})
    assert sentence_for(refused.value).startswith(
        f"The setting WIJKVERHAAL_REMINDERS_PER_WEEK cannot be '{value}'."
    )


def test_who_is_at_the_command_line_is_who_they_say_else_who_called_sudo_else_the_login() -> None:
    named = {"WIJKVERHAAL_OPERATOR": " Annabel de Wit ", "SUDO_USER": "annabel", "USER": "resident"}
    assert read_settings(named).operator == "operator:Annabel de Wit"
    assert read_settings({"SUDO_USER": "annabel", "USER": "resident"}).operator == "operator:annabel"
    login = pwd.getpwuid(os.geteuid()).pw_name
    assert read_settings({"USER": "resident", "LOGNAME": "system"}).operator == f"operator:{login}"


def test_login_without_a_name_is_known_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000_001)
    assert read_settings({}).operator == "operator:uid 4000000001"


@pytest.mark.parametrize("value", ["x" * 61, "anna\nbel"])
def test_name_of_an_operator_that_does_not_fit_on_a_line_is_refused(value: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_settings({"WIJKVERHAAL_OPERATOR": value})
    assert sentence_for(refused.value).startswith("The setting WIJKVERHAAL_OPERATOR cannot be")


def test_what_is_kept_for_how_long_is_as_usual_unless_set() -> None:
    usual = read_settings({}).keep_days
    assert (usual["contact"], usual["answers"]) == (90, 5 * 365)
    assert read_settings({"WIJKVERHAAL_KEEP_DAYS": "contact=60, events = 7,"}).keep_days == {
        **usual,
        "contact": 60,
        "events": 7,
    }


def test_answers_are_kept_no_longer_than_residents_are_told() -> None:
    told = load_numbers().facts["years"]
    assert read_settings({}).keep_days["answers"] <= int(told) * 365
    assert read_settings({}).keep_days["sensitive"] <= int(told) * 365


def test_residents_are_told_as_many_days_of_quiet_as_usual() -> None:
    assert load_numbers().facts["contact_days"] == str(read_settings({}).keep_days["contact"])


@pytest.mark.parametrize(
    "value", ["contact", "contact=0", "contact=-1", "contact=1.5", "x=3", "contact=99999"]
)
def test_time_to_keep_that_is_none_is_refused_in_one_sentence(value: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_settings({"WIJKVERHAAL_KEEP_DAYS": f"events=3, {value}"})
    assert sentence_for(refused.value).startswith(f"The setting WIJKVERHAAL_KEEP_DAYS cannot be '{value}'.")
