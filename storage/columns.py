"""Column types that behave the same on both databases: times, encrypted and hashed text, and free text."""

from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, cast

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Cipher(Protocol):
    """What an encrypted column needs of the vault."""

    def encrypt(self, text: str) -> str: ...

    def decrypt(self, token: str) -> str: ...

    def update_hash(self, channel: str, update_id: str) -> str: ...


def give_vault(dialect: Dialect, vault: Cipher) -> None:
    """Lets the encrypted columns of one engine use this vault: a schema is shared, keys are not."""
    dialect.wijkverhaal_vault = vault  # type: ignore[attr-defined]  # a dialect takes any attribute; its class names none


def _vault(dialect: Dialect) -> Cipher:
    return cast(Cipher, dialect.wijkverhaal_vault)  # type: ignore[attr-defined]  # a dialect takes any attribute; its class names none


class UtcTime(TypeDecorator[datetime]):
    """A timezone-aware time, kept as whole microseconds since 1970 in UTC; naive times are refused."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Words(TypeDecorator[str]):
    """Text as people write it. PostgreSQL cannot hold NUL and neither database half a surrogate pair, so NUL is
    dropped and a lone surrogate becomes "?" before either sees it."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


class Encrypted(TypeDecorator[str]):
    """Text that only the vault can read back."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _vault(dialect).encrypt(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        return None if value is None else _vault(dialect).decrypt(value)


class Hashed(TypeDecorator[str]):
    """A name that is found again by whoever knows it and told to nobody: kept as a keyed hash."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _vault(dialect).update_hash("name", value)
