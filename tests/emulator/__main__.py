"""Runs the emulator: prints a JSON line with its addresses; stops on SIGTERM or when its input closes."""

import argparse
import asyncio
import contextlib
import json
import os
import socket
import threading
from types import FrameType

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tests.emulator.control import Control
from tests.emulator.service import Service


class BreakableProtocol(HttpToolsProtocol):
    """Hands the connection itself to the application, which may have to break it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["transport"] = self.transport  # type: ignore[typeddict-unknown-key]  # a key of our own


def make_app(service: Service) -> Starlette:
    return Starlette(routes=[*Control(service).routes(), *service.api.routes()])


class EmulatorServer(uvicorn.Server):
    """Ends the long polls before it waits for open requests."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    def stop(self) -> None:
        self._service.clock.stop()
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._service.clock.stop()
        super().handle_exit(sig, frame)

    def stop_when_input_closes(self) -> None:
        loop = asyncio.get_running_loop()

        def watch() -> None:
            while os.read(0, 4096):
                pass
            with contextlib.suppress(RuntimeError):  # the loop may have ended by a signal
                loop.call_soon_threadsafe(self.stop)

        threading.Thread(target=watch, daemon=True).start()


async def serve(token: str, listener: socket.socket) -> None:
    service = Service(token)
    config = uvicorn.Config(
        make_app(service),
        http=BreakableProtocol,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        timeout_keep_alive=75,
    )
    server = EmulatorServer(config, service)
    server.stop_when_input_closes()
    pushing = asyncio.create_task(service.pusher.run())
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    print(json.dumps({"url": url, "control": f"{url}/control"}), flush=True)
    await server.serve(sockets=[listener])
    pushing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await pushing


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--token", default="123456:TEST")
    arguments = parser.parse_args()
    with socket.create_server(("127.0.0.1", arguments.port), backlog=256) as listener:
        # Answers leave in two writes: without this each waits 40 ms for the other side's acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        asyncio.run(serve(arguments.token, listener))


if __name__ == "__main__":
    main()
