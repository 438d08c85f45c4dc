"""A process that encrypts anew until it is killed; it prints a line after every batch of one row."""

import asyncio
import sys
from pathlib import Path

from storage import Vault, open_store
from storage.rotation import re_encrypt


async def main(url: str, key_file: str) -> None:
    vault = Vault.open(Path(key_file))
    store = open_store(url, vault=vault, new_id=str, connections=1)
    print("ready", flush=True)
    await re_encrypt(store, vault, tell=lambda count: print(count, flush=True), batch=1)


asyncio.run(main(sys.argv[1], sys.argv[2]))
