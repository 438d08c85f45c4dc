"""The keys: encrypts what says who somebody is and makes the keyed hash it is found by; where keys live is the app's."""

import base64
import binascii
import errno
import hashlib
import hmac
import os
import tempfile
from functools import lru_cache, partial
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import DomainError

KEY_BYTES = 32


def _derive(master: bytes, use: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"wijkverhaal:{use}".encode()).derive(master)


def _field_key(master: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derive(master, "fields")))


def _parse(text: str) -> tuple[bytes, ...]:
    """The master keys in `text`, separated by white space or commas, the one to encrypt with first."""
    try:
        keys = tuple(base64.urlsafe_b64decode(word) for word in text.replace(",", " ").split())
    except (binascii.Error, ValueError):
        raise DomainError("bad_key") from None
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise DomainError("bad_key")
    return keys


def new_key() -> str:
    """A fresh master key as it stands in a key file."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()


def _create(path: Path) -> bool:
    """Writes a new key unless there is one. Linking a finished file means that nobody ever reads half a key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # readable by its owner only
    try:
        os.write(handle, f"{new_key()}\n".encode())
        os.fsync(handle)
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        os.close(handle)
        os.unlink(draft)
    return True


class Vault:
    """Encrypts and hashes with keys derived from master keys.

    The first key encrypts, every key decrypts, and the last one makes the hashes: a new key goes in front.
    `created` tells that the key was made just now and wants a safe copy.
    """

    def __init__(self, keys: tuple[bytes, ...], *, created: bool = False) -> None:
        self.created = created
        self.check = _derive(keys[-1], "check").hex()[:32]
        self._fields = MultiFernet([_field_key(key) for key in keys])
        self._lookup = _derive(keys[-1], "lookup")
        self._secrets = partial(_derive, keys[-1])
        # For the people who are talking now; bounded, and a hash is no secret to this process.
        self.contact_hash = lru_cache(maxsize=10_000)(self._contact_hash)

    @classmethod
    def open(cls, key_file: Path | None = None, key: str | None = None) -> "Vault":
        """From the key itself or else from the file, which is made on first use (mode 0600).

        Raises DomainError: no_key, bad_key, no_disk, key_unreadable (with the file's name).
        """
        if key:
            return cls(_parse(key))
        if key_file is None:
            raise DomainError("no_key")
        try:
            created = not key_file.exists() and _create(key_file)
            return cls(_parse(key_file.read_text(encoding="ascii")), created=created)
        except (OSError, UnicodeDecodeError) as error:
            full = isinstance(error, OSError) and error.errno == errno.ENOSPC
            raise DomainError("no_disk" if full else "key_unreadable", file=str(key_file)) from error

    def secret_for(self, use: str) -> bytes:
        """32 bytes for another use (signing cookies, say), the same on every machine with this key."""
        return self._secrets(use)

    def encrypt(self, text: str) -> str:
        return self._fields.encrypt(text.encode("utf-8", "surrogatepass")).decode("ascii")

    def decrypt(self, token: str) -> str:
        """Raises DomainError("wrong_key") for what no key of ours has encrypted."""
        try:
            return self._fields.decrypt(token).decode("utf-8", "surrogatepass")
        except InvalidToken:
            raise DomainError("wrong_key") from None

    def _contact_hash(self, channel: str, channel_ref: str) -> str:
        """What a person is found by without being known: HMAC-SHA256 as 64 hexadecimal digits."""
        return hmac.digest(self._lookup, _told_apart(channel, channel_ref), hashlib.sha256).hex()

    def update_hash(self, channel: str, update_id: str) -> str:
        """An update by a name that says nothing of the person, whatever a channel puts into its update ids: keyed
        BLAKE2b as 32 hexadecimal digits (a tenth of the time of HMAC, and every turn needs a new one)."""
        return hashlib.blake2b(_told_apart(channel, update_id), key=self._lookup, digest_size=16).hexdigest()


def _told_apart(channel: str, name: str) -> bytes:
    return f"{len(channel)}:{channel}:{name}".encode("utf-8", "surrogatepass")
