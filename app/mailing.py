"""Sends the e-mail that waits in the outbox, for as long as the assistant runs."""

import asyncio
import contextlib
import time
from datetime import timedelta

from app.wiring import House
from bot.channels.mail import MailTransport
from bot.reception.signals import MAIL_LANGUAGE
from bot.sender import Clock, Sender, SenderSettings
from storage.staff import MAIL

# A server that is away is tried for an hour: once a minute in the end. Half a lease outlasts what a slow one may take.
SETTINGS = SenderSettings(
    in_flight=2, claimed=8, per_second=5.0, look_every=2.0, give_up_after=3600.0, lease=timedelta(minutes=5)
)


async def start_mail(house: House, stack: contextlib.AsyncExitStack) -> asyncio.Task[None] | None:
    """The running sender; None where no mail server is set."""
    server = house.settings.mail_server
    if server is None:
        return None
    transport = MailTransport(
        server,
        sender=house.settings.mail_from,
        subject=house.catalogue.sentence("mail.subject", MAIL_LANGUAGE),
        now=house.now,
        invites=house.catalogue.sentence("mail.subject.talk", MAIL_LANGUAGE),
    )
    sender = Sender(
        channel=MAIL,
        outbox=house.store,
        transport=transport,
        clock=Clock(time.monotonic, house.now),
        settings=SETTINGS,
    )
    if house.settings.database.startswith("sqlite"):
        await house.store.free_leases(MAIL)  # as for Telegram: one process sends from a file
    stopped = asyncio.Event()
    sending = asyncio.create_task(sender.run(stopped), name="the sender of e-mail")

    async def stop() -> None:
        stopped.set()
        await sending

    stack.push_async_callback(stop)
    return sending
