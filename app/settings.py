"""Everything that can be set from outside, read once from the environment into a frozen record."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.errors import DomainError

PORT = 8080


@dataclass(frozen=True, slots=True)
class Settings:
    """How this copy runs. Empty strings mean: not set."""

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


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from environment variables. Raises DomainError("setting", name=..., value=...) for one that is wrong."""
    data = Path(environment.get("WIJKVERHAAL_DATA", "data"))
    return Settings(
        data=data,
        database=environment.get("WIJKVERHAAL_DB", "") or f"sqlite:///{data / 'wijkverhaal.db'}",
        host=environment.get("WIJKVERHAAL_HOST", "127.0.0.1"),
        port=_port(environment.get("WIJKVERHAAL_PORT", "")),
        key=environment.get("WIJKVERHAAL_KEY", ""),
        key_file=Path(environment.get("WIJKVERHAAL_KEY_FILE", "") or data / "vault.key"),
        rest_token=environment.get("WIJKVERHAAL_REST_TOKEN", ""),
        telegram_token=environment.get("TELEGRAM_BOT_TOKEN", "").strip(),
        telegram_api=environment.get("WIJKVERHAAL_TELEGRAM_API", ""),
        webhook_url=environment.get("WIJKVERHAAL_WEBHOOK_URL", ""),
        webhook_secret=environment.get("WIJKVERHAAL_WEBHOOK_SECRET", ""),
        rasa_urls=tuple(url for url in environment.get("WIJKVERHAAL_RASA_URL", "").split(",") if url),
        rasa_token=environment.get("WIJKVERHAAL_RASA_TOKEN", ""),
        rules_only=environment.get("WIJKVERHAAL_RULES_ONLY", "") not in ("", "0"),
    )


def _port(text: str) -> int:
    if not text:
        return PORT
    if not text.isdigit() or int(text) > 65535:
        raise DomainError("setting", name="WIJKVERHAAL_PORT", value=text)
    return int(text)
