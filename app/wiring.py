"""Puts the parts together: which store, which understanding, which channels; the only file that builds them all."""

import asyncio
import contextlib
import errno
import os
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from app.settings import Settings
from app.shelf import Shelf, open_shelf, read_report
from app.talk_calendar import TalkCalendar
from app.talk_desk import opener
from app.talk_news import TalkNews
from app.talk_words import read_times, read_week
from bot.conversation import Conversations
from bot.meeting.meemaker_side import MeemakerSide
from bot.meeting.meetings import Meetings
from bot.meeting.post import Post
from bot.meeting.report_side import ReportSide
from bot.meeting.resident_side import ResidentSide
from bot.ports import Model
from bot.reception.reception import Reception
from bot.reminding import Reminders
from bot.texts.catalogue import Catalogue, load_catalogue
from domain.errors import DomainError
from domain.understanding import Expected, ExpectedKind, ModelParse
from nlu.deidentify import deidentify
from nlu.rasa_environment import Missing, Ready, find_environment, models_folder
from nlu.rasa_train import NotTrained, Trained, find_model
from nlu.rules.safety import warm_up
from nlu.understand import understand
from storage.base import Store
from storage.posting import DELIVERED_LATER
from storage.rotation import holds_secrets
from storage.store import open_store
from storage.vault import Vault, is_open_to_others

if TYPE_CHECKING:  # a start without the model does without their libraries
    from nlu.rasa_client import RasaClient
    from nlu.rasa_local import LocalRasa
    from nlu.rasa_server import RasaServer

log = structlog.get_logger()
LOOK_SECONDS = 5.0
"""How often servers are looked at, so that texts wait for none that is away."""
UPDATE_SECONDS = 30.0
"""How soon a model that was trained meanwhile is noticed."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    """A random name that says nothing: 120 bits, letters and digits."""
    return secrets.token_urlsafe(15).replace("-", "a").replace("_", "b")


@dataclass(slots=True)
class Understanding:
    """The model, if there is one: beside the app (`local`), or on servers elsewhere.

    `trouble` is the sentence that says why only the rules work; empty when the model is there or on its way.
    """

    client: "RasaClient | None" = None
    local: "LocalRasa | None" = None
    trouble: str = ""
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def server(self) -> "RasaServer | None":
        return self.local.server if self.local is not None else None

    @property
    def is_expected(self) -> bool:
        """Whether there should be a model, now or soon."""
        return self.client is not None

    @property
    def is_warm(self) -> bool:
        may_be_asked = self.client is not None and not self.client.open
        return may_be_asked and (self.server is None or self.server.is_serving)

    @property
    def says(self) -> str:
        return "full" if self.is_warm else "rules only"

    @property
    def is_starting(self) -> bool:
        return self.server is not None and self.server.is_starting

    async def start(self) -> None:
        """Begin, and look after it until `close`. Servers elsewhere are looked at once before this returns."""
        if self.client is None:
            return
        if self.local is not None:
            await self.local.start()
            self._tasks.append(asyncio.create_task(_again_and_again(self._update, UPDATE_SECONDS)))
        else:
            await self.client.look()
        self._tasks.append(asyncio.create_task(_again_and_again(self._look, LOOK_SECONDS)))

    async def parse(self, text: str) -> ModelParse | None:
        """Implements bot.ports.Model: nothing while the server warms up."""
        if self.client is None:
            return None
        if self.is_starting or (self.server is not None and not self.server.is_serving):
            self.client.pass_over()
            return None
        return await self.client.parse(text)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        if self.client is not None:
            await self.client.close()
        if self.local is not None:
            await self.local.stop()

    async def _look(self) -> None:
        if self.client is not None and (self.server is None or self.server.is_serving):
            await self.client.look()

    async def _update(self) -> None:
        if self.local is not None:
            await self.local.update()


async def _again_and_again(work: Callable[[], Awaitable[object]], seconds: float) -> None:
    """Until it is cancelled. What fails is tried again: without these looks nobody would notice a model that is back."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Exception as trouble:
            log.error("look_failed", error=type(trouble).__name__)


@dataclass(slots=True)
class House:
    """Everything that a running assistant consists of, apart from its channels."""

    settings: Settings
    store: Store
    vault: Vault
    shelf: Shelf
    catalogue: Catalogue
    understanding: Understanding
    now: Callable[[], datetime] = utc_now
    talk_news: TalkNews | None = field(init=False, default=None)
    reception: Reception = field(init=False)
    conversations: Conversations = field(init=False)
    reminders: Reminders = field(init=False)

    def __post_init__(self) -> None:
        model: Model | None = self.understanding if self.understanding.is_expected else None
        self.reception = Reception(
            hours=self.settings.opening_hours,
            catalogue=self.catalogue,
            form=self.shelf.current(),
            mail_to=self.settings.mail_to,
        )
        calendar = TalkCalendar(self.catalogue, self.settings.mail_from if self.settings.mail_server else "")
        post = Post(
            self.catalogue,
            invite=calendar.invite,
            by_mail=calendar.by_mail,
            mail_to=self.settings.mail_to,
            reminders_per_week=self.settings.reminders_per_week,
        )
        desk = opener(new_id, hours_to_choose=self.settings.hours_to_choose)
        report = read_report(cache=self.settings.form_cache)
        self.talk_news = TalkNews(self.store, desk, post)
        self.conversations = Conversations(
            store=self.store,
            shelf=self.shelf,
            understand=understand,
            model=model,
            catalogue=self.catalogue,
            new_id=new_id,
            deliver_later=DELIVERED_LATER,
            reception=self.reception,
            pieces=self.settings.pieces,
            deidentify=deidentify,
            meetings=Meetings(
                desk,
                post,
                ResidentSide(self.catalogue, post, read_times),
                MeemakerSide(post, read_week, read_times, ReportSide(self.shelf, report.form)),
            ),
        )
        self.reminders = Reminders(self.store, self.shelf, self.catalogue)


