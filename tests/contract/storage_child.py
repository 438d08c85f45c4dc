"""A process that takes turns until it is killed; it prints the number of every turn that was acknowledged."""

import asyncio
import itertools
import sys

from bot.ports import Changes, NewResponse
from storage import Vault, open_store
from tests.unit.storage.talking import answer, saving


async def main(url: str, key: str, first: int) -> None:
    names = itertools.count(first)
    store = open_store(url, vault=Vault.open(key=key), new_id=lambda: f"child-{next(names)}", connections=4)

    async def turn(number: int) -> None:
        begin = NewResponse(f"r{number}", "q", "1", "nl")
        changes = Changes("", begin=begin, answers=[answer("a", str(number)), answer("b", str(number))])
        await store.turn(saving(changes, ref=f"chat-{number}", update=f"u{number}"))
        print(number, flush=True)

    print("ready", flush=True)
    for start in range(first, first + 200, 8):
        await asyncio.gather(*(turn(number) for number in range(start, start + 8)))


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
