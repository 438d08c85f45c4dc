"""`wijkverhaal db` as whoever runs the assistant uses it."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.running import Resident, rows, run_command, running_assistant


def db(data: Path, *arguments: str, code: int = 0) -> str:
    done = run_command("db", *arguments, data=data)
    assert done.returncode == code, done.stderr
    return done.stderr


def test_from_the_backup_of_a_running_assistant_to_the_same_talk_elsewhere(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    with running_assistant(here) as assistant:
        first = Resident(assistant, "a").say("hallo")
        said = db(here, "backup", "--keep", "1")
        assert "Who erases their data later is still in this file" in said
        assert "Another program has the database" in db(
            here, "move", "--to", f"sqlite:///{there}/x.db", code=1
        )
    (backup,) = (here / "backups").iterdir()

    assert "vault.key is not there" in db(there, "restore", str(backup), code=1)
    there.mkdir()
    (there / "vault.key").write_bytes((here / "vault.key").read_bytes())
    assert "rows are back" in db(there, "restore", str(backup))
    assert "Nothing was changed" in db(there, "restore", str(backup), code=1)
    assert "thrown away" in db(there, "restore", str(backup), "--replace")
    assert "The database is whole, and the key fits" in db(there, "check")
    assert "is the newest already" in db(there, "upgrade")

    with running_assistant(there) as assistant:
        again = Resident(assistant, "a").say("hallo")
    assert first and again and again != first  # no stranger
    assert rows(there / "wijkverhaal.db", "SELECT revision FROM conversations") == [(2,)]


def test_move_says_what_went_and_what_is_to_be_done(tmp_path: Path) -> None:
    with running_assistant(tmp_path) as assistant:
        Resident(assistant, "a").say("hallo")
    target = tmp_path / "new" / "x.db"

    said = db(tmp_path, "move", "--to", f"sqlite:///{target}")
    assert "each is the same on both sides" in said
    assert "Set WIJKVERHAAL_DB to the new database" in said
    assert rows(target, "SELECT revision FROM conversations") == [(1,)]


def test_damage_is_told_with_exit_code_1(tmp_path: Path) -> None:
    assert "not there" in db(tmp_path, "check", code=1)
    with running_assistant(tmp_path) as assistant:
        Resident(assistant, "a").say("hallo")
    (tmp_path / "vault.key").unlink()
    assert "a new key would not fit" in db(tmp_path, "check", code=1)
    (tmp_path / "bad.jsonl.gz").write_text("a letter")
    with running_assistant(tmp_path / "other"):
        pass
    said = db(tmp_path / "other", "restore", str(tmp_path / "bad.jsonl.gz"), code=1)
    assert "bad.jsonl.gz is no backup of wijkverhaal. Nothing was changed." in said
