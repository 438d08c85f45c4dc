"""The keys: encrypts what says who somebody is and makes the keyed hash it is found by; where keys live is the app's."""

import base64
import binascii
import errno
import fcntl
import hashlib
import hmac
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
    with _draft(path, [new_key()]) as draft:
        try:
            os.link(draft, path)
        except FileExistsError:
            return False
    return True


@contextmanager
def _draft(path: Path, keys: list[str]) -> Iterator[str]:
    """A finished file beside `path` that only its owner reads; it goes at the end unless it was moved."""
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        os.write(handle, "".join(f"{key}\n" for key in keys).encode())
        os.fsync(handle)
        os.close(handle)
        yield draft
    finally:
        Path(draft).unlink(missing_ok=True)


@contextmanager
def alone_with(path: Path) -> Iterator[None]:
    """Nobody else changes the key file meanwhile. Raises DomainError: rotating, key_unreadable (with the file's name)."""
    try:
        folder = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise DomainError("key_unreadable", file=str(path)) from error
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise DomainError("rotating") from None
    finally:
        os.close(folder)


def add_key(path: Path) -> None:
    """Puts a new key in front of those in the file; whoever reads it meanwhile sees the old file or the new one, whole.

    Raises DomainError: bad_key, no_disk, key_unreadable.
    """
    _rewrite(path, lambda keys: [new_key(), *keys])


def drop_keys(path: Path) -> int:
    """Leaves the first key, which encrypts, and the last, which makes the hashes; how many went. Raises as `add_key`."""
    return _rewrite(path, lambda keys: keys if len(keys) < 3 else [keys[0], keys[-1]])


def _rewrite(path: Path, change: Callable[[list[str]], list[str]]) -> int:
    """How many keys fewer there are."""
    try:
        text = path.read_text(encoding="ascii")
        _parse(text)
        before = text.replace(",", " ").split()
        after = change(before)
        if after != before:
            with _draft(path, after) as draft:
                os.replace(draft, path)
            _sync_folder(path.parent)
        return len(before) - len(after)
    except (OSError, UnicodeDecodeError) as error:
        raise _told(error, path) from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _told(error: Exception, path: Path) -> DomainError:
    full = isinstance(error, OSError) and error.errno == errno.ENOSPC
    return DomainError("no_disk" if full else "key_unreadable", file=str(path))


def is_open_to_others(path: Path) -> bool:
    """Whether anybody but its owner may read or write the key file."""
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
    except OSError:
        return False


class Vault:
    """Encrypts and hashes with keys derived from master keys.

    The first key encrypts, every key decrypts, and the last one makes the hashes: a new key goes in front.
    `created` tells that the key was made just now and wants a safe copy. A vault from a file notices when keys are added
    to it or dropped, and goes on with those that are there.
    """

    def __init__(
        self, keys: tuple[bytes, ...], *, created: bool = False, key_file: Path | None = None
    ) -> None:
        self.created = created
        self.check = _derive(keys[-1], "check").hex()[:32]
        self._file, self._seen = key_file, _look_of(key_file)
        self._use(keys)
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
            return cls(_parse(key_file.read_text(encoding="ascii")), created=created, key_file=key_file)
        except (OSError, UnicodeDecodeError) as error:
            raise _told(error, key_file) from error

    def secret_for(self, use: str) -> bytes:
        """32 bytes for another use (signing cookies, say), the same on every machine with this key."""
        return self._secrets(use)

    def encrypt(self, text: str) -> str:
        self.notice()
        return self._fields.encrypt(text.encode("utf-8", "surrogatepass")).decode("ascii")

    def decrypt(self, token: str) -> str:
        """Raises DomainError("wrong_key") for what no key of ours has encrypted."""
        try:
            try:
                found = self._fields.decrypt(token)
            except InvalidToken:
                self.notice()
                found = self._fields.decrypt(token)
        except InvalidToken:
            raise DomainError("wrong_key") from None
        return found.decode("utf-8", "surrogatepass")

    def is_fresh(self, token: str) -> bool:
        """Whether the key in front has encrypted it."""
        try:
            self._front.decrypt(token)
        except InvalidToken:
            return False
        return True

    def renew(self, token: str) -> str:
        """The same text, encrypted with the key in front. Raises DomainError("wrong_key")."""
        try:
            return self._fields.rotate(token).decode("ascii")
        except InvalidToken:
            raise DomainError("wrong_key") from None

    def _use(self, keys: tuple[bytes, ...]) -> None:
        self._front = _field_key(keys[0])
        self._fields = MultiFernet([self._front, *(_field_key(key) for key in keys[1:])])

    def notice(self) -> None:
        """Takes the keys that are in the file now. A file that is gone, half or another one's changes nothing."""
        seen = _look_of(self._file)
        if self._file is None or seen is None or seen == self._seen:
            return
        self._seen = seen
        try:
            keys = _parse(self._file.read_text(encoding="ascii"))
        except (OSError, UnicodeDecodeError, DomainError):
            return
        if _derive(keys[-1], "check").hex()[:32] == self.check:
            self._use(keys)

    def _contact_hash(self, channel: str, channel_ref: str) -> str:
        """What a person is found by without being known: HMAC-SHA256 as 64 hexadecimal digits."""
        return hmac.digest(self._lookup, _told_apart(channel, channel_ref), hashlib.sha256).hex()

    def update_hash(self, channel: str, update_id: str) -> str:
        """An update by a name that says nothing of the person, whatever a channel puts into its update ids: keyed
        BLAKE2b as 32 hexadecimal digits (a tenth of the time of HMAC, and every turn needs a new one)."""
        return hashlib.blake2b(_told_apart(channel, update_id), key=self._lookup, digest_size=16).hexdigest()


def _look_of(path: Path | None) -> tuple[int, int, int] | None:
    """What tells one state of a file from another without reading it."""
    try:
        found = path.stat() if path is not None else None
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size) if found is not None else None


def _told_apart(channel: str, name: str) -> bytes:
    return f"{len(channel)}:{channel}:{name}".encode("utf-8", "surrogatepass")