def prepare_understanding(settings: Settings, env: Mapping[str, str]) -> Understanding:
    """What is there to understand with; starts nothing yet."""
    if settings.rules_only:
        return Understanding(trouble="Rasa is switched off.")
    from nlu.rasa_client import RasaClient

    if settings.rasa_urls:
        client = RasaClient(settings.rasa_urls, settings.rasa_token, clock=time.monotonic, model="remote")
        return Understanding(client=client)
    environment, model = find_environment(env), find_model(models_folder(env))
    if isinstance(environment, Missing):
        return Understanding(trouble=environment.reason)
    if isinstance(model, NotTrained):
        return Understanding(trouble=model.reason)
    local = _local_rasa(settings, env, environment, model)
    return Understanding(client=local.client, local=local)


def _local_rasa(
    settings: Settings, env: Mapping[str, str], environment: Ready, model: Trained
) -> "LocalRasa":
    from nlu.rasa_client import RasaClient
    from nlu.rasa_local import LocalRasa, Offer
    from nlu.rasa_server import RasaServer

    token = secrets.token_urlsafe(24)
    rasa = settings.data.absolute() / "rasa"

    def offer(environment: Ready, model: Trained, work: Path) -> Offer:
        def make() -> RasaServer:
            work.mkdir(parents=True, exist_ok=True)
            return RasaServer(
                environment=environment,
                model=model.path,
                token=token,
                work=work,
                env=env,
                clock=time.monotonic,
            )

        return Offer(model.name, make)

    def find() -> Offer | None:
        environment, model = find_environment(env), find_model(models_folder(env))
        if isinstance(environment, Missing) or isinstance(model, NotTrained):
            return None
        return offer(environment, model, rasa / model.name)

    def client_for(server: RasaServer, model: str) -> RasaClient:
        return RasaClient([server.base_url], token, clock=time.monotonic, model=model)

    return LocalRasa(offer(environment, model, rasa), find, client_for)


def open_vault(settings: Settings) -> Vault:
    """Raises DomainError as Vault.open does, "data_folder" when the folder of the key cannot be made, and "no_kept_key"
    when the key is gone and the database needs it: a new one would not fit."""
    if not settings.key:
        with told_as_folder_trouble(settings.key_file.parent):
            settings.key_file.parent.mkdir(parents=True, exist_ok=True)
        if not settings.key_file.exists() and holds_secrets(settings.database):
            raise DomainError("no_kept_key", file=settings.key_file)
    return Vault.open(settings.key_file, settings.key or None)


@contextlib.contextmanager
def told_as_folder_trouble(folder: Path) -> Iterator[None]:
    """Trouble with a folder of ours as a DomainError: "no_disk" or "data_folder"."""
    try:
        yield
    except OSError as error:
        raise DomainError(
            "no_disk" if error.errno == errno.ENOSPC else "data_folder", folder=folder
        ) from error


async def _warm_rules() -> None:
    """Between the turns of whoever talks already."""
    for _ in warm_up():
        await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def open_house(
    settings: Settings,
    *,
    form: Path | None = None,
    say: Callable[[str], None] = lambda sentence: None,
    now: Callable[[], datetime] = utc_now,
) -> AsyncIterator[House]:
    """Opens the database and the forms, begins to warm up the model, and closes everything again at the end.

    Raises DomainError when something ordinary is in the way (see app.words).
    """
    async with contextlib.AsyncExitStack() as stack:
        vault = open_vault(settings)
        if vault.created:
            say(
                f"A new key was made: {settings.key_file}. "
                "Keep a copy in a safe place: without it names and chats are lost."
            )
        elif not settings.key and is_open_to_others(settings.key_file):
            say(
                f"Others on this machine can read the key file {settings.key_file}. "
                f"Run: chmod 600 {settings.key_file}"
            )
        with told_as_folder_trouble(settings.data):
            shelf = open_shelf(form, cache=settings.form_cache)
        store = open_store(settings.database, vault=vault, new_id=new_id)
        stack.push_async_callback(store.close)
        await shelf.join(store, now(), kept=settings.data / "forms")
        understanding = prepare_understanding(settings, os.environ)
        stack.push_async_callback(understanding.close)
        # The first text would wait for the rules' tables to be read; nobody should be that first one.
        understand("hallo", Expected(ExpectedKind.NONE), now=utc_now())
        warming = asyncio.create_task(_warm_rules())
        stack.callback(warming.cancel)
        await understanding.start()
        catalogue = load_catalogue().knowing(contact_days=str(settings.keep_days["contact"]))
        yield House(settings, store, vault, shelf, catalogue, understanding, now)
