"""What the command line says when something ordinary is in the way: one clear sentence for each code."""

from domain.errors import DefinitionError, DomainError

_SENTENCES = {
    "setting": "The setting {name} cannot be '{value}'. Correct it and start again.",
    "port_in_use": "Port {port} on {host} is in use by another program. Stop that one, or choose another with WIJKVERHAAL_PORT.",
    "cannot_listen": "Cannot listen on {host} port {port}: {reason}. Choose another with WIJKVERHAAL_HOST and WIJKVERHAAL_PORT.",
    "database_locked": "The database is locked by another program. Close whatever has it open and start again.",
    "no_disk": "There is no room left on the disk for the database. Make room and start again.",
    "cannot_write": "The folder of the database cannot be written to. Give this user the right to write there, or set WIJKVERHAAL_DATA.",
    "data_folder": "The data folder {folder} cannot be made or written to. Choose another with WIJKVERHAAL_DATA.",
    "newer_schema": "The database was made by a newer version of wijkverhaal. Install that version, or restore a backup.",
    "unreachable": "The database server cannot be reached. Is it running, and is WIJKVERHAAL_DB right?",
    "wrong_password": "The database server refused the user or the password. Check WIJKVERHAAL_DB.",
    "storage_unavailable": "The database cannot be reached right now. Try again in a moment.",
    "wrong_key": "The key does not fit this database: the personal data in it cannot be read. Put back the key file that belongs to it.",
    "bad_key": "The key file or WIJKVERHAAL_KEY does not hold a valid key. Put back the one that belongs to this database.",
    "telegram_token": "Telegram does not know this token. Copy TELEGRAM_BOT_TOKEN from @BotFather again, whole.",
    "telegram_webhook_secret": "WIJKVERHAAL_WEBHOOK_SECRET can have 1 to 256 letters, digits, - and _. Change it, or leave it out and one is made.",
    "telegram_webhook_url": "Telegram does not accept this webhook address. WIJKVERHAAL_WEBHOOK_URL must be an https address that the internet can reach.",
    "bad_url": "The database address cannot be used. Set WIJKVERHAAL_DB to sqlite:///a/file.db or postgresql://user:password@host/name.",
    "not_a_database": "The database file is damaged, or is no database. Restore a backup, or choose another with WIJKVERHAAL_DB.",
    "key_unreadable": "The key file {file} cannot be read or made. Check the folder and the rights on it.",
    "no_key": "There is no key. Set WIJKVERHAAL_KEY_FILE or WIJKVERHAAL_KEY.",
    "no_such_form": "There is no questionnaire at {path}.",
    "form_reserved": "{questionnaire} is the report that meemakers fill in after a talk, and is not for residents. Give this questionnaire another form_id.",
    "form_changed": "Questionnaire {questionnaire} version {version} is in the database with other content. Give the changed form a new version.",
    "answers_orphaned": "Answers to earlier versions would have no place in this form:\n{places}\nKeep these questions and choices, or say in a moves file where each goes (--moves).",
    "bad_moves": "The moves file {file} cannot be used: {reason}",
    "no_such_language": "The questionnaire does not speak {language}. It speaks: {languages}.",
    "campaign_name": "{name} cannot stand in a link. Use letters and digits.",
    "campaign_exists": "There is a campaign {name} already. Choose another name.",
    "no_such_campaign": "There is no campaign {name}. 'wijkverhaal campaign list' shows them.",
    "plan_options": "--input and --output go together, and without --publish; --now is for these two only. Leave all out for a preview of the waiting list.",
    "plan_now": "--now cannot be '{value}'. Write a date and time such as 2026-12-01T10:00:00+01:00.",
    "plan_not_json": "{path} is no JSON: {reason}. Write it again, or make it with a program that writes JSON.",
    "plan_instance": "{path} cannot be planned. Mend this and try again:\n{problems}",
    "plan_not_written": "{path} cannot be written: {reason}. Choose another file with --output.",
    "sheet_kind": "{path} is no .csv or .xlsx file. Save it as one of these from the spreadsheet.",
    "sheet_too_large": "{path} is too large: {most} MB is the most. Leave out pictures and other sheets, or make several files.",
    "sheet_too_long": "{path} has too many rows: {most} is the most. Make several files of it.",
    "sheet_unreadable": "{path} is damaged or locked with a password. Open it in a spreadsheet and save it again as .xlsx or .csv.",
    "sheet_empty": "{path} is empty. 'wijkverhaal people template' and 'wijkverhaal places template' show what belongs in it.",
    "rows_wrong": "Nothing was changed. In {path} this has to be mended first:\n{problems}",
    "session_refused": "Nothing was planned. Mend this and try again:\n{problems}",
    "session_reason": "Say why in 1 to {most} letters: everybody in the session reads it.",
    "no_such_session": "There is no session {session} that is still to come. 'wijkverhaal sessions list' shows them.",
    "session_over": "Session {session} has begun or is over, and cannot be called off any more.",
    "no_such_day": "'{day}' is no day. Write it as 2026-12-08.",
    "file_exists": "{path} is there already. Choose another name.",
    "not_written": "{path} cannot be written: {reason}. Choose another place.",
    "no_such_place": "There is no location {name}. 'wijkverhaal places list' shows them.",
    "no_such_person": "There is no meemaker {name}. 'wijkverhaal people list' shows them.",
    "same_name": "More than one meemaker is called {name}. Give the id of the one you mean: {ids}.",
    "person_joined": "{name} has used a link already. For another chat or phone, use --again.",
    "no_such_file": "{path} is not there or cannot be read.",
    "no_such_code": "No resident has this code. Perhaps everything was erased already.",
    "whom_to_invite": "Say whom to invite: --references FILE or --all.",
    "export_reason": 'Say with --reason "..." why more is needed than by default; it is kept in the audit log. Nothing was written.',
    "out_exists": "{out} holds other files. Choose an empty folder for the export.",
    "out_not_writable": "{out} cannot be made or written to. Choose another folder for the export.",
    "staff_name": "A name has 1 to 60 letters. Give a first name, such as Anna.",
    "staff_joined": "{name} has joined already. For another chat, first: wijkverhaal staff remove {name}.",
    "staff_elsewhere": "{name} works from Telegram. To work from here, remove and invite them again, or invite another name.",
    "no_such_staff": "There is nobody called {name} on the staff. See: wijkverhaal staff list.",
    "bad_anchor": "{path} is no anchor of the audit log. Give the file that 'wijkverhaal audit anchor --out' wrote.",
    "choices_needed": "Say which choices there are: --choices FILE, with 'name<TAB>label' a line, or JSON.",
    "choices_file": '{file} cannot be read as choices. Write \'name<TAB>label\' a line, or JSON: [{{"name": ..., "label": ...}}].',
    "no_model": "{reason} 'wijkverhaal setup' prepares Rasa.",
    "no_miss": "There is no {id} to look at. 'wijkverhaal nlu review --list' shows them.",
    "review_choice": "'{choice}' was not written. {reason}",
    "not_measured": "The model could not be measured: {reason}",
    "no_server": "No wijkverhaal answers at {url}. Start it with 'make run', or leave --url out.",
}


def sentence_for(error: DomainError) -> str:
    """One sentence for a person at the keyboard; the code itself when nobody wrote a sentence for it yet."""
    if isinstance(error, DefinitionError):
        return f"The questionnaire cannot be used:\n{error}"
    pattern = _SENTENCES.get(error.code)
    if pattern is None:
        return f"It could not be done ({error.code})."
    try:
        return pattern.format(**error.detail)
    except KeyError:
        return pattern
