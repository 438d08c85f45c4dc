"""Where things are kept: schema, stores, outbox, vault and exports; the only place that knows SQLAlchemy."""

from storage.store import DEFAULT_URL, Store, open_store
from storage.vault import Vault

__all__ = ["DEFAULT_URL", "Store", "Vault", "open_store"]
