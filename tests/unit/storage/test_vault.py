import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from domain.errors import DomainError
from storage.vault import Vault

# Fixed, so that every test process collects the same names; they guard nothing.
ONE = base64.urlsafe_b64encode(b"a key for tests, nothing else...").decode()
OTHER = base64.urlsafe_b64encode(b"another key for tests, also not!").decode()


def code_of(key_file: Path | None = None, key: str | None = None) -> str:
    with pytest.raises(DomainError) as caught:
        Vault.open(key_file, key)
    return caught.value.code


def test_open_makes_a_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    file = tmp_path / "data" / "key"
    first, second = Vault.open(file), Vault.open(file)

    assert (first.created, second.created) == (True, False)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert second.decrypt(first.encrypt("chat-1")) == "chat-1"
    assert [path.name for path in file.parent.iterdir()] == ["key"]


def test_open_at_once_agrees_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        vaults = list(threads.map(lambda _: Vault.open(tmp_path / "key"), range(8)))

    assert len({vault.check for vault in vaults}) == 1


def test_encrypt_hides_the_text_and_never_says_the_same_twice() -> None:
    vault = Vault.open(key=ONE)

    tokens = {vault.encrypt("chat-1"), vault.encrypt("chat-1")}
    assert len(tokens) == 2
    assert not any("chat-1" in token for token in tokens)


def test_decrypt_with_another_key_is_refused() -> None:
    with pytest.raises(DomainError) as caught:
        Vault.open(key=OTHER).decrypt(Vault.open(key=ONE).encrypt("x"))
    assert caught.value.code == "wrong_key"


def test_new_key_in_front_reads_and_finds_what_the_old_one_wrote() -> None:
    old, both = Vault.open(key=ONE), Vault.open(key=f"{OTHER},{ONE}")

    assert both.decrypt(old.encrypt("x")) == "x"
    assert both.contact_hash("web", "x") == old.contact_hash("web", "x")
    with pytest.raises(DomainError):
        old.decrypt(both.encrypt("x"))


def test_hashes_tell_keys_channels_and_uses_apart() -> None:
    one, other = Vault.open(key=ONE), Vault.open(key=OTHER)
    hashes = [
        one.contact_hash("web", "x"),
        one.contact_hash("we", "bx"),
        one.contact_hash("telegram", "x"),
        one.update_hash("web", "x"),
        other.contact_hash("web", "x"),
        other.update_hash("web", "x"),
    ]

    assert len(set(hashes)) == len(hashes)


@pytest.mark.parametrize("key", ["x", "AAAA", "not base 64 at all!", f"{ONE} x", ONE[:-4]])
def test_key_that_is_none_is_refused(key: str) -> None:
    assert code_of(key=key) == "bad_key"


def test_trouble_with_the_file_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")

    assert code_of(tmp_path / "empty") == "bad_key"
    assert code_of(tmp_path) == "key_unreadable"
    assert code_of() == "no_key"
